// What holds for the account of any turn whatever. Every account that a simulated room is told is checked; what is wrong waits
// here for the end of the test (`account-invariants.setup.ts`).

import type { AccountedTurn } from '../../src/latency/account-ledger.ts';
import type { BargeInAccount } from '../../src/latency/barge-in-account.ts';
import type { Span } from '../../src/latency/critical-path.ts';
import type { TurnAccount } from '../../src/latency/turn-account.ts';

/** What sums of fractions of milliseconds may lose. */
const EXACT_MS = 1e-6;

const faults: string[] = [];

/** Takes an account as it is told: JSON. */
export function noteAccount(payload: Uint8Array): void {
  const text = new TextDecoder().decode(payload);
  const turn: AccountedTurn = JSON.parse(text);
  const found = [
    ...(turn.kind === 'answer' ? faultsOfAccount(turn.account) : []),
    ...(turn.bargeIn === undefined ? [] : faultsOfBargeIn(turn.bargeIn)),
  ];
  if (found.length > 0) faults.push(`${found.join('; ')}: ${text}`);
}

/** What was wrong since the last time. */
export function takeAccountFaults(): readonly string[] {
  return faults.splice(0);
}

export function faultsOfAccount(account: TurnAccount): readonly string[] {
  const { glassToGlassMs, errorMs, responseMs, basis, spans, unknown, hidden, savedMs } = account;
  const sumMs = sumOf(spans);
  // Of what we saw, both ends are known exactly.
  const wholeMs = unknown.length === 3 ? responseMs : glassToGlassMs;
  return [
    ...faultsOfSpans(spans),
    ...told(wholeMs !== undefined && Math.abs(sumMs - wholeMs) > EXACT_MS, `spans sum to ${sumMs}, not ${wholeMs}`),
    ...told((basis === 'unknown') !== unknown.length > 0, `basis ${basis}, though unknown: ${unknown.join(', ')}`),
    ...faultsOfBasis(basis, glassToGlassMs, errorMs),
    ...told(
      spans.some(({ name }) => unknown.includes(name)),
      'a span that nobody knows',
    ),
    ...told(
      hidden.some(({ ms }) => !(ms > 0)),
      'hidden work of no length',
    ),
    ...told(!(savedMs >= 0) || !(responseMs >= 0), 'less than nothing saved, or waited'),
  ];
}

export function faultsOfBargeIn({ bargeInMs, errorMs, basis, spans }: BargeInAccount): readonly string[] {
  const sumMs = sumOf(spans);
  return [
    ...faultsOfSpans(spans),
    ...told(
      bargeInMs !== undefined && Math.abs(sumMs - bargeInMs) > EXACT_MS,
      `spans sum to ${sumMs}, not ${bargeInMs}`,
    ),
    ...faultsOfBasis(basis, bargeInMs, errorMs),
  ];
}

function faultsOfBasis(
  basis: TurnAccount['basis'],
  ms: number | undefined,
  errorMs: number | undefined,
): readonly string[] {
  const isKnown = basis !== 'unknown';
  return [
    ...told((ms !== undefined) !== isKnown, `basis ${basis}, and a figure of ${ms}`),
    ...told((errorMs !== undefined) !== isKnown || (errorMs ?? 0) < 0, `basis ${basis}, and a bound of ${errorMs}`),
  ];
}

function faultsOfSpans(spans: readonly Span<string>[]): readonly string[] {
  return spans.flatMap(({ name, startAtMs, ms, errorMs }, index) => {
    const before = spans[index - 1];
    const gapMs = before === undefined ? 0 : startAtMs - before.startAtMs - before.ms;
    return [
      ...told(!(ms > 0) || !(errorMs >= 0), `${name} takes ${ms} ± ${errorMs} ms`),
      ...told(!(Math.abs(gapMs) <= EXACT_MS), `${gapMs} ms before ${name}`),
    ];
  });
}

function sumOf(spans: readonly { readonly ms: number }[]): number {
  return spans.reduce((sum, { ms }) => sum + ms, 0);
}

function told(isWrong: boolean, what: string): readonly string[] {
  return isWrong ? [what] : [];
}
