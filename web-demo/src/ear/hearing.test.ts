import { describe, expect, it } from 'vitest';

import type { EarBatch } from './ear-batch.ts';
import { type HeardOnset, Hearing } from './hearing.ts';
import { signal, type Stretch } from './signals.ts';

interface Call {
  readonly caller: readonly Stretch[];
  readonly agent: readonly Stretch[];
  readonly sampleRateHz?: number;
  readonly startFrame?: number;
  /** The caller's microphone is muted from and until then. */
  readonly muted?: readonly [fromMs: number, untilMs: number];
}

function hear({ caller, agent, sampleRateHz = 48_000, startFrame = 0, muted = [0, 0] }: Call): {
  readonly heard: readonly HeardOnset[];
  readonly hearing: Hearing;
} {
  const heard: HeardOnset[] = [];
  const hearing = new Hearing(sampleRateHz, (onset) => heard.push(onset));
  const [left, right] = [signal(sampleRateHz, ...caller), signal(sampleRateHz, ...agent)];
  const batchFrames = 4096;
  for (let at = 0; at < Math.max(left.length, right.length); at += batchFrames) {
    const pcm = new Float32Array(2 * batchFrames);
    pcm.set(left.subarray(at, at + batchFrames));
    pcm.set(right.subarray(at, at + batchFrames), batchFrames);
    const atMs = (at / sampleRateHz) * 1000;
    const batch: EarBatch = {
      startFrame: startFrame + at,
      frames: batchFrames,
      callerIsThere: atMs < muted[0] || atMs >= muted[1],
      agentIsThere: true,
      pcm,
    };
    hearing.take(batch);
  }
  return { heard, hearing };
}

// A window that holds a little of a sound counts as sound: with edges this sharp, each end is half a window off, outwards.
const speech: Stretch = { ms: 700, dbfs: -20 };
const pause = (ms: number): Stretch => ({ ms });
/** The agent is heard at 2500 ms. */
const answer = [pause(2500), speech, pause(1000)];

function gapsOf({ heard }: { readonly heard: readonly HeardOnset[] }): readonly (number | string)[] {
  return heard.map(({ gap }) => (gap.type === 'measured' ? Math.round(gap.ms) : gap.type));
}

describe('hearing', () => {
  for (const sampleRateHz of [48_000, 44_100, 16_000]) {
    it(`measures from the end of speech to the first audible sample, at ${sampleRateHz} Hz`, () => {
      const { heard } = hear({ caller: [pause(1000), speech, pause(2500)], agent: answer, sampleRateHz });
      expect(heard).toHaveLength(1);
      const gap = heard[0]?.gap;
      if (gap?.type !== 'measured') throw new Error('no gap');
      expect(Math.abs(gap.ms - 800)).toBeLessThanOrEqual(gap.errorMs);
      expect(gap.errorMs).toBeLessThan(12);
    });
  }

  it('puts both ends onto the clock of the context', () => {
    const { heard } = hear({ caller: [pause(1000), speech, pause(2500)], agent: answer, startFrame: 480_000 });
    const [onset] = heard;
    expect(onset?.audible.earliestMs).toBeGreaterThan(12_485);
    expect(onset?.audible.latestMs).toBeLessThanOrEqual(12_500);
    if (onset?.gap.type !== 'measured') throw new Error('no gap');
    expect(onset.gap.speechEnd.latestMs).toBeLessThan(11_715);
    expect(onset.gap.speechEnd.earliestMs).toBeGreaterThanOrEqual(11_690);
  });

  it('counts a word within 200 ms to the utterance, and leaves a click out', () => {
    const word: Stretch = { ms: 60, dbfs: -35 };
    const click: Stretch = { ms: 20, dbfs: -10 };
    const withWord = [pause(1000), speech, pause(150), word, pause(2500)] as const;
    const withClick = [pause(1000), speech, pause(300), click, pause(2500)] as const;
    expect(gapsOf(hear({ caller: withWord, agent: answer }))).toEqual([582]);
    expect(gapsOf(hear({ caller: withClick, agent: answer }))).toEqual([791]);
  });

  it('knows no gap where the caller goes on, or has not spoken', () => {
    expect(gapsOf(hear({ caller: [pause(2000), { ms: 1500, dbfs: -20 }], agent: answer }))).toEqual(['speaking']);
    expect(gapsOf(hear({ caller: [pause(3500)], agent: answer }))).toEqual(['none']);
    const after = [pause(2600), speech, pause(1000)];
    expect(gapsOf(hear({ caller: after, agent: answer }))).toEqual(['none']);
  });

  it('takes steady noise for no speech once it knows it', () => {
    const noise = { ms: 8000, dbfs: -38 };
    const caller = [noise, { ms: 700, dbfs: -15 }, noise];
    const { heard } = hear({ caller, agent: [pause(9500), speech, pause(1000)] });
    expect(gapsOf({ heard })).toEqual([791]);
  });

  it('learns nothing of the noise while there is no microphone', () => {
    const noise = { ms: 8000, dbfs: -38 };
    const caller = [noise, pause(1000), { ms: 2000, dbfs: -38 }];
    const agent = [pause(10_600), speech, pause(1000)];
    expect(gapsOf(hear({ caller, agent, muted: [7900, 9100] }))).not.toContain('speaking');
    // A line that falls silent is another matter: what comes then is louder than it was.
    expect(gapsOf(hear({ caller, agent }))).toContain('speaking');
  });

  it('hears a reply once, also through short holes, and again after a silence', () => {
    const agent = [pause(2500), speech, pause(60), speech, pause(400), speech, pause(1000)];
    expect(gapsOf(hear({ caller: [pause(1000), speech, pause(5000)], agent }))).toEqual([791, 2651]);
  });

  it('records both sides, the caller left', () => {
    const { hearing } = hear({ caller: [pause(1000), speech, pause(1800)], agent: answer });
    const bytes = Buffer.concat(hearing.recording.wav());
    const at = (ms: number, channel: 0 | 1): number => bytes.readInt16LE(44 + ms * 16 * 4 + channel * 2);
    expect([at(1300, 0) !== 0, at(1300, 1) !== 0]).toEqual([true, false]);
    expect([at(2800, 0) !== 0, at(2800, 1) !== 0]).toEqual([false, true]);
  });
});
