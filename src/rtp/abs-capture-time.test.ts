import { describe, expect, it } from 'vitest';

import { readAbsCaptureTime, writeAbsCaptureTime } from './abs-capture-time.ts';

describe('abs-capture-time', () => {
  it('is read as it was written, with or without the clock offset', () => {
    const written = writeAbsCaptureTime(1_763_856_000_123.25);
    expect(written.length).toBe(8);
    expect(readAbsCaptureTime(written)).toBeCloseTo(1_763_856_000_123.25, 3);
    expect(readAbsCaptureTime(Buffer.concat([written, Buffer.alloc(8)]))).toBeCloseTo(1_763_856_000_123.25, 3);
  });

  it('says nothing where it is short, or empty', () => {
    expect(readAbsCaptureTime(Buffer.alloc(7, 1))).toBeUndefined();
    expect(readAbsCaptureTime(Buffer.alloc(8))).toBeUndefined();
  });
});
