// Answers to what the agent asks, as anybody would expect or otherwise (the trials of bench/turns): from the end of the answer to
// the first audible sample of the reply, whether the agent was heard before, and whether a reply was to other words.

import { setTimeout as pass } from 'node:timers/promises';

import { percentile } from '../statistics.ts';
import { claimOf, scriptedReply } from '../turns/model.ts';
import type { ScriptedTurn } from '../turns/script.ts';
import { isSameSense } from '../turns/sense.ts';
import { drawTrials } from '../turns/trials/draw.ts';
import type { TrialKind } from '../turns/trials/draw.ts';
import { textOf, wordsOf } from '../turns/words.ts';
import type { Call, CallOptions } from './call.ts';
import { withCall } from './call.ts';
import { isAudible } from './ear.ts';
import { spoken } from './speech.ts';

const SEED = 1;

export interface Answer {
  readonly kind: TrialKind;
  readonly said: string;
  readonly gapMs: number;
  /** By the agent's own report. */
  readonly anticipated: boolean;
  readonly cutIn: boolean;
  readonly wrong: boolean;
}

export async function answer(
  count: number,
  options: Pick<CallOptions, 'server' | 'mode' | 'times'>,
): Promise<readonly Answer[]> {
  const observed: Answer[] = [];
  for (const { script, kinds } of drawTrials(count, SEED)) {
    let turnIndex = 0;
    const reply = (question: string): string => scriptedReply(script, turnIndex, question);
    await withCall({ ...options, reply }, async (call) => {
      for (const [index, turn] of script.entries()) {
        turnIndex = index;
        const kind = kinds[index];
        if (index > 0) await pass(turn.gapMs);
        const one = await answerOnce(call, turn);
        if (kind !== undefined) observed.push({ ...one, kind });
      }
    });
  }
  return observed;
}

async function answerOnce(call: Call, turn: ScriptedTurn): Promise<Omit<Answer, 'kind'>> {
  const { caller } = call;
  const reportsBefore = caller.turnReports.length;
  const parts = turn.runs.map(({ words, pause }) => ({ text: textOf(words), pauseMs: pause?.ms ?? 0 }));
  const { onsetAtMs, endAtMs } = await call.say(await spoken(parts));
  const { firstAudibleAtMs } = await caller.waitForAnswer({ after: endAtMs, quietMs: 400 });
  const reports = caller.turnReports.slice(reportsBefore).map(({ value }) => value);
  return {
    said: parts.map(({ text, pauseMs }) => (pauseMs === 0 ? text : `${text} [${pauseMs} ms]`)).join(' '),
    gapMs: firstAudibleAtMs - endAtMs,
    anticipated: reports.at(-1)?.anticipated === true,
    cutIn: caller.heard.windowsSince(onsetAtMs).some((window) => window.heardAtMs < endAtMs && isAudible(window)),
    wrong: reports.some(({ kind, reply }) => kind === 'reply' && reply !== undefined && isWrong(reply, turn)),
  };
}

/** Neither to all that was said nor to what was said before or after a pause. */
function isWrong(reply: string, turn: ScriptedTurn): boolean {
  const claim = claimOf(reply);
  const said = [wordsOf(turn), ...turn.runs.map(({ words }) => words)];
  return claim === undefined
    ? !turn.reply.startsWith(reply.trim())
    : !said.some((words) => isSameSense(claim, textOf(words)));
}

export function answerLines(observed: readonly Answer[]): string[] {
  const hits = observed.filter(({ anticipated }) => anticipated);
  const others = observed.filter(({ anticipated }) => !anticipated);
  const line = (name: string, some: readonly Answer[]): string =>
    [
      name.padEnd(14),
      String(some.length).padStart(4),
      ...[0.5, 0.95].map((ratio) =>
        cell(
          percentile(
            some.map(({ gapMs }) => gapMs),
            ratio,
          ),
        ),
      ),
      String(some.filter(({ cutIn }) => cutIn).length).padStart(9),
      String(some.filter(({ wrong }) => wrong).length).padStart(7),
    ].join('');
  return [
    `${''.padEnd(14)}   n  gap P50  P95 ms  cut-ins  wrong`,
    line('anticipated', hits),
    line('others', others),
    line('all', observed),
  ];
}

function cell(ms: number): string {
  return (Number.isNaN(ms) ? '–' : ms.toFixed(0)).padStart(8);
}

export function answerTraces(observed: readonly Answer[]): string[] {
  return observed.map(({ kind, said, gapMs, anticipated, cutIn, wrong }) => {
    const marks = [anticipated && 'anticipated', cutIn && 'cut in', wrong && 'WRONG'].filter((mark) => mark !== false);
    return `${cell(gapMs)}  ${kind}: ${said}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
  });
}
