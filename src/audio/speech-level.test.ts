import { describe, expect, it } from 'vitest';

import { SpeechLevel } from './speech-level.ts';

const heard = (level: SpeechLevel, ...levels: readonly number[]): boolean[] => levels.map((dbfs) => level.isLoud(dbfs));
const times = (count: number, dbfs: number): number[] => Array.from({ length: count }, () => dbfs);

describe('SpeechLevel', () => {
  it('takes what is above -45 dBFS for speech on a quiet line', () => {
    expect(heard(new SpeechLevel(), -90, -44, -46, -20)).toEqual([false, true, false, true]);
  });

  it('wants 10 dB above a noise that was there for three seconds', () => {
    const level = new SpeechLevel();
    heard(level, ...times(300, -32));
    expect(heard(level, -24, -21, -31)).toEqual([false, true, false]);
  });

  it('follows a line that becomes louder within three seconds, and one that becomes quieter at once', () => {
    const level = new SpeechLevel();
    heard(level, ...times(100, -60));
    expect(heard(level, ...times(250, -35)).every(Boolean)).toBe(true);
    expect(heard(level, ...times(50, -35)).at(-1)).toBe(false);
    expect(heard(level, -60, -44)).toEqual([false, true]);
  });

  it('goes on hearing speech that dips into the noise as words do', () => {
    const level = new SpeechLevel();
    const word = [...times(28, -18), ...times(2, -50)];
    const loud = Array.from({ length: 20 }, () => heard(level, ...word)).flat();
    expect(loud.filter(Boolean)).toHaveLength(20 * 28);
  });
});
