// What the turns of a call come to, for its report. Pure. Only answers count, and what was estimated is kept apart from what
// the caller's side reported: an estimate is no measurement.

import { z } from 'zod';

import { type Distribution, distribution } from '../latency/distribution.ts';

const distributionSchema = z.object({
  count: z.number().int().positive(),
  p50: z.number().nonnegative(),
  p95: z.number().nonnegative(),
});

export const statisticsSchema = z.object({
  turns: z.record(z.string(), z.number().int().positive()).describe('How many there were of each kind.'),
  glassToGlassMs: distributionSchema.optional().describe("Of answers where the caller's side reported."),
  estimatedGlassToGlassMs: distributionSchema.optional().describe('Of those where it did not.'),
  responseMs: distributionSchema.optional().describe('Of all answers to spoken turns.'),
  bargeInMs: distributionSchema.optional().describe('Of replies that the caller ended, where their side reported.'),
  drafts: z
    .object({ hit: z.number().int().nonnegative(), miss: z.number().int().nonnegative() })
    .optional()
    .describe('Answers for which something had been prepared: what they were, and what they were not.'),
});

export type SessionStatistics = z.infer<typeof statisticsSchema>;

/** What of a turn goes into them. */
export interface CountedTurn {
  readonly kind: string;
  readonly glassToGlassMs?: number | undefined;
  readonly basis?: 'reported' | 'estimated' | 'unknown' | undefined;
  readonly responseMs?: number | undefined;
  readonly bargeIn?: (Pick<CountedTurn, 'basis'> & { readonly bargeInMs?: number | undefined }) | undefined;
  readonly drafts?: { readonly outcome: 'hit' | 'miss' | 'none' } | undefined;
}

export function sessionStatistics(turns: readonly CountedTurn[]): SessionStatistics {
  const counts: Record<string, number> = {};
  for (const { kind } of turns) counts[kind] = (counts[kind] ?? 0) + 1;
  const gapsOf = (wanted: CountedTurn['basis']): Distribution | undefined =>
    distribution(turns.filter(({ basis }) => basis === wanted).map(({ glassToGlassMs }) => glassToGlassMs));
  const glassToGlassMs = gapsOf('reported');
  const estimatedGlassToGlassMs = gapsOf('estimated');
  const responseMs = distribution(turns.map((turn) => turn.responseMs));
  const reportedBargeIns = turns.filter(({ bargeIn }) => bargeIn?.basis === 'reported');
  const bargeInMs = distribution(reportedBargeIns.map(({ bargeIn }) => bargeIn?.bargeInMs));
  const outcomes = turns.map(({ drafts }) => drafts?.outcome);
  const hit = outcomes.filter((outcome) => outcome === 'hit').length;
  const miss = outcomes.filter((outcome) => outcome === 'miss').length;
  return {
    turns: counts,
    ...(glassToGlassMs && { glassToGlassMs }),
    ...(estimatedGlassToGlassMs && { estimatedGlassToGlassMs }),
    ...(responseMs && { responseMs }),
    ...(bargeInMs && { bargeInMs }),
    ...(hit + miss > 0 && { drafts: { hit, miss } }),
  };
}
