// What a turn's account says, in words for people. Pure.

import { type CallTurn, comparableAcoustic } from './call-turns.ts';
import type { AccountStatus } from './turn-accounts.ts';

/** Kinds of work, as they are told apart by colour. */
export type Work = 'network' | 'buffers' | 'hearing' | 'deciding' | 'model' | 'voice';

interface Naming {
  readonly work: Work;
  /** In "you waited for …". */
  readonly words: string;
}

/** By the names of docs/latency.md. */
const namings: Readonly<Record<string, Naming>> = {
  'codec look-ahead': { work: 'buffers', words: 'the sound codec' },
  uplink: { work: 'network', words: 'the network' },
  'jitter buffer': { work: 'buffers', words: 'the agent’s receive buffer' },
  recognition: { work: 'hearing', words: 'speech recognition' },
  'draft wait': { work: 'deciding', words: 'the step from words to model' },
  generation: { work: 'model', words: 'the model’s first words' },
  synthesis: { work: 'voice', words: 'the voice’s first sound' },
  decision: { work: 'deciding', words: 'being sure that you had finished' },
  'playout queue': { work: 'voice', words: 'sending the first sound' },
  downlink: { work: 'network', words: 'the network' },
  receiver: { work: 'buffers', words: 'your browser’s receive buffer' },
};

/** What a span that this page doesn't know is shown as. */
export function namingOf(spanName: string): Naming {
  return namings[spanName] ?? { work: 'deciding', words: spanName };
}

/** What the turn is a measure of. */
export type TurnFigure =
  /** The whole gap. */
  | { readonly type: 'gap'; readonly ms: number; readonly errorMs: number; readonly basis: 'reported' | 'estimated' }
  /** The agent's part of it: an end of the gap is not known, or not yet. */
  | { readonly type: 'part'; readonly ms: number }
  /** Nobody waited from the end of their speech. */
  | { readonly type: 'none' }
  | { readonly type: 'awaited' };

export function figureOf({ report, account }: CallTurn): TurnFigure {
  if (account !== undefined && account.kind !== 'answer') return { type: 'none' };
  if (account === undefined && report?.source !== undefined && report.source !== 'voice') return { type: 'none' };
  const { glassToGlassMs, errorMs = 0, basis, responseMs = report?.responseMs } = account?.account ?? {};
  if (glassToGlassMs !== undefined && basis !== undefined && basis !== 'unknown') {
    return { type: 'gap', ms: glassToGlassMs, errorMs, basis };
  }
  return responseMs === undefined ? { type: 'awaited' } : { type: 'part', ms: responseMs };
}

/** Why a turn has no gap, or only a part of one; undefined for a whole one that was reported. */
export function noteOn(turn: CallTurn): string | undefined {
  const figure = figureOf(turn);
  switch (figure.type) {
    case 'awaited':
      return 'Not known yet.';
    case 'none':
      return noGapNotes[turn.account?.kind ?? turn.report?.source ?? ''] ?? 'Answers nothing that you said: no gap.';
    case 'part': {
      const unknown = turn.account?.account?.unknown ?? [];
      const missing = unknown.length > 0 ? unknown.join(', ') : 'the way to the agent and back';
      return `The agent’s part only, from your words’ arrival there to its first audible packet. Not known: ${missing}.`;
    }
    case 'gap':
      return figure.basis === 'estimated' ? 'Reckoned in part: this browser did not report all of it.' : undefined;
  }
}

const noGapNotes: Readonly<Record<string, string>> = {
  greeting: 'Greeting: nobody waited for it.',
  text: 'Typed: there is no end of speech to count from.',
  dtmf: 'Keys: there is no end of speech to count from.',
  reprompt: 'Asked again, since nothing was said.',
  cutIn: 'Cut in: audible before you had finished, so there is no gap.',
};

/** Of the whole, so much is worth naming. */
const namedRatio = 0.1;
const mostNamed = 3;

/** "the model’s first words 350 ms, the network 40 ms": the largest first. Undefined where nothing is known. */
export function waitedFor(turn: CallTurn): string | undefined {
  const sums = new Map<string, number>();
  for (const { name, ms } of spansOf(turn)) {
    const { words } = namingOf(name);
    sums.set(words, (sums.get(words) ?? 0) + ms);
  }
  const total = [...sums.values()].reduce((sum, ms) => sum + ms, 0);
  const largest = [...sums].toSorted(([, one], [, other]) => other - one);
  const named = largest.filter(([, ms], index) => index === 0 || ms >= namedRatio * total).slice(0, mostNamed);
  return total === 0 ? undefined : named.map(([words, ms]) => `${words} ${milliseconds(ms)}`).join(', ');
}

/** "recognition 210 ms, generation 320 ms": work that took the caller no time; undefined where there was none. */
export function meanwhile(turn: CallTurn): string | undefined {
  const hidden = (turn.account?.account?.hidden ?? []).filter(({ ms }) => ms >= shortestMs);
  const savedMs = turn.account?.account?.savedMs ?? 0;
  if (hidden.length === 0) return undefined;
  const works = hidden.map(({ name, ms }) => `${name} ${milliseconds(ms)}`).join(', ');
  const saved = savedMs >= shortestMs ? ` Preparing the answer early saved you ${milliseconds(savedMs)}.` : '';
  return `Done meanwhile, at no cost to you: ${works}.${saved}`;
}

/** What the page heard itself, against the account; undefined where there is nothing to compare. */
export function residualWords(turn: CallTurn): string | undefined {
  const heard = comparableAcoustic(turn);
  const figure = figureOf(turn);
  if (heard === undefined || (figure.type !== 'gap' && figure.type !== 'part')) return undefined;
  const measured = `This page heard ${milliseconds(heard.ms)} ± ${Math.round(heard.errorMs)}`;
  if (figure.type === 'part') return `${measured}.`;
  const account = `(account ${milliseconds(figure.ms)} ± ${Math.round(figure.errorMs)})`;
  const residualMs = figure.ms - heard.ms;
  const beyondMs = Math.abs(residualMs) - heard.errorMs - figure.errorMs;
  return beyondMs <= 0
    ? `${measured} ${account}: ${signed(residualMs)}, within both bounds.`
    : `${measured} ${account}: ${signed(residualMs)}, ${milliseconds(beyondMs)} more than the bounds allow.`;
}

const statusTexts: Readonly<Record<AccountStatus, string>> = {
  provisional: 'first estimate',
  amended: 'amended',
  final: 'final',
};

export function statusText({ account }: CallTurn): string {
  return account === undefined ? '' : statusTexts[account.status];
}

/** Less than this is not worth a line. */
export const shortestMs = 0.5;

/** A span, from the beginning of the gap or of what is known of it. */
export interface PlacedSpan {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
  readonly errorMs: number;
}

/** The spans of the account, or until it comes, of the report. */
export function spansOf({ account, report }: CallTurn): readonly PlacedSpan[] {
  if (account !== undefined) {
    const spans = account.account?.spans ?? [];
    const beginningMs = spans[0]?.startAtMs ?? 0;
    return spans.map(({ name, startAtMs, ms, errorMs }) => ({ name, startMs: startAtMs - beginningMs, ms, errorMs }));
  }
  let startMs = 0;
  return (report?.spans ?? []).map(({ name, ms }) => {
    const span = { name, startMs, ms, errorMs: 0 };
    startMs += ms;
    return span;
  });
}

/** With a narrow space that doesn't break. */
export function milliseconds(ms: number): string {
  return `${Math.round(ms)}\u202fms`;
}

function signed(ms: number): string {
  const rounded = Math.round(ms);
  return rounded === 0 ? 'no difference' : `${rounded > 0 ? '+' : '−'}${Math.abs(rounded)}\u202fms`;
}
