// What a whole conversation in virtual time tells a collector and Prometheus: the real SDK, exporter and protocol.

import { tool } from 'ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { type ProcessTelemetry, startTelemetry } from '../../src/cli/telemetry.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import { type Session, startSession } from '../../src/session/session.ts';
import type { ReportedAccount } from '../../src/session/turn-accounts.ts';
import { type CollectedSpan, OtlpCollector, straySpans } from '../fixtures/otlp-collector.ts';
import { parsePrometheusText } from '../fixtures/prometheus-text.ts';
import { ScriptedModel } from './scripted-model.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimSpeechToText, SimTextToSpeech, simVoiceDetector, wait } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let collector: OtlpCollector;
let telemetry: ProcessTelemetry;
let session: Session;
let accounts: ReportedAccount[];
let caller: SimCaller;

beforeEach(async () => {
  clock = new VirtualClock();
  collector = await OtlpCollector.start();
  accounts = [];
});

afterEach(async () => {
  await session.close();
  await telemetry.close();
  await collector.close();
  await clock.advance(20_000);
  expect(clock.pendingTimerCount).toBe(0);
  expect(collector.faults).toEqual([]);
});

/** Books a table, which takes a quarter of a second, and says so. */
async function begin(options: AgentOptions = {}): Promise<void> {
  telemetry = startTelemetry({
    otlp: collector.url,
    settings: defineAgent(options),
    version: '1.0.0',
    environment: {},
    clock,
    warn: (line) => collector.faults.push(line),
  });
  const model = new ScriptedModel(clock, (prompt) =>
    prompt.some((line) => line.startsWith('tool: book'))
      ? { text: 'Your table is booked.', tokens: { input: 130, output: 6 } }
      : { text: '', calls: [{ tool: 'book', input: { table: 4 } }], tokens: { input: 100, output: 12 } },
  );
  const book = tool({
    inputSchema: z.object({ table: z.number() }),
    execute: async (_, { abortSignal = new AbortController().signal }) => {
      await wait(clock, 250, abortSignal);
      return 'done';
    },
  });
  const room = new SimRoom(clock);
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, 'a table for four on friday please', { finalsAtPauses: true }),
      model: languageModelReplies({ model: model.model, tools: { book }, clock }),
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent(options),
    clock,
    log: silentLogger,
    observe: (joined) => telemetry.telemetry.begin(joined, { provider: 'sim', name: 'scripted', isLocal: true }),
    onAccount: (account) => accounts.push(account),
  });
  caller = new SimCaller(clock, room, 'sip_+15551234');
}

/** Hangs up, and has everything sent. */
async function end(): Promise<string> {
  await session.close();
  const body = String((await telemetry.metrics()).body);
  await telemetry.close();
  return body;
}

const named = (name: string): CollectedSpan[] => collector.spans.filter((span) => span.name === name);

describe('a conversation', () => {
  it('is a trace in which every span lies within its parent', async () => {
    await begin({ greeting: 'Good evening.' });
    await caller.rest(2500);
    await caller.ask(2100);
    await end();
    expect(straySpans(collector.spans)).toEqual([]);
    expect(named('call')).toHaveLength(1);
    const kinds = named('turn').map(({ attributes }) => attributes['repartee.turn.kind']);
    expect(new Set(kinds)).toEqual(new Set(['answer', 'greeting']));
    expect(kinds).toHaveLength(2);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    const [booked] = named('execute_tool book');
    expect(Number((booked?.endNs ?? 0n) - (booked?.startNs ?? 0n)) / 1e6).toBeCloseTo(250, 3);
    expect(named('chat scripted').length).toBe(1);
  });

  it('has the spans of each final account, without gaps, in the order of time', async () => {
    await begin();
    await caller.ask(2100);
    await end();
    const final = accounts.find(({ kind, status }) => kind === 'answer' && status === 'final');
    const account = final?.kind === 'answer' ? final.account : undefined;
    const [answer] = named('turn');
    const spans = collector.spans
      .filter(
        ({ parentSpanId, attributes }) => parentSpanId === answer?.spanId && attributes['repartee.hidden'] === false,
      )
      .toSorted((before, after) => Number(before.startNs - after.startNs));
    expect(spans.length).toBeGreaterThan(2);
    expect(spans.map(({ name }) => name)).toEqual(account?.spans.map(({ name }) => name));
    expect(spans.slice(1).map(({ startNs }) => startNs)).toEqual(spans.slice(0, -1).map(({ endNs }) => endNs));
    const totalMs = Number((spans.at(-1)?.endNs ?? 0n) - (spans[0]?.startNs ?? 0n)) / 1e6;
    expect(totalMs).toBeCloseTo(account?.spans.reduce((sum, { ms }) => sum + ms, 0) ?? 0, 2);
    expect(answer?.attributes).toMatchObject({
      'repartee.response_ms': account?.responseMs,
      'repartee.turn.number': 1,
      'repartee.rtp.first_audible': expect.any(Number),
      'repartee.rtp.speech_end': expect.any(Number),
    });
  });

  it('has what the model was asked in vain, and what all of it cost', async () => {
    await begin({ endpointing: { policy: 'fixed' } });
    await caller.speak(900);
    await caller.rest(450);
    await caller.ask(1200);
    const families = parsePrometheusText(await end());
    const chats = named('chat scripted');
    const discarded = chats.filter(({ attributes }) => attributes['repartee.draft.outcome'] === 'discarded');
    expect([chats.length, discarded.length]).toEqual([2, 1]);
    const answered = chats.find((chat) => !discarded.includes(chat));
    // Both steps of it, before and after the tool.
    expect(answered?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 230, 'gen_ai.usage.output_tokens': 18 });
    const [turn] = named('turn');
    expect(turn?.attributes).toMatchObject({
      'repartee.draft.outcome': 'hit',
      'repartee.draft.count': 2,
      'repartee.draft.wasted_tokens': expect.any(Number),
    });
    const wastedTokens = Number(turn?.attributes['repartee.draft.wasted_tokens']);
    expect(wastedTokens).toBeGreaterThan(0);
    const counter = families.get('repartee_draft_wasted_tokens_total')?.samples[0];
    expect(counter?.value).toBe(wastedTokens);
    expect(counter?.labels).toEqual({
      repartee_token_basis: turn?.attributes['repartee.draft.wasted_token_basis'],
    });
    expect(straySpans(collector.spans)).toEqual([]);
  });

  it('that ends in the middle of an answer has that turn all the same', async () => {
    await begin();
    await caller.speak(2100);
    await caller.rest(2300);
    await end();
    expect(named('turn').map(({ attributes }) => attributes['repartee.turn.kind'])).toEqual(['answer']);
    expect(straySpans(collector.spans)).toEqual([]);
  });

  it('gives away nothing that was said, nor who called', async () => {
    await begin({ greeting: 'Good evening.' });
    await caller.ask(2100);
    await end();
    const everything = collector.spans
      .map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`)
      .join('\n');
    expect(everything).not.toMatch(/friday|evening|booked|5551234/);
  });

  it('gives figures that Prometheus reads', async () => {
    await begin({ greeting: 'Good evening.' });
    await caller.rest(2500);
    await caller.ask(2100);
    const families = parsePrometheusText(await end());
    const turns = families.get('repartee_turns_total')?.samples.map(({ labels, value }) => [labels, value]);
    expect(turns).toContainEqual([{ repartee_turn_kind: 'answer' }, 1]);
    expect(turns).toContainEqual([{ repartee_turn_kind: 'greeting' }, 1]);
    expect(families.get('repartee_active_calls')?.samples[0]?.value).toBe(0);
    expect(families.get('repartee_turn_response')?.type).toBe('histogram');
  });
});
