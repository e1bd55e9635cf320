import { describe, expect, it } from 'vitest';

import { durationMs, levelDbfs } from '../../test/e2e/pcm.ts';
import { briefSounds } from './brief-sounds.ts';

describe('brief sounds', () => {
  it('are 44 of 150 to 450 ms, people among them, each loud enough to be noticed', async () => {
    const sounds = await briefSounds(44);
    expect(sounds).toHaveLength(44);
    const kinds = Map.groupBy(sounds, ({ kind }) => kind);
    expect(kinds.get('human')?.length).toBeGreaterThanOrEqual(4);
    expect(kinds.get('synthetic')?.length).toBeGreaterThanOrEqual(5);
    for (const { sound } of sounds) {
      expect(durationMs(sound)).toBeGreaterThanOrEqual(120);
      expect(durationMs(sound)).toBeLessThanOrEqual(460);
      expect(levelDbfs(sound.samples)).toBeGreaterThan(-40);
    }
  });
});
