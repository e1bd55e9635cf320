// 100 ms more of one thing at a time: which spans of the account move by how much, in the median. What is done by a service or a
// rule differs between two calls; what is done by the network or a receiver changes in the middle of one, as networks do.

import { setTimeout as pass } from 'node:timers/promises';

import type { AgentOptions } from '../../src/agent.ts';
import type { SpanName } from '../../src/latency/turn-account.ts';
import { profiles, type ServiceTimes } from '../heard/profiles.ts';
import { percentile } from '../statistics.ts';
import type { ImpairedLink } from '../impairment.ts';
import { run, type Run, type RunTurn } from './run.ts';
import { SLOT_MS } from './script.ts';

export const ADDED_MS = 100;
/** How far a span may be off. */
const WITHIN_MS = 10;
/**
 * A way becomes longer little by little: at once it would be jitter, to which receivers answer with a longer buffer. The turns
 * meanwhile, and two after, don't count.
 */
const STEP_MS = 1;
const STEP_PERIOD_MS = 200;
const SETTLING_TURNS = Math.ceil((ADDED_MS * STEP_PERIOD_MS) / STEP_MS / SLOT_MS) + 2;
/** So late that the answer is ready long before, with or without another 100 ms. */
const DECISION_MS = 1300;
/**
 * More than the receiver would hold back by itself, and so much that another 100 ms are 100 ms: up to 340 ms NetEq is content with
 * three quarters of what it is told to hold, beyond with 85 ms less (`DecisionLogic`, the low limit of its buffer).
 */
const BUFFER_MS = 400;

type Change = NonNullable<Run['changes']>[number]['make'];

interface Perturbation {
  /** The span that is to move. */
  readonly span: SpanName;
  readonly before?: Partial<Run>;
  /** Of both halves of a call with a change. */
  readonly beginning?: Change;
  /** Another call, or a change in the same one. */
  readonly after: { readonly run: Partial<Run> } | { readonly change: Change };
}

const services = (more: Partial<ServiceTimes>): { readonly run: Partial<Run> } => ({
  run: { times: { ...profiles.usual, ...more } },
});
const decidedAfter = (silenceMs: number): { readonly settings: AgentOptions } => ({
  settings: { endpointing: { policy: 'fixed', silenceMs } },
});

export const perturbations: Readonly<Record<string, Perturbation>> = {
  uplink: { span: 'uplink', after: { change: ({ up }) => lengthen(up) } },
  downlink: { span: 'downlink', after: { change: ({ down }) => lengthen(down) } },
  receiver: {
    span: 'receiver',
    beginning: async (_way, page) => await page.setBufferTarget(BUFFER_MS),
    after: { change: async (_way, page) => await page.setBufferTarget(BUFFER_MS + ADDED_MS) },
  },
  recognition: { span: 'recognition', after: services({ sttMs: profiles.usual.sttMs + ADDED_MS }) },
  model: { span: 'generation', after: services({ firstTokenMs: profiles.usual.firstTokenMs + ADDED_MS }) },
  voice: { span: 'synthesis', after: services({ firstByteMs: profiles.usual.firstByteMs + ADDED_MS }) },
  endpointing: {
    span: 'decision',
    before: decidedAfter(DECISION_MS),
    after: { run: decidedAfter(DECISION_MS + ADDED_MS) },
  },
};

async function lengthen(link: ImpairedLink): Promise<void> {
  for (let delayMs = 0; delayMs <= ADDED_MS; delayMs += STEP_MS) {
    link.set({ delayMs });
    await pass(STEP_PERIOD_MS);
  }
}

export interface Moved {
  readonly span: SpanName;
  /** Of every span: how much longer it is. */
  readonly byMs: ReadonlyMap<string, number>;
  /** The same of what was heard. */
  readonly heardMs: number;
  readonly turns: readonly [before: number, after: number];
}

export async function perturb({ span, before, beginning, after }: Perturbation, turns: number): Promise<Moved> {
  const condition = { caller: 'page' } as const;
  if ('run' in after) {
    const first = await run({ condition, turns, ...before });
    const second = await run({ condition, turns, ...after.run });
    return moved(span, first, second);
  }
  const all = await run({
    condition,
    turns: 2 * turns + SETTLING_TURNS,
    ...before,
    changes: [
      ...(beginning === undefined ? [] : [{ afterTurns: 0, make: beginning }]),
      { afterTurns: turns, make: after.change },
    ],
  });
  return moved(span, all.slice(0, turns), all.slice(turns + SETTLING_TURNS));
}

/** The first turn of a call, for which connections are made and code is compiled, is left out. */
function moved(span: SpanName, before: readonly RunTurn[], after: readonly RunTurn[]): Moved {
  const [first, second] = [before.slice(1).filter(isReported), after.filter(isReported)];
  const names = new Set([...first, ...second].flatMap(({ reported }) => reported?.spans.map(({ name }) => name) ?? []));
  return {
    span,
    heardMs: shiftMs(
      figures(first, ({ trueMs }) => trueMs),
      figures(second, ({ trueMs }) => trueMs),
    ),
    byMs: new Map(
      Array.from(names, (name) => [name, shiftMs(figures(first, spanMs(name)), figures(second, spanMs(name)))]),
    ),
    turns: [first.length, second.length],
  };
}

function figures(turns: readonly RunTurn[], figure: (turn: RunTurn) => number | undefined): readonly number[] {
  return turns.flatMap((turn) => figure(turn) ?? []);
}

/**
 * The median of all differences between one of the second and one of the first (Hodges and Lehmann, Annals of Mathematical
 * Statistics 34, 1963). What comes in steps of a packet of 20 ms, each in about half of the turns, has a median that jumps by a
 * step where a single turn is another.
 */
export function shiftMs(before: readonly number[], after: readonly number[]): number {
  return percentile(
    after.flatMap((one) => before.map((other) => one - other)),
    0.5,
  );
}

/** A name may repeat, or be absent. */
function spanMs(name: string): (turn: RunTurn) => number {
  return ({ reported }) =>
    (reported?.spans ?? []).filter((one) => one.name === name).reduce((sum, { ms }) => sum + ms, 0);
}

function isReported({ reported }: RunTurn): boolean {
  return reported?.basis === 'reported' && reported.kind === 'reply';
}

export function movedLine(name: string, { span, byMs, heardMs, turns }: Moved): string {
  const own = byMs.get(span) ?? Number.NaN;
  const others = Array.from(byMs).filter(([other]) => other !== span);
  const holds = Math.abs(own - ADDED_MS) <= WITHIN_MS && others.every(([, ms]) => Math.abs(ms) <= WITHIN_MS);
  const rest = others
    .filter(([, ms]) => Math.abs(ms) >= 1)
    .toSorted(([, one], [, other]) => Math.abs(other) - Math.abs(one))
    .map(([other, ms]) => `${other} ${signed(ms)}`);
  const seen = `${name.padEnd(12)} ${span.padEnd(12)} ${signed(own).padStart(6)}   heard ${signed(heardMs).padStart(5)}   others: ${rest.join(', ') || 'none'}`;
  return `${seen}   (${turns.join(' and ')} turns)${holds ? '' : '   misses'}`;
}

function signed(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${Math.abs(ms).toFixed(0)}`;
}
