// A short form of `npm run bench:turns`: seeded conversations against stand-ins that revise, join, delay and expire.

import { describe, expect, it } from 'vitest';

import type { Figures } from '../../bench/turns/figures.ts';
import { modes } from '../../bench/turns/modes.ts';
import { profiles } from '../../bench/turns/profiles.ts';
import { runTurns } from '../../bench/turns/run.ts';

const SEED = 7;

function run(profileName: string, modeName: string, turnCount: number): Promise<Figures> {
  const profile = profiles.find(({ name }) => name === profileName);
  const mode = modes.find(({ name }) => name === modeName);
  if (profile === undefined || mode === undefined) throw new Error(`no ${profileName} or no ${modeName}`);
  return runTurns({ turnCount, seed: SEED, profile, mode });
}

/** Nothing lost, every turn answered exactly once, no draft and no request left running, and the cost within bounds. */
function disorder({ unanswered, doublyAnswered, lostWords, unclean, apologies, leftBehind, calls }: Figures): string[] {
  const found = { unanswered, doublyAnswered, lostWords, unclean: unclean.count, apologies, leftBehind };
  return [
    ...Object.entries(found).flatMap(([name, count]) => (count === 0 ? [] : [`${name}: ${count}`])),
    ...(calls.perTurn > 3 ? [`calls per turn: ${calls.perTurn}`] : []),
  ];
}

describe('simulated conversations', () => {
  it.each([
    ['usual', 'batch'],
    ['usual', 'streaming'],
    ['usual', 'drafts'],
    ['fast', 'just-in-time'],
    ['slow', 'just-in-time'],
  ])('with %s providers, %s: every turn is answered exactly once and nothing is lost', async (profile, mode) => {
    expect(disorder(await run(profile, mode, 24))).toEqual([]);
  });

  it('with usual providers, just-in-time: the same, and soon, with most pauses inside of turns respected', async () => {
    const figures = await run('usual', 'just-in-time', 64);
    expect(disorder(figures)).toEqual([]);
    expect(figures.gapMs.count).toBe(64);
    expect(figures.gapMs.p50).toBeLessThanOrEqual(900);
    expect(figures.underruns.count).toBe(0);
    // A fixed silence of 500 ms ends the turn in every longer pause.
    const { count, of } = figures.splits.incompleteShort;
    expect(of).toBeGreaterThan(5);
    expect(count / of).toBeLessThanOrEqual(0.6);
  });

  it('are the same for the same seed', async () => {
    const [one, other] = [await run('slow', 'just-in-time', 8), await run('slow', 'just-in-time', 8)];
    expect(one).toEqual(other);
  });
});
