import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumedDurationTicks, concealmentToc, isDtxPayload, payloadDurationTicks } from './opus-payload.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function mode(toc: number): 'silk' | 'hybrid' | 'celt' {
  const config = toc >> 3;
  if (config < 12) return 'silk';
  return config < 16 ? 'hybrid' : 'celt';
}

describe('payloadDurationTicks', () => {
  it.each([
    ['SILK, 10 ms', [0 << 3], 480],
    ['SILK wideband, 20 ms', [9 << 3], 960],
    ['SILK, 60 ms', [3 << 3], 2880],
    ['hybrid, 20 ms', [15 << 3], 960],
    ['CELT, 2.5 ms', [16 << 3], 120],
    ['CELT fullband, 20 ms', [31 << 3], 960],
    ['two frames of 20 ms', [(31 << 3) | 1, 0, 0], 1920],
    ['three frames of 20 ms by count', [(31 << 3) | 3, 3], 2880],
    ['six frames of 20 ms', [(31 << 3) | 3, 6], 5760],
  ])('%s', (_name, payload, ticks) => {
    expect(payloadDurationTicks(bytes(...payload))).toBe(ticks);
  });

  it.each([
    ['nothing', []],
    ['a count that is missing', [(31 << 3) | 3]],
    ['a count of none', [(31 << 3) | 3, 0]],
    ['more than 120 ms', [(31 << 3) | 3, 7]],
  ])('refuses %s', (_name, payload) => {
    expect(payloadDurationTicks(bytes(...payload))).toBeUndefined();
    expect(assumedDurationTicks(bytes(...payload))).toBe(960);
  });
});

describe('concealmentToc', () => {
  it('is always one frame of 20 ms of the same mode', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (toc) => {
        const concealing = concealmentToc(toc);
        expect(payloadDurationTicks(bytes(concealing))).toBe(960);
        expect(mode(concealing)).toBe(mode(toc));
        expect(concealing & 0b100).toBe(toc & 0b100);
      }),
    );
  });
});

describe('isDtxPayload', () => {
  it('goes by the length', () => {
    expect([1, 2, 3, 4].map((length) => isDtxPayload(new Uint8Array(length)))).toEqual([true, true, true, false]);
  });
});
