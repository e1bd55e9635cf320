// One call for the benchmark: stand-ins of the services, the real binary in a room of a real server, and a caller on rtc-node.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../src/lib/clock.ts';
import { type Caller, connectCaller } from '../../test/e2e/caller.ts';
import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import { livekitEnvironment, repartee, runProgram } from '../../test/e2e/repartee-program.ts';
import { startCartesia } from '../providers/cartesia.ts';
import { type ScriptedUtterance, startDeepgram } from '../providers/deepgram.ts';
import { type ChatMessage, startOpenaiChat, textOf } from '../providers/openai-chat.ts';
import type { HeardMode, ServiceTimes } from './profiles.ts';
import type { Utterance } from './speech.ts';

const KEYS = { DEEPGRAM_API_KEY: 'dg-key', OPENAI_API_KEY: 'oa-key', CARTESIA_API_KEY: 'ca-key' };

export interface CallOptions {
  readonly server: TestLivekitServer;
  readonly mode: HeardMode;
  readonly times: ServiceTimes;
  /** What the model answers to the caller's last words. */
  readonly reply: (question: string, messages: readonly ChatMessage[]) => string;
  /** Another voice than words of one tone with gaps between them. */
  readonly synthesise?: (text: string, rateHz: number) => Int16Array;
}

/** When the caller spoke (monotonic): from the first to the last audible 10 ms. */
export interface Said {
  readonly onsetAtMs: number;
  readonly endAtMs: number;
}

export interface Call {
  readonly caller: Caller;
  /** Says it, and has the recogniser hear it. */
  say(utterance: Utterance): Promise<Said>;
  /** Requests to the model so far. */
  readonly modelCalls: number;
  /** Calls back when everything that is under way upstream has been cancelled, or has ended: model and voice. */
  upstream(): Promise<Upstream>;
}

/** When what was under way upstream was cancelled; undefined where it wasn't, but came to its end. */
export interface Upstream {
  readonly modelAtMs: number | undefined;
  readonly voiceAtMs: number | undefined;
}

export async function withCall<T>(options: CallOptions, hold: (call: Call) => Promise<T>): Promise<T> {
  const { server, mode, times, reply, synthesise } = options;
  const folder = await mkdtemp(join(tmpdir(), 'repartee-heard-'));
  const config = join(folder, 'settings.json');
  await writeFile(config, JSON.stringify(mode.settings));
  // Grows with what the caller says.
  const script: ScriptedUtterance[] = [];
  const [deepgram, openai, cartesia] = await Promise.all([
    startDeepgram({ apiKey: KEYS.DEEPGRAM_API_KEY, script, lagMs: times.sttMs }),
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
        synthesise: (text, { output_format: { sample_rate: rateHz } }) => Promise.resolve(synthesise(text, rateHz)),
      }),
    }),
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
    return await hold({
      caller,
      say: async ({ speech, words, leadingQuietMs, trailingQuietMs }) => {
        script.push(words);
        const { startedAtMs, endedAtMs } = await caller.say(speech);
        return { onsetAtMs: startedAtMs + leadingQuietMs, endAtMs: endedAtMs - trailingQuietMs };
      },
      get modelCalls() {
        return openai.chats.length;
      },
      upstream: async () => {
        const chat = openai.chats.at(-1);
        const context = cartesia.contexts.at(-1);
        const [modelEnd, voice] = await Promise.all([
          chat?.ended.then((end) => ({ end, atMs: systemClock.nowMs() })),
          context &&
            cartesia.until(() => context.isCancelled || context.end !== undefined).then(() => systemClock.nowMs()),
        ]);
        return {
          modelAtMs: modelEnd?.end === 'cancelled' ? modelEnd.atMs : undefined,
          voiceAtMs: context?.isCancelled === true ? voice : undefined,
        };
      },
    });
  } catch (cause) {
    throw new Error(`the call broke off; the agent says:\n${agent.stderr().slice(-2000)}`, { cause });
  } finally {
    await caller.leave();
    await agent.kill();
    await Promise.all([deepgram.close(), openai.close(), cartesia.close(), rm(folder, { recursive: true })]);
  }
}

function lastWords(messages: readonly ChatMessage[]): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return last === undefined ? '' : textOf(last);
}

/** Turns that the agent made of what was said. */
export function turnCount({ turnReports }: Caller): number {
  return new Set(turnReports.map(({ value }) => value.turn).filter((turn) => turn !== undefined)).size;
}
