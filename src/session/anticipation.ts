// Where it comes from what a caller will probably say next: a table, the model, or the user's own function.

import type { AgentSettings } from '../agent.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { resolvedOrAborted } from '../lib/until-aborted.ts';
import { type ReplyModel, textOf } from '../llm/port.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';
import { expectedAnswers } from '../turns/expected-answers.ts';
import { estimatedTokens, type Message, withinBudget } from '../turns/history.ts';
import { requestWithinLimits } from './reply-share.ts';
import type { SpeculationLimits } from './speculation.ts';

/**
 * What the caller will probably say to the last message, the most probable first; nothing where that can't be foreseen. Each
 * may cost a call of the model. Aborted once the caller speaks, or after 3 s.
 */
export type Anticipate = (
  history: readonly Message[],
  options: { readonly signal: AbortSignal },
) => readonly string[] | Promise<readonly string[]>;

export interface AnticipationOptions {
  readonly settings: Pick<AgentSettings, 'anticipation' | 'instructions' | 'language' | 'llm'>;
  readonly model: ReplyModel;
  /** Bound what the model is asked. */
  readonly limits: SpeculationLimits;
  /** The user's, which takes the place of the setting. */
  readonly anticipate: Anticipate | undefined;
  readonly onEvent: (event: TurnEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What comes later finds the caller speaking, most of the time. */
const DEADLINE_MS = 3000;
/** An answer that anybody could foresee is short. */
const LONGEST_ANSWER_CHARACTERS = 80;
/** Models make lists of what is to be lines. */
const BULLET = /^\s*(?:[-*•]|\d+[.)])\s+/u;

export class Anticipation {
  readonly #options: AnticipationOptions;
  #asking: AbortController | undefined;

  constructor(options: AnticipationOptions) {
    this.#options = options;
  }

  /** Answers with `answersExpected`, unless it is stopped before or has nothing to tell. */
  ask({ replyId, messages }: Extract<TurnCommand, { type: 'anticipate' }>): void {
    this.stop();
    const asking = new AbortController();
    this.#asking = asking;
    void (async () => {
      const texts = await this.#ask(messages, AbortSignal.any([asking.signal, this.#options.signal]));
      if (this.#asking !== asking) return;
      this.stop();
      if (texts.length > 0) this.#options.onEvent({ type: 'answersExpected', replyId, texts });
    })();
  }

  /** The caller has begun to speak: it is too late. Idempotent. */
  stop(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }

  async #ask(messages: readonly Message[], stopped: AbortSignal): Promise<readonly string[]> {
    const { clock, log } = this.#options;
    const overdue = new AbortController();
    const deadline = clock.after(DEADLINE_MS, () => overdue.abort());
    const signal = AbortSignal.any([stopped, overdue.signal]);
    try {
      const answers = Promise.resolve(this.#answers(messages, signal));
      // A user's function may not heed its signal.
      await resolvedOrAborted(
        answers.then(() => undefined),
        signal,
      );
      return signal.aborted ? [] : await answers;
    } catch (error) {
      if (!signal.aborted) log.warn('what the caller may say next could not be foreseen', { error });
      return [];
    } finally {
      deadline.cancel();
    }
  }

  #answers(messages: readonly Message[], signal: AbortSignal): readonly string[] | Promise<readonly string[]> {
    const { settings, anticipate } = this.#options;
    if (anticipate !== undefined) return anticipate(messages, { signal });
    const { source, answers } = settings.anticipation;
    const last = messages.at(-1);
    if (source === 'off' || last?.role !== 'assistant' || !asks(last.text)) return [];
    if (source === 'table') return [...answers, ...expectedAnswers(last.text, settings.language)];
    return this.#askModel(messages, signal).then((told) => [...answers, ...told]);
  }

  /** A request of its own, after the history, that does not enter it; none where the limits leave no room. */
  async #askModel(messages: readonly Message[], signal: AbortSignal): Promise<readonly string[]> {
    const { settings, model, limits, log } = this.#options;
    const { perReply, answers } = settings.anticipation;
    const count = perReply - answers.length;
    if (count <= 0) return [];
    const history = withinBudget(messages, { maxTokens: settings.llm.historyTokens });
    const request = {
      model,
      limits,
      urgency: 'anticipation',
      instructionTokens: estimatedTokens(settings.instructions ?? ''),
      messages: [...history, { role: 'user', text: prompt(count) }],
      log,
      signal,
    } as const;
    const text = await requestWithinLimits(request, (limited, over) =>
      firstCharacters(count * LONGEST_ANSWER_CHARACTERS, limited, request.messages, over),
    );
    return answersIn(text ?? '').slice(0, count);
  }
}

/** What the model writes, up to some more than `count`: the rest of it is not waited for. No tool runs for a guess. */
async function firstCharacters(
  count: number,
  model: ReplyModel,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<string> {
  const enough = new AbortController();
  const over = AbortSignal.any([signal, enough.signal]);
  let text = '';
  try {
    for await (const part of model.reply(messages, { signal: over, tools: 'none' })) {
      text += textOf(part);
      if (text.length > count) break;
    }
  } finally {
    enough.abort();
  }
  return text;
}

/** Lines of the form that was asked for; one that isn't spoils the rest. Throws nothing. */
export function answersIn(text: string): readonly string[] {
  const answers: string[] = [];
  for (const line of text.split('\n')) {
    const answer = line
      .replace(BULLET, '')
      .replaceAll(/^["'“„]|["'”“]$/gu, '')
      .trim();
    if (answer === '') continue;
    const isAnswer = /\p{L}|\p{N}/u.test(answer) && !/[:;{}<>[\]]/u.test(answer);
    if (!isAnswer || answer === 'NONE' || answer.length > LONGEST_ANSWER_CHARACTERS) break;
    answers.push(answer);
  }
  return answers;
}

function prompt(count: number): string {
  return (
    `[Not from the caller.] Do not reply. Write the ${count === 1 ? 'one answer' : `${count} answers`} that the caller ` +
    'will most probably give to what you said last, in the caller’s words and language, each on a line of its own, at ' +
    'most eight words each, and nothing else. If it cannot be foreseen, write only: NONE'
  );
}

/** A question mark at the very end. */
function asks(text: string): boolean {
  return /[?？؟]["'”’)\]]*$/u.test(text.trim());
}
