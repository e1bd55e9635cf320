// How long a caller who breaks in goes on hearing the agent, in whole conversations: the account, and what they heard.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { startTelemetry } from '../../src/cli/telemetry.ts';
import type { BargeInAccount } from '../../src/latency/barge-in-account.ts';
import { OPUS_LOOK_AHEAD_MS } from '../../src/latency/turn-account.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { type Session, startSession } from '../../src/session/session.ts';
import type { ReportedAccount } from '../../src/session/turn-accounts.ts';
import { SessionReportFile, sessionReportSchema } from '../../src/telemetry/session-report.ts';
import { OtlpCollector, straySpans } from '../fixtures/otlp-collector.ts';
import { parsePrometheusText } from '../fixtures/prometheus-text.ts';
import { type CallerSide, PageRoom, windowCodec } from './page-room.ts';
import { SimCaller } from './sim-caller.ts';
import { SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const STORY = 'Once upon a time there was a fox. '.repeat(20);

let clock: VirtualClock;
let room: PageRoom;
let caller: SimCaller;
let session: Session;
let accounts: ReportedAccount[];

beforeEach(() => {
  clock = new VirtualClock();
  accounts = [];
});

afterEach(async () => {
  await session.close();
});

/** A caller who has heard three seconds of a long story. */
async function duringStory(
  side: CallerSide,
  {
    script = 'stop it now please',
    options = {},
    ...more
  }: { readonly script?: string; readonly options?: AgentOptions } & Partial<Parameters<typeof startSession>[0]> = {},
): Promise<void> {
  room = new PageRoom(clock, side);
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, `story please ${script}`),
      model: new SimModel(clock, (question) => (question.startsWith('story') ? STORY : 'All right.')),
      tts: new SimTextToSpeech(clock),
      codec: windowCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({ anticipation: { source: 'off' }, ...options }),
    clock,
    log: silentLogger,
    onAccount: (account) => accounts.push(account),
    ...more,
  });
  caller = new SimCaller(clock, room);
  await caller.rest(1000);
  await caller.speak(600);
  await caller.rest(4200);
}

interface BrokenIn {
  readonly account: BargeInAccount | undefined;
  /** From the first sample of the caller's voice to the last audible one that they heard of the story. */
  readonly truthMs: number;
}

async function breakIn(ms = 1200): Promise<BrokenIn> {
  const saidFromMs = clock.nowMs();
  await caller.speak(ms);
  await caller.rest(300);
  const untilMs = clock.nowMs();
  await caller.rest(12_000);
  const final = accounts.find(({ replyId, status }) => replyId === 1 && status === 'final');
  // A simulated packet is sent as its last sample is captured, 20 ms after the first one.
  const onsetMs = saidFromMs - 20 - OPUS_LOOK_AHEAD_MS;
  return {
    account: final?.bargeIn,
    truthMs: room.lastHeardBefore(untilMs) + OPUS_LOOK_AHEAD_MS - onsetMs,
  };
}

function expectContiguous({ spans }: BargeInAccount): void {
  for (const [index, { startAtMs }] of spans.slice(1).entries()) {
    const before = spans[index];
    expect(startAtMs).toBeCloseTo((before?.startAtMs ?? NaN) + (before?.ms ?? NaN), 6);
  }
}

describe('the account of a barge-in', () => {
  it.each([
    ['page', 'reported', 30],
    ['program', 'estimated', 120],
  ] as const)('with a %s at their side is %s, and covers what the caller heard', async (side, basis, atMostMs) => {
    await duringStory(side);
    const { account, truthMs } = await breakIn();
    if (account === undefined) throw new Error('no account of the barge-in');
    expect(account.basis).toBe(basis);
    expect(Math.abs((account.bargeInMs ?? NaN) - truthMs)).toBeLessThanOrEqual(account.errorMs ?? NaN);
    expect(account.errorMs).toBeLessThan(atMostMs);
    expect(account.spans.map(({ name }) => name)).toEqual([
      'codec look-ahead',
      'uplink',
      'detection',
      'evidence',
      'fade',
      'downlink',
      'receiver',
      'codec look-ahead',
    ]);
    expectContiguous(account);
    expect(account.spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(account.bargeInMs ?? NaN, 6);
  });

  it('moves with the receiver of the caller by what that holds', async () => {
    await duringStory('page');
    room.bufferMs = 140;
    const { account, truthMs } = await breakIn();
    expect(Math.abs((account?.bargeInMs ?? NaN) - truthMs)).toBeLessThanOrEqual(account?.errorMs ?? NaN);
    expect(account?.spans.find(({ name }) => name === 'receiver')?.ms).toBeGreaterThan(120);
  });

  it('claims no figure where nobody answers, and tells what we saw', async () => {
    await duringStory('nothing');
    const { account } = await breakIn();
    expect(account).toMatchObject({ bargeInMs: undefined, errorMs: undefined, basis: 'unknown' });
    expect(account?.spans.map(({ name }) => name)).toEqual(['detection', 'evidence', 'fade']);
  });

  it('is told in the room as part of the account of the reply that was ended, which says how it went on', async () => {
    await duringStory('page');
    await breakIn();
    const told = accounts.filter(({ replyId }) => replyId === 1);
    expect(told.map(({ bargeIn }) => bargeIn === undefined).lastIndexOf(true)).toBeLessThan(told.length - 1);
    const messages: unknown[] = room.data.filter((message) => Object(message).status === 'final');
    expect(messages).toContainEqual(JSON.parse(JSON.stringify(told.at(-1))));
  });

  it.each([
    ['a sound after which the reply goes on', 200],
    ['a caller who only listens', 0],
  ])('is none for %s', async (_name, ms) => {
    await duringStory('page', { script: ' '.repeat(20) });
    if (ms > 0) await caller.speak(ms);
    await caller.rest(60_000);
    expect(accounts.length).toBeGreaterThan(1);
    expect(accounts.filter(({ bargeIn }) => bargeIn !== undefined)).toEqual([]);
  });

  it('counts from the voice that ended the reply, not from an earlier sound that did not', async () => {
    await duringStory('page', { script: '   stop it now please' });
    await caller.speak(200);
    await caller.rest(1500);
    const { account, truthMs } = await breakIn(1800);
    expect(Math.abs((account?.bargeInMs ?? NaN) - truthMs)).toBeLessThanOrEqual(account?.errorMs ?? NaN);
  });

  it('is a span of the trace with spans of its own, a figure for Prometheus, and in the session report', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'repartee-barge-in-'));
    const collector = await OtlpCollector.start();
    const path = join(folder, 'call.json');
    const stages = { stt: 'sim', llm: 'sim', tts: 'sim' };
    const report = await SessionReportFile.create({
      path,
      room: 'sim',
      identity: 'agent',
      settings: {},
      stages,
      clock,
    });
    const telemetry = startTelemetry({
      otlp: collector.url,
      settings: defineAgent(),
      version: '1.0.0',
      environment: {},
      clock,
      warn: (line) => collector.faults.push(line),
    });
    try {
      await duringStory('page', {
        onTurn: (turn) => report.addTurn(turn),
        observe: (joined) => {
          const observer = telemetry.telemetry.begin(joined, { provider: 'sim', isLocal: true });
          return {
            caller: (identity) => observer.caller(identity),
            turn: (turn) => {
              report.addFinished(turn);
              observer.turn(turn);
            },
            end: (reason) => observer.end(reason),
          };
        },
      });
      const { account } = await breakIn();
      await session.close();
      await report.end('closed');
      const families = parsePrometheusText(String((await telemetry.metrics()).body));
      await telemetry.close();

      const bargeIns = collector.spans.filter(({ name }) => name === 'barge-in');
      expect(bargeIns).toHaveLength(1);
      expect(bargeIns[0]?.attributes).toMatchObject({
        'repartee.barge_in_ms': account?.bargeInMs,
        'repartee.basis': 'reported',
      });
      const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === bargeIns[0]?.spanId);
      expect(children.map(({ name }) => name)).toEqual(account?.spans.map(({ name }) => name));
      expect(straySpans(collector.spans)).toEqual([]);
      expect(families.get('repartee_barge_ins_total')?.samples[0]?.value).toBe(1);
      const counts = families.get('repartee_barge_in_duration')?.samples ?? [];
      expect(counts.find(({ name }) => name.endsWith('_count'))?.value).toBe(1);
      const { turns, statistics } = sessionReportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      expect(turns.map(({ bargeIn }) => bargeIn?.bargeInMs)).toEqual([account?.bargeInMs, undefined]);
      expect(statistics.bargeInMs).toEqual({ count: 1, p50: account?.bargeInMs, p95: account?.bargeInMs });
    } finally {
      await telemetry.close();
      await collector.close();
      await rm(folder, { recursive: true });
    }
    expect(collector.faults).toEqual([]);
  });
});
