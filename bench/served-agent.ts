// The real binary in a room of a real server, on stand-ins of Deepgram, OpenAI and Cartesia with set latencies.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AgentOptions } from '../src/agent.ts';
import type { TestLivekitServer } from '../test/e2e/livekit-server.ts';
import { livekitEnvironment, repartee, runProgram, type RunningProgram } from '../test/e2e/repartee-program.ts';
import type { ServiceTimes } from './heard/profiles.ts';
import { type Cartesia, startCartesia } from './providers/cartesia.ts';
import { type DeepgramStandIn, type ScriptedUtterance, startDeepgram } from './providers/deepgram.ts';
import { type ChatMessage, type OpenaiChat, startOpenaiChat, textOf } from './providers/openai-chat.ts';

const KEYS = { DEEPGRAM_API_KEY: 'dg-key', OPENAI_API_KEY: 'oa-key', CARTESIA_API_KEY: 'ca-key' };

export interface ServedAgentOptions {
  readonly server: TestLivekitServer;
  readonly room: string;
  readonly settings: AgentOptions;
  /** Of the command `repartee join`. */
  readonly flags: readonly string[];
  readonly times: ServiceTimes;
  /** What the caller will say; may grow while they do. */
  readonly script: readonly ScriptedUtterance[];
  /** Below this the recogniser hears no voice. Default: -45 dBFS. */
  readonly voiceDbfs?: number;
  /** What the model answers to the caller's last words. */
  readonly reply: (question: string, messages: readonly ChatMessage[]) => string;
  /** Another voice than words of one tone with gaps between them. */
  readonly synthesise?: (text: string, rateHz: number) => Int16Array | Promise<Int16Array>;
}

export interface ServedAgent {
  readonly program: RunningProgram;
  readonly openai: OpenaiChat;
  readonly cartesia: Cartesia;
  readonly deepgram: DeepgramStandIn;
  /** Of this call, to write into; gone with it. */
  readonly folder: string;
}

/** The agent of one call, until `use` is done. Flags may name files in its working directory. */
export async function withServedAgent<T>(
  options: ServedAgentOptions,
  use: (agent: ServedAgent) => Promise<T>,
): Promise<T> {
  const { server, room, settings, flags, times, script, voiceDbfs, reply, synthesise } = options;
  const folder = await mkdtemp(join(tmpdir(), 'repartee-bench-'));
  const config = join(folder, 'settings.json');
  await writeFile(config, JSON.stringify(settings));
  const [deepgram, openai, cartesia] = await Promise.all([
    startDeepgram({
      apiKey: KEYS.DEEPGRAM_API_KEY,
      script,
      lagMs: times.sttMs,
      ...(voiceDbfs !== undefined && { voiceDbfs }),
    }),
    startOpenaiChat({
      apiKey: KEYS.OPENAI_API_KEY,
      models: ['a-model'],
      reply: (messages) => reply(lastWords(messages), messages),
      ...times,
    }),
    startCartesia({
      apiKey: KEYS.CARTESIA_API_KEY,
      ...times,
      ...(synthesise && {
        synthesise: async (text, { output_format: { sample_rate: rateHz } }) => await synthesise(text, rateHz),
      }),
    }),
  ]);
  const program = runProgram([...repartee, 'join', room, '--config', config, ...flags], {
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
  try {
    return await use({ program, openai, cartesia, deepgram, folder });
  } catch (cause) {
    throw new Error(`the call broke off; the agent says:\n${program.stderr().slice(-2000)}`, { cause });
  } finally {
    await program.kill();
    await Promise.all([deepgram.close(), openai.close(), cartesia.close(), rm(folder, { recursive: true })]);
  }
}

function lastWords(messages: readonly ChatMessage[]): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return last === undefined ? '' : textOf(last);
}
