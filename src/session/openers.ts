// First words for the replies of a conversation: asked for while the caller still speaks, and given to a reply that would
// otherwise begin later.

import type { AgentSettings } from '../agent.ts';
import type { Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { DeadlineError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { firstWords } from '../llm/opener.ts';
import type { ReplyModel } from '../llm/port.ts';
import { estimatedTokens, type History } from '../turns/history.ts';
import { fitsOpener, wantsOpener } from '../turns/opener.ts';
import { transcriptText, type TurnState } from '../turns/state.ts';
import type { ReplyMarks } from './reply-marks.ts';
import { requestWithinLimits } from './reply-share.ts';
import type { SpeculationLimits } from './speculation.ts';
import { isVoiceInBatch } from './stages.ts';

/**
 * First words for the reply to what the caller has begun to say: they must fit however the caller goes on. Undefined: none.
 * `history`: the conversation before it.
 */
export type OpenWith = (
  heard: string,
  history: History,
  options: { readonly signal: AbortSignal },
) => string | undefined | Promise<string | undefined>;

export interface OpenersOptions {
  readonly openWith: OpenWith;
  readonly settings: AgentSettings['opener'];
  /** What a reply takes to be ready, as long as none has told. */
  readonly presumedMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Longer ones are no first words: they would be heard instead of the answer. */
const MOST_WORDS = 12;
/** A shorter gain is hardly heard, and the answer itself comes later by the words that say nothing. */
const LEAST_GAIN_MS = 200;
/** How much the last reply counts in what replies usually take. */
const LAST_WEIGHT = 0.3;

export class Openers {
  readonly #options: OpenersOptions;
  /** The words at which one was asked for in this turn. */
  #asked: readonly string[] = [];
  #asking: AbortController | undefined;
  /** The words that were last looked at. */
  #seen = '';
  #chosen: { readonly heard: string; readonly words: string } | undefined;
  /** What replies usually take until there is something to say, and from there until there is something to hear. */
  readonly #generation: Usual;
  readonly #synthesis = new Usual(0);

  constructor(options: OpenersOptions) {
    this.#options = options;
    this.#generation = new Usual(options.presumedMs);
  }

  /** Asks for one, where the caller has said enough and goes on. To be called whenever the state may have changed. */
  observe({ caller, agent, history }: TurnState): void {
    if (caller.kind === 'silent' || caller.kind === 'absent') this.#forget();
    if (caller.kind !== 'speaking' || agent.kind === 'speaking' || agent.kind === 'preparing') return;
    const text = transcriptText(caller.transcript);
    if (text === this.#seen) return;
    this.#seen = text;
    if (!wantsOpener(text, this.#asked, this.#options.settings)) return;
    this.#asked = [...this.#asked, text];
    void this.#ask(text, history);
  }

  /**
   * The opener of a reply to `text`, with the white space after it, where there is one that fits and gains something.
   * `dueInMs`: how soon the reply may be heard. One that is still being thought about comes too late.
   */
  choose(text: string, dueInMs: number): string | undefined {
    this.#asking?.abort();
    const chosen = this.#chosen;
    if (chosen === undefined || !fitsOpener(chosen.heard, text)) return undefined;
    return this.#gainMs(dueInMs) >= LEAST_GAIN_MS ? `${chosen.words} ` : undefined;
  }

  /** How long a reply has taken: to be told of each that was heard. */
  learn({ startedAtMs, firstChunkAtMs, firstAudioAtMs, openerSentAtMs }: ReplyMarks): void {
    if (firstChunkAtMs === undefined || firstAudioAtMs === undefined) return;
    this.#generation.learn(firstChunkAtMs - startedAtMs);
    // Behind an opener, the voice has other words to say first.
    if (openerSentAtMs === undefined) this.#synthesis.learn(firstAudioAtMs - firstChunkAtMs);
  }

  #gainMs(dueInMs: number): number {
    const synthesisMs = this.#synthesis.ms;
    return this.#generation.ms + synthesisMs - Math.max(dueInMs, synthesisMs);
  }

  async #ask(heard: string, history: History): Promise<void> {
    const { openWith, settings, clock, log, signal: ending } = this.#options;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const signal = AbortSignal.any([ending, asking.signal]);
    try {
      const words = await withDeadline(Promise.resolve(openWith(heard, history, { signal })), {
        clock,
        withinMs: settings.deadlineMs,
        signal,
        expired: () => new DeadlineError('No first words came in time.'),
      });
      const usable = words === undefined ? undefined : usableWords(words);
      if (usable !== undefined && !signal.aborted) this.#chosen = { heard, words: usable };
    } catch (error) {
      // Without an opener nothing is missing.
      if (!signal.aborted) log.warn('no first words for the reply', { error });
    } finally {
      asking.abort();
    }
  }

  #forget(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#chosen = undefined;
    this.#asked = [];
    this.#seen = '';
  }
}

/** A duration as it has been of late. */
class Usual {
  #ms: number;
  #isLearned = false;

  constructor(presumedMs: number) {
    this.#ms = presumedMs;
  }

  get ms(): number {
    return this.#ms;
  }

  learn(ms: number): void {
    this.#ms += (this.#isLearned ? LAST_WEIGHT : 1) * (ms - this.#ms);
    this.#isLearned = true;
  }
}

/** On one line, and neither nothing nor half an answer. */
function usableWords(words: string): string | undefined {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return line === '' || line.split(' ').length > MOST_WORDS ? undefined : line;
}

export interface ConversationOpenersOptions extends Omit<OpenersOptions, 'openWith' | 'settings' | 'presumedMs'> {
  readonly settings: AgentSettings;
  /** Goes before the model. */
  readonly openWith: OpenWith | undefined;
  readonly model: ReplyModel;
  readonly limits: SpeculationLimits;
}

/** None where the settings want none, or a reply is heard only once all of it has been made. */
export function openersOf(options: ConversationOpenersOptions): Openers | undefined {
  const { settings } = options;
  const openWith = options.openWith ?? (settings.opener.source === 'model' ? askingModel(options) : undefined);
  if (openWith === undefined || isVoiceInBatch(settings)) return undefined;
  return new Openers({ ...options, openWith, settings: settings.opener, presumedMs: settings.drafts.leadMs });
}

/** Gives way where the limits of the process leave no room. */
function askingModel({ model, limits, settings, log }: ConversationOpenersOptions): OpenWith {
  const instructionTokens = estimatedTokens(settings.instructions ?? '');
  return (heard, history, { signal }) => {
    const messages = [{ role: 'user', text: heard }] as const;
    return requestWithinLimits(
      { model, limits, urgency: 'draft', instructionTokens, messages, log, signal },
      (limited, over) => firstWords(limited, { heard, history, signal: over }),
    );
  };
}
