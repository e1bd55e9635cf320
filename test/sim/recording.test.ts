// A whole conversation recorded: who is where in the file, and who is told of it.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { RecordedCall } from '../../src/session/call-recorder.ts';
import { type Session, startSession } from '../../src/session/session.ts';
import { StereoTimeline } from '../../src/telemetry/stereo-timeline.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const RATE_HZ = 16_000;

let clock: VirtualClock;
let room: TellingRoom;
let session: Session;
let startAtMs: number;
let timeline: StereoTimeline;
let taken: number[];

/** Keeps what was told of the agent. */
class TellingRoom extends SimRoom {
  readonly told: string[] = [];

  override setAttributes(attributes: Readonly<Record<string, string>>): void {
    this.told.push(...Object.entries(attributes).map(([name, value]) => `${name}=${value}`));
    super.setAttributes(attributes);
  }
}

beforeEach(() => {
  clock = new VirtualClock();
  room = new TellingRoom(clock);
  startAtMs = clock.nowMs();
  timeline = new StereoTimeline({ sampleRateHz: RATE_HZ, startAtMs });
  taken = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(20_000);
  expect(clock.pendingTimerCount).toBe(0);
});

async function begin(recording: RecordedCall | undefined): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, 'when do you open'),
      model: new SimModel(clock, () => 'At nine.'),
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent(),
    clock,
    log: silentLogger,
    recording,
  });
}

/** First and last loud sample of a channel, in milliseconds of the clock. */
function loud(offset: 0 | 1): readonly [number, number] {
  const channel = taken.filter((_, index) => index % 2 === offset).map((value) => Math.abs(value) > 1000);
  return [startAtMs + channel.indexOf(true) / 16, startAtMs + (channel.lastIndexOf(true) + 1) / 16];
}

it('has the caller left and the agent right, where they were, and says so before anybody is heard', async () => {
  await begin({
    caller: (samples, atMs) => timeline.put('left', samples, atMs),
    agent: (samples, sampleRateHz, atMs) => {
      expect(sampleRateHz).toBe(RATE_HZ);
      timeline.put('right', samples, atMs);
    },
  });
  const caller = new SimCaller(clock, room);
  const spokenFromMs = clock.nowMs();
  const audibleAtMs = (await caller.ask(1200)) ?? 0;
  await session.close();
  taken = [...timeline.takeAll(clock.nowMs())];

  expect(room.told.slice(0, 2)).toEqual(['repartee.recording=true', 'lk.agent.state=listening']);
  const [callerFromMs, callerToMs] = loud(0);
  // Nobody tells when it was captured: as it came, 10 ms later.
  expect(Math.abs(callerFromMs - spokenFromMs - 10)).toBeLessThan(1);
  expect(Math.abs(callerToMs - callerFromMs - 1200)).toBeLessThan(1);
  expect(Math.abs(loud(1)[0] - audibleAtMs)).toBeLessThan(20);
  expect(timeline.lostSamples).toBe(0);
});

it('is announced for as long as it lasts: one that fails midway is taken back at once', async () => {
  const failure = Promise.withResolvers<void>();
  await begin({ caller: () => undefined, agent: () => undefined, stopped: failure.promise });
  const caller = new SimCaller(clock, room);
  await caller.rest(500);
  expect(room.told.join(' ')).not.toMatch(/repartee.recording=( |$)/);
  failure.resolve();
  await caller.rest(20);
  expect(room.told).toContain('repartee.recording=');
});

it('is not announced where there is none', async () => {
  await begin(undefined);
  expect(room.told.join(' ')).not.toContain('recording');
});
