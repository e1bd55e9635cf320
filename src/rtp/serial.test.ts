import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SerialBits, SerialUnwrapper, serialDistance, wrapSerial } from './serial.ts';

const widths = fc.constantFrom<SerialBits>(16, 32);
/** Starts at which wrap mistakes show: the beginning, shortly before the wrap of 16 and of 32 bits, and half way. */
const starts = fc.constantFrom(0, 1, 32_767, 32_768, 65_530, 65_535, 2 ** 31, 2 ** 32 - 6, 2 ** 32 - 1);

describe('serialDistance', () => {
  it.each([
    [65_535, 0, 16, 1],
    [0, 65_535, 16, -1],
    [65_530, 4, 16, 10],
    [7, 7, 16, 0],
    [0, 32_767, 16, 32_767],
    [0, 32_768, 16, -32_768],
    [2 ** 32 - 960, 0, 32, 960],
    [0, 2 ** 32 - 960, 32, -960],
    [0, 2 ** 31 - 1, 32, 2 ** 31 - 1],
  ] as const)('from %i to %i at %i bits is %i', (from, to, bits, distance) => {
    expect(serialDistance(from, to, bits)).toBe(distance);
  });

  it('is undone by adding it', () => {
    fc.assert(
      fc.property(widths, fc.nat(), fc.nat(), (bits, a, b) => {
        const from = wrapSerial(a, bits);
        const to = wrapSerial(b, bits);
        expect(wrapSerial(from + serialDistance(from, to, bits), bits)).toBe(to);
      }),
    );
  });
});

describe('SerialUnwrapper', () => {
  it('counts on through the wrap', () => {
    const unwrapper = new SerialUnwrapper(16);
    expect([65_534, 65_535, 0, 1].map((value) => unwrapper.unwrap(value) - 65_536)).toEqual([
      65_534, 65_535, 65_536, 65_537,
    ]);
  });

  it('places a reordered value before the wrap, even when it comes right after the first one', () => {
    const unwrapper = new SerialUnwrapper(16);
    expect([3, 65_530, 4].map((value) => unwrapper.unwrap(value))).toEqual([65_539, 65_530, 65_540]);
  });

  it('takes no note of a value that was only looked at', () => {
    const unwrapper = new SerialUnwrapper(16);
    unwrapper.unwrap(10);
    expect(unwrapper.peek(20_000)).toBe(65_536 + 20_000);
    expect(unwrapper.highest).toBe(65_546);
  });

  it('keeps distances, order and residue for any steps below half the circle, from any start', () => {
    fc.assert(
      fc.property(
        widths,
        starts,
        fc.array(fc.double({ min: -0.49, max: 0.49, noNaN: true }), { maxLength: 60 }),
        (bits, start, steps) => {
          const unwrapper = new SerialUnwrapper(bits);
          let truth = wrapSerial(start, bits);
          let highest = truth;
          const base = unwrapper.unwrap(truth) - truth;
          for (const step of steps) {
            // Steps are taken from the highest value, as reordering in a network does.
            truth = highest + Math.trunc(step * 2 ** bits);
            if (truth < -(2 ** (bits - 1))) continue;
            const extended = unwrapper.unwrap(wrapSerial(truth, bits));
            expect(extended - base).toBe(truth);
            expect(wrapSerial(extended, bits)).toBe(wrapSerial(truth, bits));
            highest = Math.max(highest, truth);
          }
        },
      ),
    );
  });

  it('never goes negative on the way back from the first value', () => {
    fc.assert(
      fc.property(widths, starts, fc.double({ min: 0, max: 0.5, noNaN: true }), (bits, start, back) => {
        const unwrapper = new SerialUnwrapper(bits);
        const first = wrapSerial(start, bits);
        unwrapper.unwrap(first);
        expect(unwrapper.unwrap(wrapSerial(first - Math.floor(back * 2 ** bits), bits))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
