// `repartee doctor` and `repartee join` with services at the addresses that the environment names: the keys, models and
// voices that were set arrive there, and a caller is answered through all three.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Cartesia, startCartesia } from '../../bench/providers/cartesia.ts';
import { type DeepgramStandIn, startDeepgram, utteranceOf } from '../../bench/providers/deepgram.ts';
import { type OpenaiChat, startOpenaiChat } from '../../bench/providers/openai-chat.ts';
import { sessionReportSchema } from '../../src/telemetry/session-report.ts';
import { connectCaller } from './caller.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import type { Pcm } from './pcm.ts';
import { livekitEnvironment, printed, repartee, runProgram } from './repartee-program.ts';
import { synthesise } from './speech.ts';

const QUESTION = 'Is there a train to Leeds?';
const ANSWER = 'Yes, one leaves in ten minutes.';

let livekit: TestLivekitServer;
let question: Pcm;
let deepgram: DeepgramStandIn;
let chat: OpenaiChat;
let cartesia: Cartesia;
let folder: string;
let environment: Readonly<Record<string, string>>;

beforeEach(async () => {
  livekit = await startLivekitServer();
  question = await synthesise(QUESTION);
  deepgram = await startDeepgram({ apiKey: 'deepgram-key', script: [utteranceOf(QUESTION, question.samples)] });
  chat = await startOpenaiChat({ apiKey: 'openai-key', models: ['a-model'], reply: () => ANSWER });
  cartesia = await startCartesia({ apiKey: 'cartesia-key', voices: ['a-voice'] });
  folder = await mkdtemp(join(tmpdir(), 'repartee-providers-'));
  environment = {
    ...livekitEnvironment(livekit),
    DEEPGRAM_API_KEY: 'deepgram-key',
    DEEPGRAM_BASE_URL: deepgram.baseUrl,
    OPENAI_API_KEY: 'openai-key',
    OPENAI_BASE_URL: chat.baseUrl,
    OPENAI_MODEL: 'a-model',
    CARTESIA_API_KEY: 'cartesia-key',
    CARTESIA_BASE_URL: cartesia.baseUrl,
    CARTESIA_VOICE: 'a-voice',
    REPARTEE_PAGE_PORT: '0',
  };
});

afterEach(async () => {
  await Promise.all([deepgram.close(), chat.close(), cartesia.close(), livekit.close()]);
  await rm(folder, { recursive: true });
});

describe('services by the environment', () => {
  it('are found well by the doctor', async () => {
    const doctor = runProgram([...repartee, 'doctor'], { folder, environment });
    expect(await doctor.exitCode).toBe(0);
    for (const line of [/✓ Deepgram/, /✓ OpenAI API .* has a-model/, /✓ Cartesia .* voice is there/]) {
      expect(doctor.stdout()).toMatch(line);
    }
  });

  it('answer a caller, and are let go of at the end', async () => {
    const report = join(folder, 'call.json');
    const options = ['--language', 'en-GB', '--report', report];
    const agent = runProgram([...repartee, 'join', 'trains', ...options], { folder, environment });
    try {
      await printed(agent, /hears by deepgram nova-3, replies by .* a-model, speaks by Cartesia sonic-3/);
      await printed(agent, /^Joined\./m);
      const caller = await connectCaller({ ...livekit, room: 'trains', identity: 'ada' });
      await caller.waitForAgent();
      await caller.ask(question);
      await printed(agent, /^1 .*Leeds.* → .*ten minutes.* ms$/m);
      agent.signal('SIGTERM');
      expect(await agent.exitCode).toBe(0);
      await caller.leave();
    } finally {
      await agent.kill();
    }
    expect(deepgram.connections.at(-1)?.query.get('language')).toBe('en-GB');
    expect(chat.chats.at(-1)?.body).toMatchObject({
      model: 'a-model',
      messages: [
        { role: 'system', content: expect.stringContaining('British English') },
        { role: 'user', content: QUESTION },
      ],
    });
    const { turns, errors } = sessionReportSchema.parse(JSON.parse(await readFile(report, 'utf8')));
    expect(turns).toEqual([expect.objectContaining({ transcript: QUESTION, reply: ANSWER, heardText: ANSWER })]);
    expect(errors).toEqual([]);
    expect([deepgram.openSocketCount, chat.openConnectionCount, cartesia.openSocketCount]).toEqual([0, 0, 0]);
  });
});
