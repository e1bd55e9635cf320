import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from './frame.ts';
import { RecentAudio } from './recent-audio.ts';

const frame = (timestamp: number, samples: readonly number[]): AudioFrame => ({
  samples: Int16Array.from(samples),
  timestamp,
  origin: 'received',
  arrivedAtMs: 0,
});

describe('RecentAudio', () => {
  it('gives back what was heard from an instant on', () => {
    const audio = new RecentAudio(100);
    audio.write(frame(3000, [1, 2, 3, 4]));
    audio.write(frame(3012, [5, 6]));
    expect([...audio.since(3006)]).toEqual([3, 4, 5, 6]);
    expect([...audio.since(0)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...audio.since(3018)]).toEqual([]);
  });

  it('forgets what was before a gap', () => {
    const audio = new RecentAudio(100);
    audio.write(frame(0, [1, 2]));
    audio.write(frame(9, [3, 4]));
    expect([...audio.since(0)]).toEqual([3, 4]);
  });

  it('gives a copy, which later audio leaves alone', () => {
    const audio = new RecentAudio(2);
    audio.write(frame(0, [1, 2]));
    const copy = audio.since(0);
    audio.write(frame(6, [3, 4]));
    expect([...copy]).toEqual([1, 2]);
  });

  it('has the last samples, whatever the sizes of the frames', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
        (capacity, sizes) => {
          const audio = new RecentAudio(Math.max(capacity, ...sizes));
          const all: number[] = [];
          for (const size of sizes) {
            const samples = Array.from({ length: size }, (_, n) => all.length + n);
            audio.write(frame(all.length * 3, samples));
            all.push(...samples);
          }
          const kept = all.slice(-Math.max(capacity, ...sizes));
          expect([...audio.since(0)]).toEqual(kept);
          expect([...audio.since((all.length - 3) * 3)]).toEqual(kept.slice(-3));
        },
      ),
    );
  });
});
