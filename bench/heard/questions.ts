// Questions, some with a pause inside: from the caller's last audible sample into their track to the first audible sample of
// the answer out of the agent's.

import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import { percentile } from '../statistics.ts';
import { turnCount, withCall } from './call.ts';
import type { HeardMode, ServiceTimes } from './profiles.ts';
import { spoken } from './speech.ts';
import type { Utterance } from './speech.ts';

/** A `|` is a pause inside the sentence. */
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
export const PAUSE_MS = 700;
const REPLY = 'Yes, of course, we can do that.';

export interface QuestionFigures {
  readonly gapsMs: readonly number[];
  /** Turns that the agent made of the questions, and questions with a pause that became more than one. */
  readonly turns: number;
  readonly splits: number;
  readonly modelCalls: number;
}

export interface Question {
  readonly utterance: Utterance;
  readonly pauses: boolean;
}

export async function questions(count: number): Promise<readonly Question[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const parts = (QUESTIONS[index % QUESTIONS.length] ?? '').split(' | ');
      const utterance = await spoken(parts.map((text) => ({ text, pauseMs: PAUSE_MS })));
      return { utterance, pauses: parts.length > 1 };
    }),
  );
}

export async function askQuestions(
  asked: readonly Question[],
  {
    server,
    mode,
    times,
  }: { readonly server: TestLivekitServer; readonly mode: HeardMode; readonly times: ServiceTimes },
): Promise<QuestionFigures> {
  return await withCall({ server, mode, times, reply: () => REPLY }, async (call) => {
    const gapsMs: number[] = [];
    let splits = 0;
    for (const { utterance, pauses } of asked) {
      const turnsBefore = turnCount(call.caller);
      const { endAtMs } = await call.say(utterance);
      const { firstAudibleAtMs } = await call.caller.waitForAnswer({ after: endAtMs, quietMs: 500 });
      gapsMs.push(firstAudibleAtMs - endAtMs);
      if (pauses && turnCount(call.caller) - turnsBefore > 1) splits += 1;
    }
    return { gapsMs, turns: turnCount(call.caller), splits, modelCalls: call.modelCalls };
  });
}

export const questionHead = 'mode        gap P50  P95 ms   split  turns  model calls';

export function questionLine(mode: string, asked: readonly Question[], figures: QuestionFigures): string {
  const { gapsMs, splits, turns, modelCalls } = figures;
  return [
    mode.padEnd(10),
    percentile(gapsMs, 0.5).toFixed(0).padStart(8),
    percentile(gapsMs, 0.95).toFixed(0).padStart(7),
    `${splits}/${asked.filter(({ pauses }) => pauses).length}`.padStart(9),
    String(turns).padStart(6),
    String(modelCalls).padStart(12),
  ].join('');
}
