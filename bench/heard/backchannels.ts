// Sounds that want no answer, of 150 to 450 ms, into long replies: whether they end the reply, the longest hole that they leave
// at the caller's ear, and whether it goes on at the beginning of the broken word.

import { setTimeout as pass } from 'node:timers/promises';
import { systemClock } from '../../src/lib/clock.ts';
import { durationMs } from '../../test/e2e/pcm.ts';
import { Random } from '../turns/random.ts';
import type { BriefSound } from './brief-sounds.ts';
import { turnCount, withCall } from './call.ts';
import type { Call, CallOptions } from './call.ts';
import { holes, listen } from './ear.ts';
import type { Hole } from './ear.ts';
import { codedVoice } from './long-reply.ts';
import { heardAs, spoken } from './speech.ts';
import type { Utterance } from './speech.ts';

/** What follows so soon may be of the sound's making. */
const AFTERMATH_MS = 2000;
/** Longer than what a receiver conceals. */
const HOLE_MS = 20;
const HEARD_HOLE_MS = 100;

export interface Disturbance {
  readonly sound: BriefSound;
  readonly ended: boolean;
  /** Longest first. */
  readonly holes: readonly Hole[];
  readonly answered: boolean;
}

export async function disturb(sounds: readonly BriefSound[], options: CallOptions): Promise<readonly Disturbance[]> {
  const opening = await spoken([{ text: 'tell me about your restaurant', pauseMs: 0 }]);
  const random = new Random('backchannels');
  return await withCall(options, async (call) => {
    const observed: Disturbance[] = [];
    let overAtMs = -Infinity;
    for (const sound of sounds) {
      // With time left for the sound and what comes of it.
      if (systemClock.nowMs() > overAtMs - AFTERMATH_MS - 1500) overAtMs = await beginReply(call, opening);
      await pass(random.between(300, 700));
      const one = await disturbOnce(call, sound);
      observed.push(one);
      if (one.ended || one.answered) overAtMs = -Infinity;
    }
    return observed;
  });
}

/** Roughly when the reply will be over. */
async function beginReply(call: Call, opening: Utterance): Promise<number> {
  const { heard } = call.caller;
  while (heard.isAudible(500)) await pass(100);
  const { endAtMs } = await call.say(opening);
  const audibleAtMs = await heard.waitForSound({ after: endAtMs });
  await pass(600);
  return audibleAtMs + codedVoice.lengthMs;
}

async function disturbOnce(call: Call, sound: BriefSound): Promise<Disturbance> {
  const { caller } = call;
  const reportsBefore = caller.turnReports.length;
  const turnsBefore = turnCount(caller);
  const { onsetAtMs } = await call.say(heardAs(sound.heardAs, sound.sound));
  await pass(onsetAtMs + durationMs(sound.sound) + AFTERMATH_MS - systemClock.nowMs());
  const windows = listen(caller.heard.windowsSince(onsetAtMs), codedVoice, caller.heard.sampleRateHz);
  const ended = caller.turnReports.slice(reportsBefore).some(({ value }) => value.heardText !== undefined);
  return {
    sound,
    ended,
    holes: holes(windows, HOLE_MS, codedVoice).toSorted((one, other) => other.ms - one.ms),
    answered: turnCount(caller) > turnsBefore,
  };
}

export function backchannelLines(observed: readonly Disturbance[]): string[] {
  const kinds = ['human', 'synthetic', 'cough'] as const;
  const lines = kinds.map((kind) =>
    line(
      kind,
      observed.filter(({ sound }) => sound.kind === kind),
    ),
  );
  return [
    `${''.padEnd(12)}   n  ended  hole > 100 ms, or ended  longest hole  resumed at the word  answered`,
    ...lines,
    line('all', observed),
  ];
}

function line(name: string, some: readonly Disturbance[]): string {
  const longest = some.flatMap(({ holes: [first], ended }) => (ended ? [] : (first ?? [])));
  const heard = some.filter(({ ended, holes: [first] }) => ended || (first?.ms ?? 0) > HEARD_HOLE_MS);
  const resumed = longest.filter(({ resumedAtWord }) => resumedAtWord);
  return [
    name.padEnd(12),
    String(some.length).padStart(4),
    String(some.filter(({ ended }) => ended).length).padStart(7),
    String(heard.length).padStart(25),
    `${Math.max(0, ...longest.map(({ ms }) => ms))} ms`.padStart(14),
    `${resumed.length}/${longest.length}`.padStart(21),
    String(some.filter(({ answered }) => answered).length).padStart(10),
  ].join('');
}

export function soundLines(observed: readonly Disturbance[]): string[] {
  return observed.map(({ sound, ended, holes: [hole], answered }) => {
    const resumed = hole === undefined ? '' : hole.resumedAtWord ? ', resumed at the word' : ', resumed in mid-word';
    const what = ended ? 'ended' : hole === undefined ? 'no hole' : `${hole.ms} ms${resumed}`;
    const length = `${durationMs(sound.sound).toFixed(0)} ms`.padStart(7);
    const taken = sound.heardAs === '' ? '' : `, heard as "${sound.heardAs}"`;
    return `${length}  ${what}${answered ? ', answered' : ''}: ${sound.name}${taken}`;
  });
}
