// All conversations of a run, one after another: their scripts and their chances come from the seed alone.

import { hold } from './conversation.ts';
import type { ObservedConversation } from './conversation.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import type { BenchMode } from './modes.ts';
import type { ProviderProfile } from './profiles.ts';
import { drawConversations } from './script.ts';

export interface RunOptions {
  readonly turnCount: number;
  readonly seed: number;
  readonly profile: ProviderProfile;
  readonly mode: BenchMode;
}

export async function runTurns({ turnCount, seed, profile, mode }: RunOptions): Promise<Figures> {
  const observed: ObservedConversation[] = [];
  for (const [index, script] of drawConversations(turnCount, seed).entries()) {
    observed.push(await hold({ script, profile, mode, seed: `${seed}/${index}`, dtx: index % 2 === 1 }));
  }
  return figuresOf(observed);
}
