import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { FRAME_MS } from '../rtp/packet.ts';
import { AudioTicker } from './audio-ticker.ts';

interface Tick {
  readonly atMs: number;
  readonly by: 'packet' | 'time';
}

/** A ticker and all its ticks, since the start of the scene. */
class Scene {
  readonly clock = new VirtualClock();
  readonly ticks: Tick[] = [];
  readonly ticker = new AudioTicker(this.clock, () => this.#note('time'));
  readonly #startAtMs = this.clock.nowMs();

  packet(): void {
    if (this.ticker.ride()) this.#note('packet');
  }

  /** A packet every `everyMs`, the first one now. */
  async flow(packets: number, everyMs = FRAME_MS): Promise<void> {
    for (let packet = 0; packet < packets; packet += 1) {
      if (packet > 0) await this.clock.advance(everyMs);
      this.packet();
    }
  }

  timesOf(by: Tick['by']): readonly number[] {
    return this.ticks.filter((tick) => tick.by === by).map(({ atMs }) => atMs);
  }

  #note(by: Tick['by']): void {
    this.ticks.push({ atMs: this.clock.nowMs() - this.#startAtMs, by });
  }
}

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

describe('the tick of audio time', () => {
  it('is there before the first packet', async () => {
    await scene.clock.advance(100);
    expect(scene.timesOf('time')).toEqual([20, 40, 60, 80, 100]);
  });

  it.each([0, 1, 5, 11, 12, 19])('rides on packets that begin %i ms after one', async (phaseMs) => {
    await scene.clock.advance(100 + phaseMs);
    await scene.flow(50);
    expect(scene.timesOf('time')).toEqual([20, 40, 60, 80, 100]);
    expect(scene.timesOf('packet').length).toBeGreaterThanOrEqual(49);
  });

  it('goes on by itself 60 ms after the last packet, and stops when packets come again', async () => {
    await scene.clock.advance(15);
    await scene.flow(3);
    await scene.clock.advance(105);
    await scene.flow(10);
    expect(scene.timesOf('packet').slice(0, 4)).toEqual([15, 35, 55, 180]);
    expect(scene.timesOf('time')).toEqual([115, 135, 155]);
  });

  it('is one for a burst', async () => {
    await scene.clock.advance(15);
    await scene.flow(10, 1);
    expect(scene.ticks).toEqual([{ atMs: 15, by: 'packet' }]);
    await scene.clock.advance(40);
    expect(scene.timesOf('time')).toEqual([55]);
  });

  it('keeps to 20 ms from the last one where no packet need come, late or not', async () => {
    await scene.clock.advance(15);
    await scene.flow(2);
    await scene.clock.advance(5);
    scene.ticker.keepTime();
    await scene.clock.advance(40);
    expect(scene.timesOf('time')).toEqual([55, 75]);
    await scene.clock.advance(14);
    scene.packet();
    await scene.clock.advance(50);
    scene.ticker.keepTime();
    await scene.clock.advance(30);
    expect(scene.timesOf('packet').at(-1)).toBe(94);
    expect(scene.timesOf('time')).toEqual([55, 75, 144, 154, 174]);
  });

  it('has ended with `stop`, whatever comes', async () => {
    await scene.flow(3);
    scene.ticker.stop();
    scene.packet();
    scene.ticker.keepTime();
    expect(scene.clock.pendingTimerCount).toBe(0);
  });

  it('follows each packet within 40 ms, and the tick before within 60, however they come', async () => {
    const gapsMs = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 45 }), fc.constant(20), fc.integer({ max: 500, min: 0 })),
    );
    await fc.assert(
      fc.asyncProperty(gapsMs, async (gaps) => {
        const each = new Scene();
        const packetsAtMs: number[] = [];
        let atMs = 0;
        for (const gapMs of gaps) {
          await each.clock.advance(gapMs);
          atMs += gapMs;
          packetsAtMs.push(atMs);
          each.packet();
        }
        await each.clock.advance(100);
        const ticks = each.ticks.map((tick) => tick.atMs);
        for (const packetAtMs of packetsAtMs) {
          const toldAtMs = ticks.find((tickAtMs) => tickAtMs >= packetAtMs);
          expect((toldAtMs ?? Infinity) - packetAtMs).toBeLessThanOrEqual(40);
        }
        for (const [index, tickAtMs] of ticks.entries()) {
          const distanceMs = tickAtMs - (ticks[index - 1] ?? 0);
          expect(distanceMs).toBeLessThanOrEqual(60);
          expect(distanceMs).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
