// `npm run bench:heard [-- --parts questions,barge-in,backchannels,anticipation] [--short] [--profile usual]
// [--modes batch,streaming,drafts,full] [--traces]`: what a caller hears, measured at their ear. A real LiveKit server, the real binary, stand-ins of Deepgram, OpenAI
// and Cartesia with set latencies, and a caller on rtc-node who shares no code with the agent.

import { dispose } from '@livekit/rtc-node';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { startLivekitServer, type TestLivekitServer } from '../test/e2e/livekit-server.ts';
import { answer, answerLines, answerTraces } from './heard/anticipation.ts';
import { backchannelLines, disturb, soundLines } from './heard/backchannels.ts';
import { bargeInLines, interrupt, traceLines } from './heard/barge-in.ts';
import { briefSounds } from './heard/brief-sounds.ts';
import { longReplyCall } from './heard/long-reply.ts';
import { modes, profiles } from './heard/profiles.ts';
import { askQuestions, PAUSE_MS, questionHead, questionLine, questions } from './heard/questions.ts';

const { values: options } = parseArgs({
  options: {
    parts: { type: 'string', default: 'questions,barge-in,backchannels,anticipation' },
    short: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'usual' },
    modes: { type: 'string', default: 'batch,streaming,full' },
    /** Each interruption and each sound by itself. */
    traces: { type: 'boolean', default: false },
  },
});

/** All of it takes about six minutes, the short form one and a half. */
const counts = options.short
  ? { questions: 4, interruptions: 6, sounds: 12, answers: 6 }
  : { questions: 10, interruptions: 20, sounds: 44, answers: 24 };

const times = profiles[oneOf('profile', profiles, options.profile)];

const parts = {
  questions: askAll,
  'barge-in': interruptAll,
  backchannels: disturbAll,
  anticipation: answerAll,
} satisfies Readonly<Record<string, (server: TestLivekitServer) => Promise<void>>>;

function oneOf<K extends string>(option: string, all: Readonly<Record<K, unknown>>, name: string): K {
  const isThere = (key: string): key is K => Object.hasOwn(all, key);
  if (isThere(name)) return name;
  throw new Error(`--${option} is one of ${Object.keys(all).join(', ')}, not "${name}"`);
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function askAll(server: TestLivekitServer): Promise<void> {
  const asked = await questions(counts.questions);
  print(
    `\nQuestions: ${asked.length}, ${asked.filter(({ pauses }) => pauses).length} of them with a pause of ${PAUSE_MS} ms inside`,
    questionHead,
  );
  for (const name of options.modes.split(',')) {
    const mode = modes[oneOf('modes', modes, name)];
    print(questionLine(name, asked, await askQuestions(asked, { server, mode, times })));
  }
}

async function interruptAll(server: TestLivekitServer): Promise<void> {
  const observed = await interrupt(counts.interruptions, longReplyCall(server, times));
  print(`\nBarge-in by three words and more: ${observed.length}`, ...bargeInLines(observed));
  if (options.traces) print(...traceLines(observed));
}

async function disturbAll(server: TestLivekitServer): Promise<void> {
  const sounds = await briefSounds(counts.sounds);
  print(
    `\nBackchannels and coughs, 150 to 450 ms: ${sounds.length}. "human" are pieces cut out of recordings of people who read`,
    'or name things, as no recording of a human "mhm" or cough under a free licence is at hand; "synthetic" are "mhm", "okay"',
    'and the like by flite and espeak-ng; "cough" is shaped noise.',
  );
  const observed = await disturb(sounds, longReplyCall(server, times));
  print(...backchannelLines(observed));
  if (options.traces) print(...soundLines(observed));
}

async function answerAll(server: TestLivekitServer): Promise<void> {
  const observed = await answer(counts.answers, { server, mode: modes.full, times });
  print(
    `\nAnswers to what the agent asks: ${observed.length}; four in ten go on after a plain answer or differ from one`,
    ...answerLines(observed),
  );
  if (options.traces) print(...answerTraces(observed));
}

const { sttMs, firstTokenMs, tokenMs, firstByteMs } = times;
print(
  `Profile ${options.profile}: STT ${sttMs} ms, first token ${firstTokenMs} ms, ${tokenMs} ms a token, first audio ` +
    `${firstByteMs} ms: floor ${sttMs + firstTokenMs + firstByteMs} ms.`,
  'At the ear of a caller on rtc-node, whose own ways in and out take about 50 ms of every figure (it talks to itself over the',
  'same server in 52 ms); nothing is subtracted.',
);
const chosen = options.parts.split(',').map((name) => oneOf('parts', parts, name));
const server = await startLivekitServer();
try {
  for (const part of chosen) {
    await parts[part](server);
    print(
      `Load of the machine over the last minute: ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores`,
    );
  }
} finally {
  await server.close();
  // Its native part would keep the process alive.
  await dispose();
}
