// `repartee join` on providers: the real binary and LiveKit server, local servers in the place of Deepgram, OpenAI and
// Cartesia that speak their protocols, and a caller who shares no code with the agent.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Cartesia, startCartesia } from '../../bench/providers/cartesia.ts';
import type { VoiceSettings } from '../../bench/providers/cartesia-protocol.ts';
import {
  type DeepgramFault,
  type DeepgramStandIn,
  startDeepgram,
  utteranceOf,
} from '../../bench/providers/deepgram.ts';
import { type ChatMessage, type OpenaiChat, startOpenaiChat, textOf } from '../../bench/providers/openai-chat.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { type SessionReport, sessionReportSchema } from '../../src/telemetry/session-report.ts';
import { type Caller, connectCaller } from './caller.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import type { Pcm } from './pcm.ts';
import { livekitEnvironment, repartee, runProgram, type RunningProgram } from './repartee-program.ts';
import { synthesise } from './speech.ts';

const APOLOGY = 'Sorry, something went wrong here.';
const KEYS = { DEEPGRAM_API_KEY: 'dg-key', OPENAI_API_KEY: 'oa-key', CARTESIA_API_KEY: 'ca-key' };

/** Different enough that a lost, doubled or swapped turn shows. */
const QUESTIONS = [
  'hello is anybody there',
  'when do you open on monday',
  'and on sunday',
  'i would like a table for four',
  'tomorrow evening please',
  'at half past seven',
  'my name is miller',
  'do you have a terrace',
  'is there a menu for children',
  'what does the fish cost',
  'can i pay by card',
  'where can i park my car',
  'are dogs allowed inside',
  'how do i get there by bus',
  'is the kitchen open after ten',
  'do you sell vouchers',
  'can you make it eight people',
  'no make it six after all',
  'that is all thank you',
  'goodbye then',
];

let livekit: TestLivekitServer;
let folder: string;
let speech: readonly Pcm[];
let deepgram: DeepgramStandIn;
let openai: OpenaiChat;
let cartesia: Cartesia;
let callers: Caller[] = [];
let programs: RunningProgram[] = [];
let roomCount = 0;

beforeAll(async () => {
  livekit = await startLivekitServer();
  folder = await mkdtemp(join(tmpdir(), 'repartee-providers-'));
  speech = await Promise.all(QUESTIONS.map(async (question) => await synthesise(question)));
});

beforeEach(async () => {
  const script = QUESTIONS.map((question, index) => utteranceOf(question, speech[index]?.samples ?? new Int16Array()));
  deepgram = await startDeepgram({ apiKey: KEYS.DEEPGRAM_API_KEY, script, lagMs: 100 });
  openai = await startOpenaiChat({
    apiKey: KEYS.OPENAI_API_KEY,
    models: ['a-model'],
    reply: (messages) => answerTo(lastOf(messages)),
    firstTokenMs: 100,
    tokenMs: 5,
  });
  cartesia = await startCartesia({ apiKey: KEYS.CARTESIA_API_KEY, firstByteMs: 80, synthesise: hurriedVoice });
});

afterEach(async () => {
  await Promise.all(callers.map(async (caller) => caller.leave()));
  callers = [];
  await Promise.all(programs.map(async (program) => program.kill()));
  programs = [];
  await Promise.all([deepgram.close(), openai.close(), cartesia.close()]);
});

afterAll(async () => {
  await livekit?.close();
  await rm(folder, { recursive: true });
});

interface Agent {
  /** Ends it, and gives its exit code, what it said on stderr, and the report. */
  end(): Promise<{ readonly code: number | null; readonly stderr: string; readonly report: SessionReport }>;
}

/** An agent in a room of its own, and a caller it listens to. */
async function call(...options: readonly string[]): Promise<{ readonly agent: Agent; readonly caller: Caller }> {
  roomCount += 1;
  const room = `providers-${roomCount}`;
  const reportPath = join(folder, `${room}.json`);
  const providers = ['--stt', 'deepgram', '--llm', 'openai', '--tts', 'cartesia'];
  const program = runProgram([...repartee, 'join', room, ...providers, '--report', reportPath, ...options], {
    folder,
    environment: {
      ...livekitEnvironment(livekit),
      ...KEYS,
      OPENAI_MODEL: 'a-model',
      DEEPGRAM_BASE_URL: deepgram.baseUrl,
      OPENAI_BASE_URL: openai.baseUrl,
      CARTESIA_BASE_URL: cartesia.baseUrl,
    },
  });
  programs.push(program);
  const caller = await connectCaller({ ...livekit, room, identity: 'ada' });
  callers.push(caller);
  await caller.waitForAgent();
  const agent = {
    end: async () => {
      program.signal('SIGTERM');
      const code = await program.exitCode;
      const report = sessionReportSchema.parse(JSON.parse(await readFile(reportPath, 'utf8')));
      return { code, stderr: program.stderr(), report };
    },
  };
  return { agent, caller };
}

/** A file with these settings; returns its path. */
async function settings(options: AgentOptions): Promise<string> {
  const path = join(folder, 'settings.json');
  await writeFile(path, JSON.stringify(options));
  return path;
}

async function ask(caller: Caller, index: number): Promise<void> {
  // The stand-in's voice has no pauses: what comes after half a second of quiet is another reply.
  await caller.ask(speech[index] ?? { samples: new Int16Array(), sampleRateHz: 16_000 }, { quietMs: 500 });
}

/** A tone of 25 ms a character: nobody has to understand it, and twenty turns take less time. */
async function hurriedVoice(
  text: string,
  { output_format: { sample_rate: sampleRateHz } }: VoiceSettings,
): Promise<Int16Array> {
  const length = Math.round(Math.max(0.2, text.length * 0.025) * sampleRateHz);
  return Int16Array.from({ length }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * 300 * n) / sampleRateHz)));
}

const lastOf = (messages: readonly ChatMessage[]): string => messages.map(textOf).at(-1) ?? '';

/** As it is written, which is what captions and reports hold; it is spoken without the stars, and as "five dollars". */
const answerTo = (question: string): string => `Yes, **${question}**, for $5.`;

describe('a conversation on Deepgram, OpenAI and Cartesia', () => {
  it('of 20 turns: each answered, nothing lost, nothing left open', { timeout: 240_000 }, async () => {
    const { agent, caller } = await call();
    for (const index of QUESTIONS.keys()) await ask(caller, index);
    const { code, stderr, report } = await agent.end();

    expect(
      report.turns.map(({ turn, transcript, reply, heardText }) => ({ turn, transcript, reply, heardText })),
    ).toEqual(
      QUESTIONS.map((question, index) => ({
        turn: index + 1,
        transcript: question,
        reply: answerTo(question),
        heardText: answerTo(question),
      })),
    );
    expect(report.errors).toEqual([]);
    expect(deepgram.unscriptedCount).toBe(0);
    const spoken = cartesia.contexts.flatMap(({ transcripts }) => transcripts).join('');
    for (const question of QUESTIONS) expect(spoken).toContain(`Yes, ${question}, for five dollars.`);
    expect(spoken).not.toMatch(/[*$]/u);

    // It ended by itself: a socket or a timer that is left behind would be named on stderr.
    expect([code, stderr]).toEqual([0, '']);
    await openai.disconnected();
    expect([deepgram.openSocketCount, openai.openConnectionCount, cartesia.openSocketCount]).toEqual([0, 0, 0]);
  });

  it('in batch: the same words', async () => {
    const { agent, caller } = await call('--batch', 'stt,llm,tts');
    for (const index of [0, 1, 2]) await ask(caller, index);
    const { code, report } = await agent.end();
    expect(report.turns.map(({ transcript, heardText }) => [transcript, heardText])).toEqual(
      QUESTIONS.slice(0, 3).map((question) => [question, answerTo(question)]),
    );
    expect(code).toBe(0);
  });
});

describe('a fault in a call', () => {
  it('of each provider in turn: something short is said, the call goes on, the report tells', async () => {
    const { agent, caller } = await call();
    await ask(caller, 0);

    openai.failNext({ type: 'status', status: 401 }, 8);
    await ask(caller, 1);
    openai.heal();
    cartesia.cutConnections();
    await ask(caller, 2);
    await ask(caller, 3);

    const { code, report } = await agent.end();
    expect(code).toBe(0);
    const [first, refused, ...others] = report.turns.filter(({ kind }) => kind === 'reply');
    expect(first).toMatchObject({ transcript: QUESTIONS[0], heardText: answerTo(QUESTIONS[0] ?? '') });
    expect(refused).toMatchObject({ transcript: QUESTIONS[1], error: expect.stringContaining('OPENAI_API_KEY') });
    expect(others.map(({ heardText }) => heardText)).toEqual([2, 3].map((index) => answerTo(QUESTIONS[index] ?? '')));
    const apologies = report.turns.filter(({ kind }) => kind === 'apology');
    expect(apologies.map(({ heardText }) => heardText)).toEqual([expect.stringContaining(APOLOGY)]);
    expect(report.errors.length).toBeGreaterThan(0);
  });

  it('of model and voice that another attempt helps against: the caller notices nothing, the report tells', async () => {
    const { agent, caller } = await call('--config', await settings({ drafts: { policy: 'off' } }));
    const problem = { status: 429, title: 'Too many requests', message: 'Slow down', code: null };
    for (const [index, fault] of [
      () => openai.failNextChats({ type: 'status', status: 429, headers: { 'retry-after': '0.2' } }),
      () => openai.failNextChats({ type: 'garbage' }),
      () => cartesia.failNext({ type: 'error', problem }),
      () => cartesia.failNext({ type: 'frame', frame: '{"type":"chunk","context_id":"{context_id}","data":"%"}' }),
    ].entries()) {
      fault();
      await ask(caller, index);
    }
    const { code, report } = await agent.end();
    expect(code).toBe(0);
    expect(report.turns.map(({ transcript, heardText }) => [transcript, heardText])).toEqual(
      QUESTIONS.slice(0, 4).map((question) => [question, answerTo(question)]),
    );
    const told = report.errors.map(({ message }) => message).join('\n');
    for (const said of ['a-model answered 429', 'Cartesia answered 429', 'Cartesia sent audio that is not base64']) {
      expect(told).toContain(said);
    }
  });

  it('of a model in mid-reply, or that is too slow: something short follows, and the call goes on', async () => {
    const llm = { firstTokenDeadlineMs: 1500 };
    const { agent, caller } = await call('--config', await settings({ llm, drafts: { policy: 'off' } }));
    for (const [index, fault] of [
      () => openai.failNextChats({ type: 'broken', afterTokens: 4 }),
      () => openai.failNextChats({ type: 'silence' }),
      () => undefined,
    ].entries()) {
      openai.heal();
      fault();
      await ask(caller, index);
      await caller.waitForAgent();
    }
    const { code, report } = await agent.end();
    expect(code).toBe(0);
    const replies = report.turns.filter(({ kind }) => kind === 'reply');
    expect(replies).toEqual([
      expect.objectContaining({ transcript: QUESTIONS[0], error: expect.stringContaining('broke off') }),
      expect.objectContaining({ heardText: '', error: expect.stringContaining('1500 ms') }),
      expect.objectContaining({ transcript: QUESTIONS[2], heardText: answerTo(QUESTIONS[2] ?? '') }),
    ]);
    const apologies = report.turns.filter(({ kind }) => kind === 'apology');
    expect(apologies.map(({ heardText }) => heardText)).toEqual(Array(2).fill(expect.stringContaining(APOLOGY)));
  });

  it.each<DeepgramFault>([
    { kind: 'drop', afterMs: 7000 },
    { kind: 'close', afterMs: 7000, code: 1011, reason: 'NET-0000' },
    { kind: 'say', afterMs: 7000, data: '<html>' },
  ])('of recognition ($kind): it is opened again, and nothing is lost', async (fault) => {
    deepgram.fail(fault);
    const { agent, caller } = await call();
    for (const index of [0, 1, 2]) await ask(caller, index);
    const { report } = await agent.end();
    expect(deepgram.connections.length).toBeGreaterThan(1);
    expect(report.turns.map(({ transcript }) => transcript)).toEqual(QUESTIONS.slice(0, 3));
  });
});
