// `npm run bench:heard [-- --profile usual] [--questions N] [--modes batch,streaming,drafts,full]`: what a caller waits for,
// measured at their ear. A real LiveKit server, the real binary, stand-ins of Deepgram, OpenAI and Cartesia with set
// latencies, and a caller on rtc-node who shares no code with the agent. Gap: the caller's last audible sample into their
// track → the first audible sample of the answer out of the agent's. rtc-node itself takes about 50 ms of it, both ways.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { AgentOptions } from '../src/agent.ts';
import { type Caller, connectCaller } from '../test/e2e/caller.ts';
import { startLivekitServer, type TestLivekitServer } from '../test/e2e/livekit-server.ts';
import { concatenate, levelDbfs, type Pcm, silence, WINDOW_MS } from '../test/e2e/pcm.ts';
import { livekitEnvironment, repartee, runProgram } from '../test/e2e/repartee-program.ts';
import { synthesise } from '../test/e2e/speech.ts';
import { startCartesia } from './providers/cartesia.ts';
import { startDeepgram, utteranceOf } from './providers/deepgram.ts';
import { startOpenaiChat } from './providers/openai-chat.ts';
import { percentile } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    profile: { type: 'string', default: 'usual' },
    questions: { type: 'string', default: '20' },
    modes: { type: 'string', default: 'batch,streaming,drafts,full' },
  },
});

interface Profile {
  readonly sttMs: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly firstByteMs: number;
}

const profiles: Readonly<Record<string, Profile>> = {
  fast: { sttMs: 100, firstTokenMs: 120, tokenMs: 10, firstByteMs: 80 },
  usual: { sttMs: 150, firstTokenMs: 350, tokenMs: 20, firstByteMs: 150 },
};

interface Mode {
  readonly settings: AgentOptions;
  readonly flags: readonly string[];
}

const modes: Readonly<Record<string, Mode>> = {
  batch: { settings: { drafts: { policy: 'off' } }, flags: ['--batch', 'stt,llm,tts', '--no-parallel'] },
  streaming: { settings: { drafts: { policy: 'off' } }, flags: [] },
  drafts: { settings: { drafts: { waitMs: 0 } }, flags: [] },
  full: { settings: {}, flags: [] },
};

/** A `|` is a pause of 700 ms inside the sentence. */
const QUESTIONS = [
  'when do you open on monday',
  'i would like a table for | four people',
  'can i pay by card',
  'my name is | john miller',
  'where can i park my car',
  'could you tell me if | dogs are allowed',
  'is the kitchen open after ten',
  'we are coming on friday and | on saturday',
  'how do i get there by bus',
  'do you sell vouchers',
];
const PAUSE_MS = 700;
const KEYS = { DEEPGRAM_API_KEY: 'dg-key', OPENAI_API_KEY: 'oa-key', CARTESIA_API_KEY: 'ca-key' };
const REPLY = 'Yes, of course, we can do that for you. Anything else?';

interface Question {
  readonly text: string;
  readonly speech: Pcm;
  /** What is inaudible at the end of `speech`. */
  readonly quietMs: number;
  readonly pauses: boolean;
}

async function spoken(sentence: string): Promise<Question> {
  const parts = await Promise.all(sentence.split('|').map(async (part) => await synthesise(part.trim())));
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error('an empty question');
  const pause = silence(PAUSE_MS, first.sampleRateHz);
  const speech = concatenate(first, ...rest.flatMap((part) => [pause, part]));
  return {
    text: sentence.replace(' | ', ' '),
    speech,
    quietMs: trailingQuietMs(speech),
    pauses: parts.length > 1,
  };
}

/** After the last 10 ms above −45 dBFS, where speech ends. */
function trailingQuietMs({ samples, sampleRateHz }: Pcm): number {
  const window = (sampleRateHz * WINDOW_MS) / 1000;
  let quietMs = 0;
  for (let end = samples.length; end >= window; end -= window) {
    if (levelDbfs(samples.subarray(end - window, end)) > -45) break;
    quietMs += WINDOW_MS;
  }
  return quietMs;
}

interface Figures {
  readonly gapsMs: readonly number[];
  /** Turns that the agent made of the questions, and questions with a pause that became more than one. */
  readonly turns: number;
  readonly splits: number;
  readonly modelCalls: number;
}

async function run(
  server: TestLivekitServer,
  mode: Mode,
  profile: Profile,
  questions: readonly Question[],
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'repartee-heard-'));
  const config = join(folder, 'settings.json');
  await writeFile(config, JSON.stringify(mode.settings));
  const [deepgram, openai, cartesia] = await Promise.all([
    startDeepgram({
      apiKey: KEYS.DEEPGRAM_API_KEY,
      script: questions.map(({ text, speech }) => utteranceOf(text, speech.samples)),
      lagMs: profile.sttMs,
    }),
    startOpenaiChat({ apiKey: KEYS.OPENAI_API_KEY, models: ['a-model'], reply: () => REPLY, ...profile }),
    startCartesia({ apiKey: KEYS.CARTESIA_API_KEY, ...profile }),
  ]);
  const room = `heard-${crypto.randomUUID()}`;
  const agent = runProgram([...repartee, 'join', room, '--config', config, ...mode.flags], {
    folder,
    environment: {
      ...livekitEnvironment(server),
      ...KEYS,
      OPENAI_MODEL: 'a-model',
      DEEPGRAM_BASE_URL: deepgram.baseUrl,
      OPENAI_BASE_URL: openai.baseUrl,
      CARTESIA_BASE_URL: cartesia.baseUrl,
    },
  });
  const caller = await connectCaller({ ...server, room, identity: 'caller' });
  try {
    await caller.waitForAgent();
    const gapsMs: number[] = [];
    let splits = 0;
    for (const question of questions) {
      const turnsBefore = turnCount(caller);
      const { endedAtMs } = await caller.say(question.speech);
      const endOfSpeechMs = endedAtMs - question.quietMs;
      const { firstAudibleAtMs } = await caller.waitForAnswer({ after: endOfSpeechMs });
      gapsMs.push(firstAudibleAtMs - endOfSpeechMs);
      if (question.pauses && turnCount(caller) - turnsBefore > 1) splits += 1;
    }
    return { gapsMs, turns: turnCount(caller), splits, modelCalls: openai.chats.length };
  } finally {
    await caller.leave();
    await agent.kill();
    await Promise.all([deepgram.close(), openai.close(), cartesia.close(), rm(folder, { recursive: true })]);
  }
}

function turnCount({ turnReports }: Caller): number {
  return new Set(turnReports.map(({ value }) => value.turn).filter((turn) => turn !== undefined)).size;
}

const profile = profiles[options.profile];
if (profile === undefined) throw new Error(`--profile is one of ${Object.keys(profiles).join(', ')}`);
const count = Number(options.questions);
const questions = await Promise.all(
  Array.from({ length: count }, async (_, index) => await spoken(QUESTIONS[index % QUESTIONS.length] ?? '')),
);
const pausing = questions.filter(({ pauses }) => pauses).length;
const { sttMs, firstTokenMs, tokenMs, firstByteMs } = profile;
const floorMs = sttMs + firstTokenMs + firstByteMs;
console.log(
  `Profile ${options.profile}: STT ${sttMs} ms, first token ${firstTokenMs} ms, ${tokenMs} ms a token, first audio ` +
    `${firstByteMs} ms: floor ${floorMs} ms. ${count} questions, ${pausing} of them with a pause of ${PAUSE_MS} ms inside.`,
);
console.log('mode        gap P50  P95 ms   split  turns  model calls');
const server = await startLivekitServer();
try {
  for (const name of options.modes.split(',')) {
    const mode = modes[name];
    if (mode === undefined) throw new Error(`--modes are of ${Object.keys(modes).join(', ')}`);
    const { gapsMs, turns, splits, modelCalls } = await run(server, mode, profile, questions);
    const columns = [
      name.padEnd(10),
      percentile(gapsMs, 0.5).toFixed(0).padStart(8),
      percentile(gapsMs, 0.95).toFixed(0).padStart(7),
      `${splits}/${pausing}`.padStart(9),
      String(turns).padStart(6),
      String(modelCalls).padStart(12),
    ];
    console.log(columns.join(''));
  }
} finally {
  await server.close();
}
