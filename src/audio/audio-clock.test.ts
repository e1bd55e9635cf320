import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulatedPacket } from '../../test/sim/packets.ts';
import type { JitterRelease } from '../jitter/jitter-buffer.ts';
import { assumedDurationTicks } from '../rtp/opus-payload.ts';
import { FRAME_MS, FRAME_TICKS, TICKS_PER_MS } from '../rtp/packet.ts';
import { AudioClock, type AudioStep } from './audio-clock.ts';

/** Timestamps of these tests start here, at the instant 1000 ms. */
const START = 10 * FRAME_TICKS;

interface PacketOptions {
  readonly delayMs?: number;
  readonly dtx?: boolean;
}

/** Drives a clock as the session does: releases as they come, and a tick every 20 ms, 10 ms after the frames. */
class Scene {
  readonly clock = new AudioClock();
  readonly steps: AudioStep[] = [];
  readonly largestCall = { steps: 0 };
  nowMs = 1000;
  #nextTickAtMs = 1010;
  #packets = 0;

  /** The packet of a frame, counted from the start of the scene, arriving `delayMs` after its time. */
  packet(frame: number, { delayMs = 0, dtx = false }: PacketOptions = {}): void {
    const packet = simulatedPacket({ firstSentAtMs: 1000 }, this.#packets, { frame, delayMs, dtx });
    this.#packets += 1;
    this.passUntil(packet.arrivedAtMs);
    this.release({
      type: 'packet',
      packet,
      extendedSequenceNumber: this.#packets,
      timestamp: START + frame * FRAME_TICKS,
    });
  }

  talk(fromFrame: number, frames: number, options?: PacketOptions): void {
    for (let frame = fromFrame; frame < fromFrame + frames; frame += 1) this.packet(frame, options);
  }

  lose(fromFrame: number, count: number): void {
    const timestamp = START + fromFrame * FRAME_TICKS;
    this.release({ type: 'lost', count, timestamp, untilTimestamp: timestamp + count * FRAME_TICKS });
  }

  release(release: JitterRelease): void {
    this.#take(this.clock.onRelease(release));
  }

  mute(muted: boolean, atMs = this.nowMs): void {
    this.passUntil(atMs);
    this.clock.setMuted(muted);
  }

  passUntil(untilMs: number): void {
    while (this.#nextTickAtMs <= untilMs) {
      this.nowMs = this.#nextTickAtMs;
      this.#take(this.clock.onTick(this.nowMs));
      this.#nextTickAtMs += FRAME_MS;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Skips ticks, as a blocked event loop does. */
  block(durationMs: number): void {
    this.nowMs += durationMs;
    this.#nextTickAtMs = this.nowMs;
  }

  count(type: AudioStep['type']): number {
    return this.steps.filter((step) => step.type === type).length;
  }

  /** Runs of equal steps: `decode 3, silence 20`. */
  get summary(): string {
    const runs: { type: string; count: number }[] = [];
    for (const { type } of this.steps) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    return runs.map(({ type, count }) => `${type} ${count}`).join(', ');
  }

  /** Where the written audio ends, in frames from the start of the scene. */
  get writtenFrames(): number {
    return (endOf(this.steps.at(-1)) - START) / FRAME_TICKS;
  }

  #take(steps: readonly AudioStep[]): void {
    this.largestCall.steps = Math.max(this.largestCall.steps, steps.length);
    this.steps.push(...steps);
  }
}

function endOf(step: AudioStep | undefined): number {
  if (step === undefined) return START;
  return step.timestamp + (step.type === 'decode' ? assumedDurationTicks(step.packet.payload) : FRAME_TICKS);
}

/** Steps that begin before the end of the one before them. */
function overlaps(steps: readonly AudioStep[]): number {
  return steps.filter((step, index) => index > 0 && step.timestamp < endOf(steps[index - 1])).length;
}

describe('AudioClock', () => {
  it('writes nothing before the first packet', () => {
    const scene = new Scene();
    scene.mute(true);
    scene.passUntil(5000);
    expect(scene.steps).toEqual([]);
    expect(scene.clock.state).toBe('waiting');
  });

  it('decodes what comes, at its own timestamp, and writes no silence in between', () => {
    const scene = new Scene();
    scene.talk(0, 50);
    expect(scene.steps.map((step) => step.timestamp)).toEqual(
      Array.from({ length: 50 }, (_, frame) => START + frame * FRAME_TICKS),
    );
    expect(scene.summary).toBe('decode 50');
    expect(scene.clock.state).toBe('flowing');
  });

  it('writes silence in real time between DTX packets, and speech goes on at its true place', () => {
    const scene = new Scene();
    scene.talk(0, 10);
    for (const frame of [10, 30, 50]) scene.packet(frame, { dtx: true });
    expect(scene.clock.state).toBe('dtx');
    scene.talk(55, 5, { delayMs: 8 });
    expect(scene.count('decode')).toBe(18);
    expect(scene.writtenFrames).toBe(60);
    expect(scene.clock.displacementTicks).toBe(0);
    expect(scene.steps.at(-5)?.timestamp).toBe(START + 55 * FRAME_TICKS);
  });

  it('is never more than a frame and the guard behind real time in DTX', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.packet(5, { dtx: true });
    for (let frame = 8; frame < 25; frame += 1) {
      scene.passUntil(1000 + frame * FRAME_MS);
      const behindMs = (frame - scene.writtenFrames) * FRAME_MS;
      expect(behindMs).toBeGreaterThanOrEqual(0);
      expect(behindMs).toBeLessThanOrEqual(50);
    }
  });

  it('is silent in a mute, whether it is signalled before or after the last audio', () => {
    for (const signalAtMs of [1000 + 170, 1000 + 260]) {
      const scene = new Scene();
      scene.talk(0, 8);
      if (signalAtMs < 1200) scene.mute(true, signalAtMs);
      scene.talk(8, 3, { delayMs: 15 });
      if (signalAtMs >= 1200) scene.mute(true, signalAtMs);
      scene.passUntil(3000);
      expect(scene.clock.state).toBe('muted');
      expect(scene.count('decode')).toBe(11);
      expect(scene.writtenFrames).toBeGreaterThan(96);
      expect(scene.writtenFrames).toBeLessThanOrEqual(100);
      expect(overlaps(scene.steps)).toBe(0);
    }
  });

  it('decodes packets that keep coming in a mute', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.mute(true);
    scene.talk(5, 20);
    expect(scene.summary).toBe('decode 25');
    expect(scene.clock.state).toBe('muted');
  });

  it('stays silent after the end of a mute until the microphone is heard', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.mute(true);
    scene.passUntil(2000);
    scene.mute(false);
    scene.passUntil(2600);
    expect(scene.clock.state).toBe('dtx');
    expect(scene.writtenFrames).toBeGreaterThan(76);
    scene.talk(90, 2);
    expect(scene.clock.state).toBe('flowing');
    expect(scene.writtenFrames).toBe(92);
  });

  it('lets time stand still in a stall and decodes the burst at once, in order: no pause is made of it', () => {
    const scene = new Scene();
    scene.talk(0, 20);
    scene.passUntil(1000 + 20 * FRAME_MS + 300);
    expect(scene.clock.state).toBe('stalled');
    for (let frame = 20; frame < 35; frame += 1) scene.packet(frame, { delayMs: 300 - (frame - 20) * FRAME_MS });
    scene.talk(35, 5);
    expect(scene.summary).toBe('decode 40');
    expect(scene.clock.state).toBe('flowing');
  });

  it('takes the caller for lost after 400 ms and lets time go on', () => {
    const scene = new Scene();
    scene.talk(0, 20);
    scene.passUntil(1000 + 20 * FRAME_MS + 395);
    expect(scene.summary).toBe('decode 20');
    scene.passUntil(1000 + 20 * FRAME_MS + 1400);
    expect(scene.clock.state).toBe('lost');
    expect(scene.count('silence')).toBeGreaterThanOrEqual(50);
    expect(scene.count('silence')).toBeLessThanOrEqual(51);
  });

  it('still decodes a burst that comes after the caller seemed lost, and the next pause makes up for the silence', () => {
    const scene = new Scene();
    scene.talk(0, 20);
    for (let frame = 20; frame < 60; frame += 1) scene.packet(frame, { delayMs: 800 - (frame - 20) * FRAME_MS });
    expect(scene.count('decode')).toBe(60);
    expect(overlaps(scene.steps)).toBe(0);
    expect(scene.clock.displacementTicks).toBeGreaterThan(300 * TICKS_PER_MS);
    for (let frame = 60; frame < 800; frame += 20) scene.packet(frame, { dtx: true });
    expect(scene.clock.displacementTicks).toBe(0);
  });

  it('notices a pause that follows a displaced burst without delay', () => {
    const scene = new Scene();
    scene.talk(0, 20);
    for (let frame = 20; frame < 60; frame += 1) scene.packet(frame, { delayMs: 800 - (frame - 20) * FRAME_MS });
    scene.packet(60, { dtx: true });
    const silenceBefore = scene.count('silence');
    scene.passUntil(1000 + 60 * FRAME_MS + 200);
    expect(scene.count('silence') - silenceBefore).toBeGreaterThanOrEqual(7);
  });

  it('conceals a short loss, and makes silence of the rest of a long one', () => {
    const short = new Scene();
    short.talk(0, 10);
    short.lose(10, 2);
    short.packet(12);
    expect(short.summary).toBe('decode 10, conceal 2, decode 1');
    const long = new Scene();
    long.talk(0, 10);
    long.lose(10, 12);
    long.packet(22);
    expect(long.summary).toBe('decode 10, conceal 5, silence 7, decode 1');
    expect(long.writtenFrames).toBe(23);
  });

  it('has nothing to conceal where DTX packets were lost', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.packet(5, { dtx: true });
    scene.passUntil(1000 + 45 * FRAME_MS);
    scene.release({
      type: 'lost',
      count: 1,
      timestamp: START + 6 * FRAME_TICKS,
      untilTimestamp: START + 45 * FRAME_TICKS,
    });
    scene.packet(45, { dtx: true });
    expect(scene.count('conceal')).toBe(0);
    expect(scene.writtenFrames).toBe(46);
  });

  it('does bounded work for any jump: it steps over the rest', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.packet(505, { delayMs: -9000 });
    expect(scene.largestCall.steps).toBe(26);
    expect(scene.writtenFrames).toBe(506);
  });

  it('catches up in several ticks after the event loop was blocked', () => {
    const scene = new Scene();
    scene.talk(0, 5);
    scene.mute(true);
    scene.block(10_000);
    scene.passUntil(scene.nowMs + 2000);
    expect(scene.largestCall.steps).toBe(25);
    expect(1000 + scene.writtenFrames * FRAME_MS).toBeGreaterThan(scene.nowMs - 60);
  });

  it('goes by the new arrival times after a reset', () => {
    const scene = new Scene();
    scene.talk(0, 10);
    scene.packet(10, { dtx: true });
    scene.passUntil(2000);
    scene.release({ type: 'reset' });
    scene.packet(60, { delayMs: 100, dtx: true });
    scene.passUntil(2300 + 45);
    expect(scene.writtenFrames).toBeLessThanOrEqual(61);
  });
});

type Segment =
  | { readonly type: 'talk'; readonly frames: number; readonly jitterMs: number }
  | { readonly type: 'dtx'; readonly packets: number }
  | { readonly type: 'mute'; readonly frames: number; readonly signalled: boolean }
  | { readonly type: 'stall'; readonly frames: number }
  | { readonly type: 'loss'; readonly count: number };

const segments = (longestStall: number): fc.Arbitrary<Segment[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant('talk' as const),
        frames: fc.integer({ min: 1, max: 60 }),
        jitterMs: fc.integer({ min: 0, max: 25 }),
      }),
      fc.record({ type: fc.constant('dtx' as const), packets: fc.integer({ min: 1, max: 4 }) }),
      fc.record({
        type: fc.constant('mute' as const),
        frames: fc.integer({ min: 1, max: 80 }),
        signalled: fc.boolean(),
      }),
      fc.record({ type: fc.constant('stall' as const), frames: fc.integer({ min: 1, max: longestStall }) }),
      fc.record({ type: fc.constant('loss' as const), count: fc.integer({ min: 1, max: 40 }) }),
    ),
    { maxLength: 25 },
  );

/** Plays the segments one after another; returns how many packets were sent. */
function play(scene: Scene, schedule: readonly Segment[]): number {
  let frame = 0;
  let sent = 0;
  const send = (options?: PacketOptions): void => {
    scene.packet(frame, options);
    frame += 1;
    sent += 1;
  };
  send();
  for (const segment of schedule) {
    switch (segment.type) {
      case 'talk':
        for (let n = 0; n < segment.frames; n += 1) send({ delayMs: (n * 7) % (segment.jitterMs + 1) });
        break;
      case 'dtx':
        for (let n = 0; n < segment.packets; n += 1) {
          send({ dtx: true });
          frame += 19;
        }
        break;
      case 'mute':
        if (segment.signalled) scene.mute(true);
        frame += segment.frames;
        if (segment.signalled) scene.mute(false, 1000 + frame * FRAME_MS);
        break;
      case 'stall':
        // It begins in speech: where nothing was to come, nothing is missed.
        send();
        for (let n = 0; n < segment.frames; n += 1) send({ delayMs: (segment.frames - n) * FRAME_MS });
        break;
      case 'loss':
        scene.passUntil(1000 + (frame + segment.count) * FRAME_MS);
        scene.lose(frame, segment.count);
        frame += segment.count;
        send();
        break;
    }
  }
  return sent;
}

describe('AudioClock, on any schedule', () => {
  it('never goes back, decodes every packet, and does bounded work in each call', () => {
    fc.assert(
      fc.property(segments(150), (schedule) => {
        const scene = new Scene();
        const sent = play(scene, schedule);
        expect(overlaps(scene.steps)).toBe(0);
        expect(scene.count('decode')).toBe(sent);
        expect(scene.largestCall.steps).toBeLessThanOrEqual(26);
        expect(scene.clock.displacementTicks).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it('never runs ahead of real time by more than what a late burst had to be moved', () => {
    fc.assert(
      fc.property(segments(150), (schedule) => {
        const scene = new Scene();
        play(scene, schedule);
        const writtenMs = scene.writtenFrames * FRAME_MS - scene.clock.displacementTicks / TICKS_PER_MS;
        expect(writtenMs).toBeLessThanOrEqual(scene.nowMs - 1000 + FRAME_MS + 1);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every packet in its true place as long as stalls stay below the limit', () => {
    fc.assert(
      fc.property(segments(18), (schedule) => {
        const scene = new Scene();
        play(
          scene,
          schedule.filter((segment) => segment.type !== 'mute' || segment.signalled),
        );
        expect(scene.clock.displacementTicks).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
