// One call for the benchmark: stand-ins of the services, the real binary in a room of a real server, and a caller on rtc-node.

import { systemClock } from '../../src/lib/clock.ts';
import { type Caller, connectCaller } from '../../test/e2e/caller.ts';
import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import type { ScriptedUtterance } from '../providers/deepgram.ts';
import type { ChatMessage } from '../providers/openai-chat.ts';
import { withServedAgent } from '../served-agent.ts';
import type { HeardMode, ServiceTimes } from './profiles.ts';
import type { Utterance } from './speech.ts';

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
  // Grows with what the caller says.
  const script: ScriptedUtterance[] = [];
  const room = `heard-${crypto.randomUUID()}`;
  const agent = { server, room, ...mode, times, script, reply, ...(synthesise && { synthesise }) };
  return await withServedAgent(agent, async ({ openai, cartesia }) => {
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
    } finally {
      await caller.leave();
    }
  });
}

/** Turns that the agent made of what was said. */
export function turnCount({ turnReports }: Caller): number {
  return new Set(turnReports.map(({ value }) => value.turn).filter((turn) => turn !== undefined)).size;
}
