// One call as an OpenTelemetry trace: call → turn → spans of its account, hidden work, the model's request, tools.
// GenAI semantic conventions: github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md.
// Leaves out: what isn't final, and services other than the model.

import {
  type Attributes,
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import { ReparteeError } from '../lib/errors.ts';
import type { Disclosure } from './disclosure.ts';
import type { FinishedTurn, ModelRequest, ToolRun } from './finished-turn.ts';
import { contiguous, extentOf, hiddenTotals, type Interval, placedHiddenWork } from './turn-intervals.ts';

/** What is known of a call from its beginning. */
export interface CallFacts {
  /** One of its own; ties what other traces tell of the same conversation to this one. */
  readonly id: string;
  readonly roomName: string;
  readonly agentIdentity: string;
  readonly model: ModelFacts;
}

/** The model as the GenAI conventions name it. */
export interface ModelFacts {
  /** `openai`, `anthropic` …: well-known names of the conventions; any other word where none fits. */
  readonly provider: string;
  /** As it is requested; absent where there is but one. */
  readonly name?: string | undefined;
  /** It runs in this process. */
  readonly isLocal: boolean;
}

export interface CallTraceOptions {
  readonly tracer: Tracer;
  readonly call: CallFacts;
  readonly startedAtMs: number;
  /** What our monotonic clock is added to for wall time; one for the call, so that no step of the wall clock shows in it. */
  readonly epochOffsetMs: number;
  readonly disclosure: Disclosure;
}

export class CallTrace {
  readonly #options: CallTraceOptions;
  readonly #root: Span;
  readonly #context: Context;
  #callers: readonly string[] = [];

  constructor(options: CallTraceOptions) {
    this.#options = options;
    const { tracer, call, startedAtMs } = options;
    this.#root = tracer.startSpan('call', {
      root: true,
      startTime: this.#wallTime(startedAtMs),
      attributes: {
        'gen_ai.conversation.id': call.id,
        'repartee.room': call.roomName,
        'repartee.agent.identity': call.agentIdentity,
      },
    });
    this.#context = trace.setSpan(ROOT_CONTEXT, this.#root);
  }

  /** Somebody is listened to from now on. The identity of a telephone caller holds their number. */
  caller(identity: string): void {
    const shown = this.#options.disclosure.shown(identity);
    if (shown === undefined || this.#callers.includes(shown)) return;
    this.#callers = [...this.#callers, shown];
    this.#root.setAttribute('repartee.caller.identities', [...this.#callers]);
  }

  turn(turn: FinishedTurn): void {
    if (!this.#root.isRecording()) return;
    const span = this.#begin('turn', extentOf(turn), this.#context, { attributes: this.#turnAttributes(turn) });
    const inTurn = trace.setSpan(this.#context, span);
    this.#addAccount(turn, inTurn);
    if (turn.request !== undefined) this.#addRequest(turn.request, inTurn);
    for (const request of turn.discarded ?? []) {
      this.#addRequest(request, inTurn, { 'repartee.draft.outcome': 'discarded', 'repartee.hidden': true });
    }
    for (const run of turn.toolRuns ?? []) this.#addToolRun(run, inTurn);
    this.#addBargeIn(turn, inTurn);
    if (turn.error !== undefined) this.#markFailed(span, turn.error);
    span.end(this.#wallTime(extentOf(turn).endAtMs));
  }

  /** Nothing may follow. */
  end(endedAtMs: number, reason: string): void {
    this.#root.setAttribute('repartee.end_reason', reason);
    this.#root.end(this.#wallTime(endedAtMs));
  }

  #turnAttributes({ kind, number, source, account, rtp, ownLeg, drafts, words }: FinishedTurn): Attributes {
    const { disclosure } = this.#options;
    return known({
      'repartee.turn.kind': kind,
      'repartee.turn.number': number,
      'repartee.turn.source': source,
      'repartee.glass_to_glass_ms': account?.glassToGlassMs,
      'repartee.error_ms': account?.errorMs,
      'repartee.response_ms': account?.responseMs,
      'repartee.basis': account?.basis,
      'repartee.unknown_spans': account === undefined ? undefined : [...account.unknown],
      'repartee.rtp.speech_end': rtp?.speechEnd,
      'repartee.rtp.first_audible': rtp?.firstAudible,
      'repartee.rtcp.round_trip_ms': ownLeg?.roundTripMs,
      'repartee.rtcp.jitter_ms': ownLeg?.interarrivalJitterMs,
      'repartee.rtcp.fraction_lost': ownLeg?.fractionLost,
      ...hiddenTotals(account),
      'repartee.draft.outcome': drafts?.outcome,
      'repartee.draft.count': drafts?.prepared,
      'repartee.draft.saved_ms': drafts?.savedMs,
      'repartee.draft.wasted_tokens': drafts?.wastedTokens,
      'repartee.draft.wasted_token_basis': drafts?.wastedTokenBasis,
      'repartee.draft.wasted_characters': drafts?.wastedCharacters,
      'repartee.turn.transcript': disclosure.shown(words?.transcript),
      'repartee.turn.reply': disclosure.shown(words?.reply),
      'repartee.turn.heard_text': disclosure.shown(words?.heardText),
    });
  }

  #addAccount({ account }: FinishedTurn, parent: Context): void {
    if (account === undefined) return;
    for (const { name, errorMs, ...interval } of contiguous(account.spans)) {
      this.#add(name, interval, parent, { attributes: { 'repartee.error_ms': errorMs, 'repartee.hidden': false } });
    }
    for (const { name, ...interval } of placedHiddenWork(account)) {
      this.#add(name, interval, parent, { attributes: { 'repartee.hidden': true } });
    }
  }

  #addBargeIn({ bargeIn }: FinishedTurn, parent: Context): void {
    const [first] = bargeIn?.spans ?? [];
    const last = bargeIn?.spans.at(-1);
    if (bargeIn === undefined || first === undefined || last === undefined) return;
    const whole = { startAtMs: first.startAtMs, endAtMs: last.startAtMs + last.ms };
    const attributes = known({
      'repartee.barge_in_ms': bargeIn.bargeInMs,
      'repartee.error_ms': bargeIn.errorMs,
      'repartee.basis': bargeIn.basis,
    });
    const span = this.#begin('barge-in', whole, parent, { attributes });
    const inBargeIn = trace.setSpan(parent, span);
    for (const { name, errorMs, ...interval } of contiguous(bargeIn.spans)) {
      this.#add(name, interval, inBargeIn, { attributes: { 'repartee.error_ms': errorMs } });
    }
    span.end(this.#wallTime(whole.endAtMs));
  }

  #addRequest(request: ModelRequest, parent: Context, more: Attributes = {}): void {
    const { id, model } = this.#options.call;
    const { requestedAtMs, firstChunkAtMs, endedAtMs, inputTokens, outputTokens, error } = request;
    const interval = { startAtMs: requestedAtMs, endAtMs: endedAtMs };
    const attributes = known({
      ...modelAttributes(model),
      ...more,
      'gen_ai.conversation.id': id,
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk':
        firstChunkAtMs === undefined ? undefined : (firstChunkAtMs - requestedAtMs) / 1000,
      'gen_ai.usage.input_tokens': inputTokens,
      'gen_ai.usage.output_tokens': outputTokens,
    });
    const name = model.name === undefined ? 'chat' : `chat ${model.name}`;
    const kind = model.isLocal ? SpanKind.INTERNAL : SpanKind.CLIENT;
    const span = this.#begin(name, interval, parent, { kind, attributes });
    if (error !== undefined) this.#markFailed(span, error);
    span.end(this.#wallTime(endedAtMs));
  }

  #addToolRun({ callId, tool, startedAtMs, endedAtMs, input, output, failed }: ToolRun, parent: Context): void {
    const { disclosure } = this.#options;
    const attributes = known({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': callId,
      'gen_ai.tool.call.arguments': disclosure.shown(JSON.stringify(input)),
      'gen_ai.tool.call.result': disclosure.shown(JSON.stringify(output)),
      'error.type': failed ? '_OTHER' : undefined,
    });
    const interval = { startAtMs: startedAtMs, endAtMs: endedAtMs };
    const span = this.#begin(`execute_tool ${tool}`, interval, parent, { attributes });
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.#wallTime(endedAtMs));
  }

  /** A fault's message may quote the caller, or the service's answer to them. */
  #markFailed(span: Span, error: Error): void {
    const message = this.#options.disclosure.shown(error.message);
    span.setAttribute('error.type', errorType(error));
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }

  #add(name: string, interval: Interval, parent: Context, options: { readonly attributes: Attributes }): void {
    this.#begin(name, interval, parent, options).end(this.#wallTime(interval.endAtMs));
  }

  #begin(
    name: string,
    { startAtMs }: Interval,
    parent: Context,
    options: { readonly kind?: SpanKind; readonly attributes: Attributes },
  ): Span {
    return this.#options.tracer.startSpan(name, { ...options, startTime: this.#wallTime(startAtMs) }, parent);
  }

  /** As seconds and nanoseconds: a plain number may be taken for an instant of the process's own clock. */
  #wallTime(atMs: number): HrTime {
    const epochUs = Math.round((atMs + this.#options.epochOffsetMs) * 1e3);
    const seconds = Math.floor(epochUs / 1e6);
    return [seconds, (epochUs - seconds * 1e6) * 1e3];
  }
}

/** Attributes by which both traces and metrics name the model. */
export function modelAttributes({ provider, name }: ModelFacts): Attributes {
  return known({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': name,
  });
}

/** Of few different values, as the conventions ask. */
export function errorType(error: Error): string {
  return error instanceof ReparteeError ? error.code : error.name;
}

function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
