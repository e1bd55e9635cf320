import { describe, expect, it } from 'vitest';

import { PlayedPackets } from './played-packets.ts';

/** A receiver that plays packets of 20 ms from `fromMs` on, looked at every `periodMs`. */
function play(packets: PlayedPackets, fromMs: number, count: number, periodMs: number, firstTimestamp = 1000): void {
  for (let now = fromMs; now < fromMs + count * 20 + periodMs; now += periodMs) {
    const block = Math.min(Math.floor((now - 1 - fromMs) / 10), count * 2 - 1);
    const played = { rtpTimestamp: (firstTimestamp + Math.floor(block / 2) * 960) >>> 0, epochMs: fromMs + block * 10 };
    packets.look(block < 0 ? undefined : played, now);
  }
}

describe('PlayedPackets', () => {
  it('tells the packets after a pause, each for 400 ms, then one each 100 ms, with the instant of its first block', () => {
    const packets = new PlayedPackets();
    packets.look(undefined, 4990);
    packets.look(undefined, 4998);
    play(packets, 5000, 32, 8);
    play(packets, 6000, 1, 8, 1000 + 48_000);
    const told = [...Array.from({ length: 20 }, (_, index) => index), 24, 29];
    expect(packets.take()).toEqual([
      ...told.map((packet) => [1000 + packet * 960, 5000 + packet * 20, 0]),
      [49_000, 6000, 0],
    ]);
    expect(packets.take()).toEqual([]);
  });

  it('says how much earlier it may have been where it looked too rarely', () => {
    const packets = new PlayedPackets();
    play(packets, 5000, 12, 30);
    expect(packets.take().every(([, , withinMs]) => withinMs === 10)).toBe(true);
  });

  it('goes on through the wrap of the timestamps', () => {
    const packets = new PlayedPackets();
    play(packets, 5000, 12, 8, 2 ** 32 - 2 * 960);
    const told = packets.take().map(([rtpTimestamp]) => rtpTimestamp);
    expect(told).toEqual([2 ** 32 - 1920, 2 ** 32 - 960, ...Array.from({ length: 10 }, (_, index) => index * 960)]);
  });

  it('keeps no more than a report takes', () => {
    const packets = new PlayedPackets();
    for (let index = 0; index < 500; index += 1) {
      packets.look({ rtpTimestamp: index * 48_000, epochMs: index * 1000 }, index * 1000 + 1);
    }
    expect(packets.take()).toHaveLength(100);
  });
});
