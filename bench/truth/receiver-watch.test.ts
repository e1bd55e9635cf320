import { describe, expect, it } from 'vitest';

import { type Inbound, ReceiverWatch } from './receiver-watch.ts';

const EPOCH_MS = 1.76e12;
const seen = (packetCount: number, lastAtMs: number, delaySampleSeconds: number, emittedSamples: number): Inbound => ({
  packetCount,
  lastPacketEpochMs: EPOCH_MS + lastAtMs,
  delaySampleSeconds,
  emittedSamples,
});

describe('ReceiverWatch', () => {
  it('tells of the packets after a pause once some of them were played: how many, when the last came, how long they waited', () => {
    const watch = new ReceiverWatch();
    expect(watch.look(seen(10, 0, 100, 9600))).toBeUndefined();
    // Two came, none is played yet.
    expect(watch.look(seen(12, 420, 100, 9600))).toBeUndefined();
    expect(watch.look(seen(14, 460, 100 + 1920 * 0.03, 9600 + 1920))).toEqual([EPOCH_MS + 460, 4, expect.closeTo(30)]);
    expect(watch.look(seen(16, 500, 200, 9600 + 3840))).toBeUndefined();
  });

  it('takes packets that came between two looks for no pause', () => {
    const watch = new ReceiverWatch();
    watch.look(seen(10, 0, 100, 9600));
    expect(watch.look(seen(15, 104, 200, 14_400))).toBeUndefined();
  });
});
