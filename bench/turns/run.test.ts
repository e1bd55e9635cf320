import { describe, expect, it } from 'vitest';

import { modes, trialModes } from './modes.ts';
import { profiles } from './profiles.ts';
import type { ProviderProfile } from './profiles.ts';
import { runTurns } from './run.ts';
import { profileTable } from './table.ts';
import { runTrials } from './trials/run.ts';
import { trialTable } from './trials/table.ts';

function profileNamed(name: string): ProviderProfile {
  const profile = profiles.find((one) => one.name === name);
  if (profile === undefined) throw new Error(`no such profile: ${name}`);
  return profile;
}

/** What holds in every mode: who is asked answers, to what was said, and leaves nothing behind. */
const sound = { unanswered: 0, wrongReplies: 0, lostWords: 0, apologies: 0, leftBehind: 0 };

describe('a run of the benchmark', () => {
  it.each(modes)('answers all turns and leaves nothing behind: $name', async (mode) => {
    const figures = await runTurns({ turnCount: 32, seed: 5, profile: profileNamed('usual'), mode });
    expect(figures).toMatchObject({ turns: 32, ...sound });
    expect(figures.gapMs.count).toBe(32);
    // Nobody answers before the end on average, and somebody has asked the model.
    expect(figures.gapMs.p50).toBeGreaterThan(200);
    expect(figures.calls.usedPerTurn).toBeGreaterThan(0.9);
    const lines = profileTable([{ mode: mode.name, figures }]).split('\n');
    expect(lines.filter((line) => line.startsWith(`  ${mode.name} `))).toHaveLength(5);
  });

  it('is slower the less is switched on', async () => {
    const [batch, , , justInTime] = modes;
    if (batch === undefined || justInTime === undefined) throw new Error('no modes');
    const [slow, fast] = await Promise.all(
      [batch, justInTime].map(
        async (mode) => await runTurns({ turnCount: 32, seed: 5, profile: profileNamed('usual'), mode }),
      ),
    );
    expect(slow?.gapMs.p50).toBeGreaterThan((fast?.gapMs.p50 ?? Infinity) + 500);
  });

  it.each(['fast', 'slow'])('holds with the providers %s', async (name) => {
    const mode = modes.at(-1);
    if (mode === undefined) throw new Error('no modes');
    expect(await runTurns({ turnCount: 32, seed: 6, profile: profileNamed(name), mode })).toMatchObject(sound);
  });
});

describe('trials of answers that can be expected', () => {
  it.each(trialModes)('are answered to what was said: $title', async (mode) => {
    const figures = await runTrials({ turnCount: 36, seed: 5, profile: profileNamed('usual'), mode });
    expect(figures).toMatchObject({ trials: 36, wrong: 0 });
    expect(figures.figures).toMatchObject(sound);
    expect(figures.cutIns).toBeLessThanOrEqual(4);
    expect(trialTable([{ mode: mode.title, figures }])).toContain('36');
  });
});
