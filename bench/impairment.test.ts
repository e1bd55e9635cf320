import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../test/sim/virtual-clock.ts';
import { ImpairedLink, type Impairment } from './impairment.ts';

function setUp(impairment: Partial<Impairment> = {}, { seed = 7, capacity = 4096 } = {}) {
  const clock = new VirtualClock();
  const link = new ImpairedLink({ clock, seed, capacity });
  link.set(impairment);
  const arrivals: { readonly number: number; readonly afterMs: number }[] = [];
  const send = (number: number): void => {
    const sentAtMs = clock.nowMs();
    link.push(Uint8Array.of(number >> 8, number & 0xff), ([high = 0, low = 0]) => {
      arrivals.push({ number: (high << 8) | low, afterMs: clock.nowMs() - sentAtMs });
    });
  };
  /** Packets `from` to `from + count - 1`, one every 20 ms, and time for the last to arrive. */
  const stream = async (count: number, from = 0): Promise<void> => {
    for (let number = from; number < from + count; number += 1) {
      send(number);
      await clock.advance(20);
    }
  };
  const numbers = (): readonly number[] => arrivals.map(({ number }) => number);
  return { clock, link, arrivals, numbers, send, stream };
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe('a link without impairment', () => {
  it('passes each packet on in the call that brought it', () => {
    const { send, numbers, clock } = setUp();
    send(1);
    send(2);
    expect(numbers()).toEqual([1, 2]);
    expect(clock.pendingTimerCount).toBe(0);
  });
});

describe('an impaired link', () => {
  it('delays by the delay', async () => {
    const { stream, clock, arrivals } = setUp({ delayMs: 50 });
    await stream(10);
    await clock.advance(50);
    expect(arrivals).toEqual(upTo(10).map((number) => ({ number, afterMs: 50 })));
  });

  it('keeps the order under jitter', async () => {
    const { stream, clock, numbers, arrivals } = setUp({ delayMs: 10, jitterMs: 100 });
    await stream(200);
    await clock.advance(200);
    expect(numbers()).toEqual(upTo(200));
    expect(new Set(arrivals.map(({ afterMs }) => Math.round(afterMs))).size).toBeGreaterThan(20);
  });

  it('loses about the share that was asked for, and counts it', async () => {
    const { stream, link, numbers } = setUp({ lossRatio: 0.2 });
    await stream(2000);
    expect(numbers().length).toBeGreaterThan(1500);
    expect(numbers().length).toBeLessThan(1700);
    expect(link.stats).toMatchObject({ receivedCount: 2000, lostCount: 2000 - numbers().length });
  });

  it('duplicates', async () => {
    const { stream, numbers, link } = setUp({ duplicateRatio: 1 });
    await stream(3);
    expect(numbers()).toEqual([0, 0, 1, 1, 2, 2]);
    expect(link.stats.duplicatedCount).toBe(3);
  });

  it('lets reordered packets be overtaken, and loses none', async () => {
    const { stream, clock, numbers, link } = setUp({ reorderRatio: 0.1, reorderByMs: 50 });
    await stream(200);
    await clock.advance(100);
    expect(numbers()).not.toEqual(upTo(200));
    expect(numbers().toSorted((a, b) => a - b)).toEqual(upTo(200));
    expect(link.stats.reorderedCount).toBeGreaterThan(0);
  });

  it('changes one byte of a corrupted packet, and not the original', () => {
    const { link } = setUp({ corruptRatio: 1 });
    const original = Uint8Array.from({ length: 100 }, (_, index) => index);
    const received: Uint8Array[] = [];
    link.push(original, (payload) => received.push(payload));
    expect(original).toEqual(Uint8Array.from({ length: 100 }, (_, index) => index));
    const [payload = new Uint8Array()] = received;
    expect(payload.filter((byte, index) => byte !== original[index])).toHaveLength(1);
  });

  it('passes nothing while it drops all', () => {
    const { link, send, numbers } = setUp({ dropAll: true });
    send(1);
    link.set({ dropAll: false });
    send(2);
    expect(numbers()).toEqual([2]);
  });

  it('holds everything during a stall and then delivers it in one burst, in order', async () => {
    const { link, stream, clock, numbers, arrivals } = setUp({ delayMs: 30 });
    await stream(5);
    const stalledFrom = numbers().length;
    link.stall(300);
    await stream(14, 5);
    expect(numbers()).toHaveLength(stalledFrom);
    await clock.advance(20);
    await stream(5, 19);
    await clock.advance(30);
    expect(numbers()).toEqual(upTo(24));
    expect(arrivals.at(-1)?.afterMs).toBe(30);
  });

  it('refuses packets beyond its capacity', async () => {
    const { link, send, numbers, clock } = setUp({ delayMs: 1000 }, { capacity: 3 });
    for (const number of upTo(5)) send(number);
    await clock.advance(1000);
    expect(numbers()).toEqual([0, 1, 2]);
    expect(link.stats.overflowedCount).toBe(2);
  });

  it('delivers nothing once closed and leaves no timer', async () => {
    const { link, send, numbers, clock } = setUp({ delayMs: 10 });
    send(1);
    link.close();
    send(2);
    await clock.advance(100);
    expect(numbers()).toEqual([]);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('repeats a run with the same seed, whatever the settings', async () => {
    const ratio = fc.double({ min: 0, max: 0.5, noNaN: true });
    const impairments = fc.record({
      delayMs: fc.nat(100),
      jitterMs: fc.nat(100),
      lossRatio: ratio,
      duplicateRatio: ratio,
      reorderRatio: ratio,
      corruptRatio: ratio,
    });
    await fc.assert(
      fc.asyncProperty(impairments, fc.integer(), async (impairment, seed) => {
        const runs = [setUp(impairment, { seed }), setUp(impairment, { seed })];
        for (const { stream, clock } of runs) {
          await stream(30);
          await clock.advance(300);
        }
        const [first, second] = runs.map(({ arrivals }) => arrivals);
        expect(first).toEqual(second);
      }),
      { numRuns: 20 },
    );
  });

  it('accounts for every packet', async () => {
    const { stream, clock, link } = setUp({ lossRatio: 0.3, duplicateRatio: 0.3, jitterMs: 50, reorderRatio: 0.3 });
    await stream(300);
    await clock.advance(200);
    const { receivedCount, lostCount, duplicatedCount, deliveredCount } = link.stats;
    expect(receivedCount - lostCount + duplicatedCount).toBe(deliveredCount);
  });
});
