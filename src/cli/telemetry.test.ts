import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../agent.ts';
import { estimatedHearing } from '../latency/estimated-hearing.ts';
import { turnAccount, type TurnMarks } from '../latency/turn-account.ts';
import type { CallRoom } from '../telemetry/call-telemetry.ts';
import type { ModelFacts } from '../telemetry/call-trace.ts';
import type { FinishedTurn } from '../telemetry/finished-turn.ts';
import { type CollectedSpan, OtlpCollector, straySpans } from '../../test/fixtures/otlp-collector.ts';
import { parsePrometheusText } from '../../test/fixtures/prometheus-text.ts';
import { type ProcessTelemetry, type ProcessTelemetryOptions, startTelemetry } from './telemetry.ts';

const EPOCH_OFFSET_MS = 1_790_000_000_000.25;
const room: CallRoom = { name: 'support', localIdentity: 'agent-1', epochOffsetMs: EPOCH_OFFSET_MS };
const model: ModelFacts = { provider: 'openai', name: 'gpt-test', isLocal: false };

/** A draft that was ready when the turn was decided; thirds of milliseconds, which add up to no round figure. */
const marks: TurnMarks = {
  speechEnd: { atMs: 10_000, errorMs: 3 },
  speechEndArrivedAtMs: 10_030 + 1 / 3,
  speechEndDecodedAtMs: 10_031,
  couldDecideAtMs: 10_500 + 2 / 3,
  decidedBy: 'silence',
  transcriptAtMs: 9_900,
  transcribed: 'asSpoken',
  prepared: 'draft',
  requestedAtMs: 9_940,
  firstChunkAtMs: 10_200 + 1 / 3,
  readyAtMs: 10_300,
  audibleSentAtMs: 10_501,
  heard: { delivered: { atMs: 10_520, errorMs: 4 }, played: { atMs: 10_560 + 1 / 7, errorMs: 5 }, basis: 'reported' },
};

const turn: FinishedTurn = {
  kind: 'answer',
  replyKind: 'reply',
  number: 1,
  source: 'voice',
  startedAtMs: 9_940,
  endedAtMs: 12_000,
  account: turnAccount(marks),
  rtp: { speechEnd: 4_294_967_295, firstAudible: 7 },
  ownLeg: { roundTripMs: 31, interarrivalJitterMs: 1.5, fractionLost: 0.01 },
  drafts: {
    outcome: 'hit',
    prepared: 2,
    savedMs: 360,
    wastedTokens: 70,
    wastedTokenBasis: 'estimated',
    wastedCharacters: 12,
  },
  discarded: [{ requestedAtMs: 9_700, endedAtMs: 9_930 }],
  request: { requestedAtMs: 9_940, firstChunkAtMs: 10_200, endedAtMs: 10_400, inputTokens: 90, outputTokens: 12 },
  toolRuns: [
    { callId: 'call_1', tool: 'book', startedAtMs: 10_210, endedAtMs: 10_290, input: { who: 'Ada' }, failed: false },
  ],
  words: { transcript: 'I am Ada, call me on 5551234', reply: 'Booked.', heardText: 'Booked.' },
};

let collector: OtlpCollector;
let warnings: string[];
let open: ProcessTelemetry[];

beforeEach(async () => {
  collector = await OtlpCollector.start();
  warnings = [];
  open = [];
});

afterEach(async () => {
  for (const telemetry of open) await telemetry.close();
  await collector.close();
  expect(collector.faults).toEqual([]);
});

function start(options: Partial<ProcessTelemetryOptions> = {}): ProcessTelemetry {
  const telemetry = startTelemetry({
    otlp: collector.url,
    settings: defineAgent(),
    version: '1.2.3',
    environment: {},
    warn: (line) => warnings.push(line),
    ...options,
  });
  open.push(telemetry);
  return telemetry;
}

async function tell(options: Partial<ProcessTelemetryOptions> = {}): Promise<ProcessTelemetry> {
  const telemetry = start(options);
  const observer = telemetry.telemetry.begin(room, model);
  observer.caller('sip_+15551234');
  observer.turn(turn);
  observer.turn({ kind: 'greeting', replyKind: 'greeting', startedAtMs: 9000, endedAtMs: 9500 });
  observer.end('callerGone');
  await telemetry.close();
  return telemetry;
}

const named = (name: string): CollectedSpan[] => collector.spans.filter((span) => span.name === name);
const one = (name: string): CollectedSpan => {
  const [span, ...others] = named(name);
  if (span === undefined || others.length > 0)
    throw new Error(`${others.length + (span ? 1 : 0)} spans called ${name}`);
  return span;
};
const answer = (): CollectedSpan => {
  const span = named('turn').find(({ attributes }) => attributes['repartee.turn.kind'] === 'answer');
  if (span === undefined) throw new Error('no turn was answered');
  return span;
};
const wallNs = (atMs: number): number => (atMs + EPOCH_OFFSET_MS) * 1e6;

describe('a trace of a call', () => {
  it('reaches a collector as call, turn and the spans of its account, each inside its parent', async () => {
    await tell();
    const root = one('call');
    expect(root.parentSpanId).toBe('');
    expect(root.attributes).toMatchObject({
      'gen_ai.conversation.id': expect.stringMatching(/^[\da-f-]{36}$/),
      'repartee.room': 'support',
      'repartee.agent.identity': 'agent-1',
      'repartee.end_reason': 'callerGone',
    });
    expect(collector.resource).toMatchObject({ 'service.name': 'repartee', 'service.version': '1.2.3' });
    expect(collector.spans.filter(({ traceId }) => traceId !== root.traceId)).toEqual([]);
    // The call of this test is told of turns that were before it.
    expect(straySpans(collector.spans).filter(({ parentSpanId }) => parentSpanId !== root.spanId)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('has the spans of a turn without a gap between them, in wall time, the whole being the gap that the caller heard', async () => {
    await tell();
    const spans = collector.spans
      .filter(
        ({ attributes, parentSpanId }) => parentSpanId === answer().spanId && attributes['repartee.hidden'] === false,
      )
      .toSorted((before, after) => Number(before.startNs - after.startNs));
    expect(spans.map(({ name }) => name)).toEqual(turn.account?.spans.map(({ name }) => name));
    expect(spans.slice(1).map(({ startNs }) => startNs)).toEqual(spans.slice(0, -1).map(({ endNs }) => endNs));
    const [first, last] = [spans.at(0), spans.at(-1)];
    expect(Number((last?.endNs ?? 0n) - (first?.startNs ?? 0n)) / 1e6).toBeCloseTo(
      turn.account?.glassToGlassMs ?? 0,
      2,
    );
    expect(Number(first?.startNs) / 1e6).toBeCloseTo(wallNs(turn.account?.spans[0]?.startAtMs ?? 0) / 1e6, 2);
    expect(spans.map(({ attributes }) => attributes['repartee.error_ms'])).toEqual(
      turn.account?.spans.map(({ errorMs }) => errorMs),
    );
  });

  it('shows what was done beside, or before, where it was done, as hidden', async () => {
    await tell();
    const hidden = collector.spans.filter(
      ({ name, attributes, parentSpanId }) =>
        parentSpanId === answer().spanId && attributes['repartee.hidden'] === true && !name.startsWith('chat'),
    );
    const account = turn.account?.hidden ?? [];
    expect(hidden.map(({ name }) => name)).toEqual(account.map(({ name }) => name));
    expect(hidden.map(({ name }) => name)).toContain('generation');
    for (const [index, { startAtMs, ms }] of account.entries()) {
      expect(Math.abs(Number(hidden[index]?.startNs) - wallNs(startAtMs))).toBeLessThan(1e4);
      expect(Math.abs(Number(hidden[index]?.endNs) - wallNs(startAtMs + ms))).toBeLessThan(1e4);
    }
  });

  it('says of a turn what was measured, how far that may be off, and the RTP timestamps of both ends', async () => {
    await tell();
    expect(answer().attributes).toMatchObject({
      'repartee.turn.number': 1,
      'repartee.turn.source': 'voice',
      'repartee.glass_to_glass_ms': turn.account?.glassToGlassMs,
      'repartee.error_ms': turn.account?.errorMs,
      'repartee.response_ms': turn.account?.responseMs,
      'repartee.basis': 'reported',
      'repartee.unknown_spans': [],
      'repartee.rtp.speech_end': 4_294_967_295,
      'repartee.rtp.first_audible': 7,
      'repartee.rtcp.round_trip_ms': 31,
      'repartee.rtcp.jitter_ms': 1.5,
      'repartee.rtcp.fraction_lost': 0.01,
      'repartee.draft.outcome': 'hit',
      'repartee.draft.wasted_characters': 12,
      'repartee.draft.wasted_tokens': 70,
      'repartee.draft.wasted_token_basis': 'estimated',
    });
  });

  it('has the request to the model and the tools by the GenAI conventions', async () => {
    await tell();
    const [chat, ...drafts] = named('chat gpt-test').toSorted((a, b) => Number(b.startNs - a.startNs));
    if (chat === undefined) throw new Error('the model was asked nothing');
    expect(drafts.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'repartee.draft.outcome': 'discarded', 'repartee.hidden': true }),
    ]);
    expect(drafts[0]?.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
    expect(chat.kind, 'CLIENT').toBe(3);
    expect(chat.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-test',
      'gen_ai.conversation.id': one('call').attributes['gen_ai.conversation.id'],
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': 0.26,
      'gen_ai.usage.input_tokens': 90,
      'gen_ai.usage.output_tokens': 12,
    });
    expect(one('execute_tool book').attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'book',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'call_1',
    });
  });

  it('holds nothing that was said and nobody who called, unless the settings allow it', async () => {
    await tell();
    const everything = JSON.stringify(collector.spans, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const secret of ['Ada', '5551234', 'Booked']) expect(everything).not.toContain(secret);
    collector.spans.splice(0);
    await tell({ settings: defineAgent({ telemetry: { content: true } }) });
    expect(one('call').attributes['repartee.caller.identities']).toEqual(['sip_+15551234']);
    expect(answer().attributes).toMatchObject({ 'repartee.turn.transcript': turn.words?.transcript });
    expect(one('execute_tool book').attributes['gen_ai.tool.call.arguments']).toBe('{"who":"Ada"}');
  });
});

describe('a collector that is no use', () => {
  it.each([
    ['refuses', 403],
    ['is busy', 503],
    ['says nothing', 'silent'],
  ] as const)('that %s is told of once, and never waited for longer than two seconds', async (_, refuses) => {
    const broken = await OtlpCollector.start({ refuses });
    try {
      const telemetry = start({ otlp: broken.url });
      const observer = telemetry.telemetry.begin(room, model);
      for (let number = 0; number < 100; number += 1) observer.turn(turn);
      observer.end('callerGone');
      const closing = telemetry.close();
      expect(telemetry.close(), 'idempotent').toBe(closing);
      await closing;
      expect(warnings.length).toBeGreaterThanOrEqual(1);
      expect(warnings.filter((line) => line.includes(broken.url)).length).toBeLessThanOrEqual(1);
      expect(broken.requestCount).toBeGreaterThan(0);
    } finally {
      await broken.close();
    }
  });

  it('that is not there is told of once', async () => {
    await tell({ otlp: 'http://127.0.0.1:9' });
    expect(warnings).toEqual([expect.stringMatching(/^Traces don't reach http:\/\/127\.0\.0\.1:9: .*Calls go on\.$/)]);
  });
});

describe('the standard variables', () => {
  it.each([
    [{ OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_TRACES_EXPORTER: 'none' }],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }],
  ])('%o keep traces here', async (environment) => {
    await tell({ environment });
    expect(collector.requestCount).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('without a collector nothing is sent', async () => {
    await tell({ otlp: undefined });
    expect(collector.requestCount).toBe(0);
  });
});

describe('/metrics', () => {
  it('is text that Prometheus reads, with a histogram of what callers waited for', async () => {
    const telemetry = start();
    const observer = telemetry.telemetry.begin(room, model);
    observer.turn(turn);
    observer.turn({ kind: 'cutIn', replyKind: 'reply', startedAtMs: 9000, endedAtMs: 9500 });
    observer.end('callerGone');
    telemetry.telemetry.begin(room, model);
    const answered = await telemetry.metrics();
    expect(answered.headers?.['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const families = parsePrometheusText(String(answered.body));
    const value = (family: string, name: string, labels: Record<string, string> = {}): number | undefined =>
      families
        .get(family)
        ?.samples.find(
          (sample) =>
            sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
        )?.value;

    expect(families.get('repartee_turn_glass_to_glass')?.type).toBe('histogram');
    const sum = value('repartee_turn_glass_to_glass', 'repartee_turn_glass_to_glass_sum');
    expect(sum).toBeCloseTo((turn.account?.glassToGlassMs ?? 0) / 1000, 6);
    const bucket = 'repartee_turn_glass_to_glass_bucket';
    expect(value('repartee_turn_glass_to_glass', bucket, { le: '0.5' })).toBe(0);
    expect(value('repartee_turn_glass_to_glass', bucket, { le: '0.6' })).toBe(1);
    expect(value('repartee_active_calls', 'repartee_active_calls')).toBe(1);
    for (const kind of ['answer', 'cutIn']) {
      expect(value('repartee_turns_total', 'repartee_turns_total', { repartee_turn_kind: kind })).toBe(1);
    }
    expect(value('repartee_drafts_total', 'repartee_drafts_total', { repartee_draft_outcome: 'hit' })).toBe(1);
    expect(
      value('repartee_turn_span_duration', 'repartee_turn_span_duration_count', {
        repartee_span_name: 'decision',
      }),
    ).toBe(1);
    const wasted = { repartee_token_basis: 'estimated' };
    expect(value('repartee_draft_wasted_tokens_total', 'repartee_draft_wasted_tokens_total', wasted)).toBe(70);
    expect(value('gen_ai_client_operation_duration', 'gen_ai_client_operation_duration_count')).toBe(2);
  });

  it('keeps estimates apart, and what they suppose of the ways: they would blur what callers heard', async () => {
    const telemetry = start();
    const observer = telemetry.telemetry.begin(room, model);
    const heard = estimatedHearing(10_501, { roundTripMs: 40, spreadMs: 5 });
    observer.turn({ ...turn, account: turnAccount({ ...marks, heard }) });
    observer.turn({ ...turn, account: turnAccount({ ...marks, heard: undefined }) });
    observer.end('callerGone');
    const families = parsePrometheusText(String((await telemetry.metrics()).body));
    const count = (family: string): number | undefined =>
      families.get(family)?.samples.find(({ name }) => name === `${family}_count`)?.value;
    expect(families.has('repartee_turn_glass_to_glass')).toBe(false);
    expect(count('repartee_turn_estimated_glass_to_glass')).toBe(1);
    expect(count('repartee_turn_response')).toBe(2);
    const spans = families.get('repartee_turn_span_duration')?.samples ?? [];
    const names = new Set(spans.map(({ labels }) => labels['repartee_span_name']));
    expect(names).toEqual(new Set(['jitter buffer', 'decision', 'playout queue']));
  });
});
