// Figures of all calls of a process as OpenTelemetry metrics. They hold no words, and tell no caller from another.
// OpenTelemetry: general metric conventions (seconds, names, units); GenAI: docs/gen-ai/gen-ai-metrics.md of
// github.com/open-telemetry/semantic-conventions-genai.

import type { Attributes, Counter, Histogram, Meter, UpDownCounter } from '@opentelemetry/api';

import type { BargeInAccount } from '../latency/barge-in-account.ts';
import type { DraftAccount } from '../latency/draft-account.ts';
import type { SpanName, TurnAccount } from '../latency/turn-account.ts';
import { errorType, type ModelFacts, modelAttributes } from './call-trace.ts';
import type { FinishedTurn, ModelRequest } from './finished-turn.ts';

/**
 * What a caller waits, in seconds: people answer each other after about 0.2 s (Stivers et al. 2009), and nobody is still on
 * the phone after 8. Finest where agents differ.
 */
const WAIT_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 5, 8];
/** Parts of it: from a packet's worth of time on. */
const SPAN_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5];
/** From a wrong connection to the longest call by default. */
const CALL_BUCKETS = [5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600];
/** As the GenAI conventions recommend. */
const MODEL_DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** What nobody of ours sees: known where the caller's side reported. */
const OUTSIDE_SPANS: ReadonlySet<string> = new Set<SpanName>(['codec look-ahead', 'uplink', 'downlink', 'receiver']);

/** One for a process. */
export class Metrics {
  readonly #activeCalls: UpDownCounter;
  readonly #callDuration: Histogram;
  readonly #turns: Counter;
  readonly #glassToGlass: Histogram;
  readonly #estimatedGlassToGlass: Histogram;
  readonly #response: Histogram;
  readonly #span: Histogram;
  readonly #saved: Histogram;
  readonly #drafts: Counter;
  readonly #wastedTokens: Counter;
  readonly #bargeIns: Counter;
  readonly #bargeIn: Histogram;
  readonly #modelDuration: Histogram;
  readonly #firstChunk: Histogram;
  readonly #tokens: Histogram;

  constructor(meter: Meter) {
    const seconds = (name: string, description: string, buckets: number[]): Histogram =>
      meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: buckets } });
    this.#activeCalls = meter.createUpDownCounter('repartee.active_calls', {
      unit: '{call}',
      description: 'Calls that go on now.',
    });
    this.#callDuration = seconds('repartee.call.duration', 'How long calls lasted.', CALL_BUCKETS);
    this.#turns = meter.createCounter('repartee.turns', {
      unit: '{turn}',
      description:
        'Turns by kind; cutIn: the agent was heard before the caller had finished. With the fault where the reply failed.',
    });
    this.#glassToGlass = seconds(
      'repartee.turn.glass_to_glass',
      "From the end of the caller's speech to the first audible sample of the answer, both on their own track, where the caller's side reported.",
      WAIT_BUCKETS,
    );
    this.#estimatedGlassToGlass = seconds(
      'repartee.turn.estimated_glass_to_glass',
      "The same as it is reckoned where the caller's side did not report; off by up to a tenth of a second or more.",
      WAIT_BUCKETS,
    );
    this.#response = seconds(
      'repartee.turn.response',
      "The agent's own part of that: from the arrival of the last speech to the first audible packet sent.",
      WAIT_BUCKETS,
    );
    this.#span = seconds('repartee.turn.span.duration', 'What the caller waited for.', SPAN_BUCKETS);
    this.#saved = seconds('repartee.draft.saved', 'By how much a draft made the answer come sooner.', SPAN_BUCKETS);
    this.#drafts = meter.createCounter('repartee.drafts', {
      unit: '{turn}',
      description: 'Turns for which a reply was prepared, by whether it was the answer.',
    });
    this.#wastedTokens = meter.createCounter('repartee.draft.wasted_tokens', {
      unit: '{token}',
      description:
        'Tokens of drafts that were thrown away: as the model counted them, or estimated where it was not let finish.',
    });
    this.#bargeIns = meter.createCounter('repartee.barge_ins', {
      unit: '{barge_in}',
      description: 'Replies that the caller ended by speaking.',
    });
    this.#bargeIn = seconds(
      'repartee.barge_in.duration',
      "From the caller's first sound to the last audible sample of the reply at their side, where that reported.",
      WAIT_BUCKETS,
    );
    this.#modelDuration = seconds(
      'gen_ai.client.operation.duration',
      'GenAI operation duration.',
      MODEL_DURATION_BUCKETS,
    );
    this.#firstChunk = seconds(
      'gen_ai.client.operation.time_to_first_chunk',
      'Time to receive the first chunk, from the request on.',
      MODEL_DURATION_BUCKETS,
    );
    this.#tokens = meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      description: 'Number of input and output tokens used.',
      advice: { explicitBucketBoundaries: TOKEN_BUCKETS },
    });
  }

  callBegan(): void {
    this.#activeCalls.add(1);
  }

  callEnded(durationMs: number): void {
    this.#activeCalls.add(-1);
    this.#callDuration.record(durationMs / 1000);
  }

  turn(turn: FinishedTurn, model: ModelFacts): void {
    const { kind, account, drafts, request, discarded = [], bargeIn, error } = turn;
    this.#turns.add(1, { 'repartee.turn.kind': kind, ...(error && { 'error.type': errorType(error) }) });
    if (account !== undefined) {
      this.#response.record(account.responseMs / 1000);
      this.#countGap(account);
    }
    if (drafts !== undefined) this.#countDrafts(drafts);
    if (request !== undefined) this.#countRequest(request, modelAttributes(model));
    for (const draft of discarded) this.#countRequest(draft, modelAttributes(model));
    if (bargeIn !== undefined) this.#countBargeIn(bargeIn);
  }

  /** Estimates would blur what was reported. */
  #countGap({ basis, glassToGlassMs, spans }: TurnAccount): void {
    const histogram = basis === 'reported' ? this.#glassToGlass : this.#estimatedGlassToGlass;
    if (glassToGlassMs !== undefined) histogram.record(glassToGlassMs / 1000);
    for (const [name, ms] of totalsOf(spans)) {
      if (basis !== 'reported' && OUTSIDE_SPANS.has(name)) continue;
      this.#span.record(ms / 1000, { 'repartee.span.name': name });
    }
  }

  #countDrafts({ outcome, savedMs, wastedTokens, wastedTokenBasis }: DraftAccount): void {
    if (outcome === 'none') return;
    this.#drafts.add(1, { 'repartee.draft.outcome': outcome });
    if (outcome === 'hit') this.#saved.record(savedMs / 1000);
    if (wastedTokens > 0) this.#wastedTokens.add(wastedTokens, { 'repartee.token.basis': wastedTokenBasis });
  }

  #countRequest(
    { requestedAtMs, firstChunkAtMs, endedAtMs, inputTokens, outputTokens, error }: ModelRequest,
    model: Attributes,
  ): void {
    const outcome = error === undefined ? model : { ...model, 'error.type': errorType(error) };
    this.#modelDuration.record((endedAtMs - requestedAtMs) / 1000, outcome);
    if (firstChunkAtMs !== undefined) this.#firstChunk.record((firstChunkAtMs - requestedAtMs) / 1000, model);
    if (inputTokens !== undefined) this.#tokens.record(inputTokens, { ...model, 'gen_ai.token.type': 'input' });
    if (outputTokens !== undefined) this.#tokens.record(outputTokens, { ...model, 'gen_ai.token.type': 'output' });
  }

  #countBargeIn({ bargeInMs, basis }: BargeInAccount): void {
    this.#bargeIns.add(1);
    if (basis === 'reported' && bargeInMs !== undefined) this.#bargeIn.record(bargeInMs / 1000);
  }
}

/** A name may stand for several spans of a turn. */
function totalsOf(spans: readonly { readonly name: string; readonly ms: number }[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { name, ms } of spans) totals.set(name, (totals.get(name) ?? 0) + ms);
  return totals;
}
