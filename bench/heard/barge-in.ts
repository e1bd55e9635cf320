// Interruptions by three words and more: from the caller's first speech sample into their track until the reply is lowered, and
// silent for good, at their ear, and until model and voice are cancelled at the services.

import { createVoiceDetector } from '../../src/audio/voice-activity.ts';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { FRAME_TICKS } from '../../src/rtp/packet.ts';
import { setTimeout as pass } from 'node:timers/promises';
import { percentile } from '../statistics.ts';
import { Random } from '../turns/random.ts';
import { withCall } from './call.ts';
import type { Call, CallOptions } from './call.ts';
import { listen, loudnessDbfs, loweredAtMs, silencedAtMs } from './ear.ts';
import { codedVoice } from './long-reply.ts';
import { spoken } from './speech.ts';
import type { Utterance } from './speech.ts';

const OPENING = 'tell me about your restaurant';
const INTERRUPTIONS = [
  'no that is not what i meant',
  'sorry can you say that again',
  'hold on i have another question',
  'stop i know that already',
  'how much does it cost',
  'wait a moment please',
  'can we go back to the price',
  'actually i need a table for ten',
];

/** Milliseconds from the first speech sample; undefined where it never happened. */
export interface Interruption {
  readonly text: string;
  /** What the detector of voice takes by itself, on the same samples without a network. */
  readonly voiceDetectedMs: number | undefined;
  readonly loweredMs: number;
  readonly silencedMs: number;
  /** The agent's word that it has stopped, as it came to the caller. */
  readonly stopToldMs: number | undefined;
  readonly modelCancelledMs: number | undefined;
  readonly voiceCancelledMs: number | undefined;
}

export async function interrupt(count: number, options: CallOptions): Promise<readonly Interruption[]> {
  const opening = await spoken([{ text: OPENING, pauseMs: 0 }]);
  const interruptions = await Promise.all(INTERRUPTIONS.map(async (text) => await spoken([{ text, pauseMs: 0 }])));
  const random = new Random('interruptions');
  return await withCall(options, async (call) => {
    const observed: Interruption[] = [];
    let { endAtMs } = await call.say(opening);
    for (let index = 0; index < count; index += 1) {
      const utterance = interruptions[index % interruptions.length];
      if (utterance === undefined) break;
      const heardAtMs = await call.caller.heard.waitForSound({ after: endAtMs });
      await pass(heardAtMs + random.between(900, 1900) - systemClock.nowMs());
      const one = await interruptOnce(call, utterance);
      observed.push(one.interruption);
      ({ endAtMs } = one);
    }
    return observed;
  });
}

async function interruptOnce(
  call: Call,
  utterance: Utterance,
): Promise<{ readonly interruption: Interruption; readonly endAtMs: number }> {
  const { caller } = call;
  const reportsBefore = caller.turnReports.length;
  const cancelled = call.upstream();
  const { onsetAtMs, endAtMs } = await call.say(utterance);
  // The last of what was on its way to the ear.
  await pass(200);
  const windows = listen(caller.heard.windowsSince(onsetAtMs - 1000), codedVoice, caller.heard.sampleRateHz).filter(
    ({ atMs }) => atMs <= endAtMs + 100,
  );
  const fullDbfs = loudnessDbfs(windows.filter(({ atMs }) => atMs < onsetAtMs));
  const stop = caller.turnReports.slice(reportsBefore).find(({ value }) => value.heardText !== undefined);
  const { modelAtMs, voiceAtMs } = await cancelled;
  const since = (atMs: number | undefined): number | undefined => (atMs === undefined ? undefined : atMs - onsetAtMs);
  return {
    endAtMs,
    interruption: {
      text: utterance.text,
      voiceDetectedMs: detectionMs(utterance),
      loweredMs: loweredAtMs(windows, onsetAtMs, fullDbfs) - onsetAtMs,
      silencedMs: silencedAtMs(windows, onsetAtMs) - onsetAtMs,
      stopToldMs: since(stop?.atMs),
      modelCancelledMs: since(modelAtMs),
      voiceCancelledMs: since(voiceAtMs),
    },
  };
}

const FRAME_SAMPLES = LISTENING_RATE_HZ / 50;

/** After a second of silence; the end of the frame with which the voice is known, from the first speech sample. */
function detectionMs({ speech, leadingQuietMs }: Utterance): number | undefined {
  const detector = createVoiceDetector();
  const silentFrames = 50;
  for (let frame = 0; (frame - silentFrames) * FRAME_SAMPLES < speech.samples.length; frame += 1) {
    const samples = new Int16Array(FRAME_SAMPLES);
    if (frame >= silentFrames) {
      const start = (frame - silentFrames) * FRAME_SAMPLES;
      samples.set(speech.samples.subarray(start, start + FRAME_SAMPLES));
    }
    const events = detector.process({ samples, timestamp: frame * FRAME_TICKS, origin: 'received', arrivedAtMs: 0 });
    if (events.length > 0) return (frame + 1 - silentFrames) * 20 - leadingQuietMs;
  }
  return undefined;
}

export function bargeInLines(observed: readonly Interruption[]): string[] {
  const line = (name: string, pick: (one: Interruption) => number | undefined): string => {
    const values = observed.flatMap((one) => pick(one) ?? []);
    const figures = [0.5, 0.95, 1].map((ratio) => percentile(values, ratio).toFixed(0).padStart(6)).join('');
    return `${name.padEnd(44)}${String(values.length).padStart(4)}${figures}`;
  };
  return [
    `${'ms from the first speech sample'.padEnd(44)}${'n'.padStart(4)}   P50   P95   max`,
    line('voice detected, on the samples themselves', ({ voiceDetectedMs }) => voiceDetectedMs),
    line('lowered by 12 dB, at the ear', ({ loweredMs }) => loweredMs),
    line('below −40 dBFS for good, at the ear', ({ silencedMs }) => silencedMs),
    line('the agent says that it has stopped', ({ stopToldMs }) => stopToldMs),
    line('model cancelled, at the service', ({ modelCancelledMs }) => modelCancelledMs),
    line('voice cancelled, at the service', ({ voiceCancelledMs }) => voiceCancelledMs),
    line('later of the two after the agent says so', latencyOfCancelling),
  ];
}

function latencyOfCancelling({ stopToldMs, modelCancelledMs, voiceCancelledMs }: Interruption): number | undefined {
  const cancelled = [modelCancelledMs, voiceCancelledMs].flatMap((ms) => ms ?? []);
  return stopToldMs === undefined || cancelled.length === 0 ? undefined : Math.max(...cancelled) - stopToldMs;
}

function cell(ms: number | undefined): string {
  return (ms === undefined ? '–' : ms.toFixed(0)).padStart(6);
}

export function traceLines(observed: readonly Interruption[]): string[] {
  return [
    'voice lower silent  told  model  TTS',
    ...observed.map(
      (one) =>
        `${cell(one.voiceDetectedMs)}${cell(one.loweredMs)}${cell(one.silencedMs)}${cell(one.stopToldMs)}` +
        `${cell(one.modelCancelledMs)}${cell(one.voiceCancelledMs)}  ${one.text}`,
    ),
  ];
}
