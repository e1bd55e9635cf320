import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { simulatedPacket } from '../../test/sim/packets.ts';
import { simCodec, simVoiceDetector } from '../../test/sim/stages.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { AudioFrame } from '../audio/frame.ts';
import { silentLogger } from '../lib/log.ts';
import { FRAME_MS, FRAME_TICKS } from '../rtp/packet.ts';
import { CallerAudio } from './caller-audio.ts';

interface Written {
  readonly atMs: number;
  readonly origin: AudioFrame['origin'];
  readonly timestamp: number;
}

/** One caller's audio in virtual time, everything counted from the arrival of packet 0 on a line that delays nothing. */
class Scene {
  readonly clock = new VirtualClock();
  readonly written: Written[] = [];
  readonly ticks: { readonly atMs: number; readonly timestamp: number }[] = [];
  readonly #firstSentAtMs: number;
  readonly audio = new CallerAudio({
    codec: simCodec,
    voice: simVoiceDetector(),
    write: ({ origin, timestamp }) => this.written.push({ atMs: this.nowMs, origin, timestamp }),
    onEvent: (event) => {
      if (event.type === 'tick') this.ticks.push({ atMs: this.nowMs, timestamp: event.timestamp });
    },
    clock: this.clock,
    log: silentLogger,
  });
  #packets = 0;

  /** `phaseMs`: how long the agent has been there when packet 0 arrives. */
  constructor(phaseMs = 107) {
    this.#firstSentAtMs = this.clock.nowMs() + phaseMs;
  }

  get nowMs(): number {
    return this.clock.nowMs() - this.#firstSentAtMs;
  }

  async until(atMs: number): Promise<void> {
    await this.clock.advance(Math.max(0, atMs - this.nowMs));
  }

  /** The packet of a frame arrives `delayMs` after its time; not at all where that is undefined. */
  async packet(frame: number, { delayMs = 0, dtx = false }: { delayMs?: number; dtx?: boolean } = {}): Promise<void> {
    const sent = simulatedPacket({ firstSentAtMs: this.#firstSentAtMs }, this.#packets, { frame, delayMs, dtx });
    this.#packets += 1;
    await this.until(frame * FRAME_MS + delayMs);
    this.audio.onPacket(sent);
  }

  lose(count: number): void {
    this.#packets += count;
  }

  async talk(frames: number): Promise<void> {
    for (let frame = 0; frame < frames; frame += 1) await this.packet(frame);
  }

  writtenAs(origin: AudioFrame['origin']): readonly Written[] {
    return this.written.filter((frame) => frame.origin === origin);
  }

  ticksAfter(atMs: number): readonly number[] {
    return this.ticks.filter((tick) => tick.atMs > atMs).map((tick) => tick.atMs);
  }
}

const distances = (instants: readonly number[]): readonly number[] =>
  instants.slice(1).map((atMs, index) => atMs - (instants[index] ?? 0));

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

afterEach(() => {
  scene.audio.close();
  expect(scene.clock.pendingTimerCount).toBe(0);
});

/** In most scenes the last packet is of frame 9 and arrives at 180 ms: its successor could come at 200 ms. */
const PHASES_MS = [100, 101, 105, 107, 111, 112, 113, 119];

describe('packets that flow', () => {
  it('are told to the turn engine as they arrive, and by nothing else', async () => {
    await scene.talk(50);
    const told = scene.ticks.filter(({ timestamp }) => timestamp > 0);
    expect(told.length).toBeGreaterThanOrEqual(49);
    const start = (scene.written[0]?.timestamp ?? 0) + FRAME_TICKS;
    for (const { atMs, timestamp } of told) expect(atMs).toBe(((timestamp - start) / FRAME_TICKS) * FRAME_MS);
  });

  it('are told within two frames, and time goes on, whatever the network does to them', async () => {
    const network = fc.array(
      fc.record({
        delayMs: fc.integer({ min: 0, max: 35 }),
        fate: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'dtx', 'lost'),
      }),
      { minLength: 5, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(network, fc.integer({ min: 0, max: 19 }), async (packets, phaseMs) => {
        const each = new Scene(100 + phaseMs);
        let notBeforeMs = 0;
        for (const [frame, { delayMs, fate }] of packets.entries()) {
          notBeforeMs = Math.max(notBeforeMs, frame * FRAME_MS + delayMs);
          if (fate === 'lost') each.lose(1);
          else await each.packet(frame, { delayMs: notBeforeMs - frame * FRAME_MS, dtx: fate === 'dtx' });
        }
        await each.clock.advance(1000);
        each.audio.close();
        for (const { atMs, timestamp } of each.written) {
          const told = each.ticks.find((tick) => tick.timestamp >= timestamp + FRAME_TICKS);
          expect((told?.atMs ?? Infinity) - atMs).toBeLessThanOrEqual(2 * FRAME_MS);
        }
        expect(Math.max(...distances(each.ticks.map(({ atMs }) => atMs)))).toBeLessThanOrEqual(3 * FRAME_MS);
        const steps = distances(each.written.map(({ timestamp }) => timestamp));
        expect(Math.min(...steps)).toBeGreaterThanOrEqual(FRAME_TICKS);
      }),
      { numRuns: 60 },
    );
  });

  it('late ones after a stall are fed at once, with no more silence among them', async () => {
    await scene.talk(10);
    await scene.until(1095);
    const before = scene.writtenAs('silence').length;
    for (let frame = 10; frame < 54; frame += 1) await scene.packet(frame, { delayMs: 1095 - frame * FRAME_MS });
    for (let frame = 54; frame < 80; frame += 1) await scene.packet(frame, { delayMs: 20 });
    expect(before).toBeGreaterThan(20);
    expect(scene.writtenAs('silence')).toHaveLength(before);
    expect(scene.writtenAs('received')).toHaveLength(80);
  });

  it('on a path that has become half a second longer: no silence among them', async () => {
    await scene.talk(10);
    for (let frame = 10; frame < 40; frame += 1) await scene.packet(frame, { delayMs: 500 });
    const firstLate = scene.written.findIndex(({ atMs, origin }) => atMs >= 700 && origin === 'received');
    expect(scene.written.slice(firstLate).map(({ origin }) => origin)).toEqual(Array(30).fill('received'));
  });
});

describe.each(PHASES_MS)('time goes on every 20 ms, packets having begun after %i ms,', (phaseMs) => {
  beforeEach(() => {
    scene.audio.close();
    scene = new Scene(phaseMs);
  });

  it('before the first packet', async () => {
    await scene.until(0);
    expect(scene.ticks).toHaveLength(Math.floor(phaseMs / FRAME_MS));
  });

  it('in DTX: silence in real time, from at most 70 ms after the packet that began it', async () => {
    await scene.talk(9);
    await scene.packet(9, { dtx: true });
    await scene.until(1000);
    const silences = scene.writtenAs('silence').map(({ atMs }) => atMs);
    expect(silences[0]).toBeGreaterThanOrEqual(180 + 50);
    expect(silences[0]).toBeLessThan(180 + 70);
    expect(new Set(distances(silences))).toEqual(new Set([FRAME_MS]));
    expect(silences.at(-1)).toBeGreaterThan(1000 - FRAME_MS);
    expect(scene.ticksAfter(180)[0]).toBeLessThanOrEqual(180 + FRAME_MS);
    expect(new Set(distances(scene.ticksAfter(180)))).toEqual(new Set([FRAME_MS]));
  });

  it.each([180, 181, 190, 199])('muted at %i ms: silence in real time', async (mutedAtMs) => {
    await scene.talk(10);
    await scene.until(mutedAtMs);
    scene.audio.onMuted(true);
    await scene.until(1000);
    const silences = scene.writtenAs('silence').map(({ atMs }) => atMs);
    expect(silences[0]).toBeGreaterThanOrEqual(200 + 30);
    expect(silences[0]).toBeLessThan(200 + 50);
    expect(new Set(distances(silences))).toEqual(new Set([FRAME_MS]));
    expect(scene.ticksAfter(mutedAtMs)[0]).toBeLessThanOrEqual(Math.max(mutedAtMs, 180 + FRAME_MS));
  });

  it('muted while audio of before still comes', async () => {
    await scene.talk(9);
    scene.audio.onMuted(true);
    for (let frame = 9; frame < 14; frame += 1) await scene.packet(frame, { delayMs: 7 });
    await scene.until(1000);
    expect(Math.max(...distances(scene.ticksAfter(160)))).toBeLessThanOrEqual(FRAME_MS);
    expect(scene.writtenAs('received')).toHaveLength(14);
  });

  it('muted while packets are overdue: told at once', async () => {
    await scene.talk(10);
    await scene.until(235);
    scene.audio.onMuted(true);
    await scene.until(270);
    expect(scene.ticksAfter(200)).toEqual([235, 240, 260]);
    expect(scene.writtenAs('silence').map(({ atMs }) => atMs)).toEqual([235, 260]);
  });

  it('in a stall: no silence for 400 ms, then in real time, but ticks for the deadlines of the engine', async () => {
    await scene.talk(10);
    await scene.until(1000);
    const silences = scene.writtenAs('silence').map(({ atMs }) => atMs);
    expect(silences[0]).toBeGreaterThanOrEqual(200 + 400);
    expect(silences[0]).toBeLessThan(200 + 400 + FRAME_MS);
    expect(new Set(distances(silences))).toEqual(new Set([FRAME_MS]));
    const ticks = scene.ticksAfter(180);
    expect(ticks[0]).toBeLessThanOrEqual(180 + 60);
    expect(new Set(distances(ticks))).toEqual(new Set([FRAME_MS]));
  });

  it('at a gap behind which the line is dead: concealed within a tick of the end of the wait', async () => {
    await scene.talk(10);
    scene.lose(1);
    await scene.packet(11);
    const waitMs = scene.audio.statistics.waitMs;
    await scene.until(1000);
    const [concealed] = scene.writtenAs('concealed');
    expect(concealed?.atMs).toBeGreaterThanOrEqual(220 + waitMs);
    expect(concealed?.atMs).toBeLessThan(220 + waitMs + FRAME_MS);
    expect(scene.ticksAfter(220)[0]).toBeLessThanOrEqual(220 + FRAME_MS);
    expect(new Set(distances(scene.ticksAfter(220)))).toEqual(new Set([FRAME_MS]));
  });

  it('at the second of two gaps when the first has been filled', async () => {
    await scene.talk(10);
    scene.lose(1);
    await scene.packet(11, { delayMs: 25 });
    scene.lose(1);
    await scene.packet(13);
    const filledAtMs = scene.nowMs + 5;
    await scene.until(filledAtMs);
    scene.audio.onPacket({ ...simulatedPacket({}, 10), arrivedAtMs: scene.clock.nowMs() });
    await scene.until(1000);
    const [concealed] = scene.writtenAs('concealed');
    expect(concealed?.atMs).toBeGreaterThan(filledAtMs);
    expect(concealed?.atMs).toBeLessThan(260 + scene.audio.statistics.waitMs + FRAME_MS);
    expect(scene.ticksAfter(260)[0]).toBeLessThanOrEqual(260 + FRAME_MS);
    expect(new Set(distances(scene.ticksAfter(260)))).toEqual(new Set([FRAME_MS]));
  });

  it('where what comes holds no audio', async () => {
    await scene.talk(10);
    const stray = { ...simulatedPacket({}, 9), sequenceNumber: 40_000 };
    for (let atMs = 190; atMs < 1000; atMs += 10) {
      await scene.until(atMs);
      scene.audio.onPacket({
        ...stray,
        sequenceNumber: stray.sequenceNumber + 7 * atMs,
        arrivedAtMs: scene.clock.nowMs(),
      });
    }
    expect(scene.audio.statistics.discarded).toBeGreaterThan(70);
    expect(scene.writtenAs('silence')[0]?.atMs).toBeLessThan(200 + 400 + FRAME_MS);
  });
});
