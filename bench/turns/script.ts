// Conversations, drawn from a seed: what the caller says and when, what disturbs, and what the agent replies.

import { Random } from './random.ts';
import { filled } from './slots.ts';
import { answerTemplates, backchannels, interruptionTemplates, openTemplates, replyTails } from './templates.ts';
import type { AnswerKind, Template, TurnClass } from './templates.ts';

/** A word as it is spoken, and as it is recognised. */
export interface ScriptedWord {
  /** Multiples of a frame of 20 ms. */
  readonly ms: number;
  readonly spoken: string;
  /** As the final has it. */
  readonly final: string;
  /** As interims have it as long as it is the last one. */
  readonly interim: string;
  /** The final writes it together with the word before it. */
  readonly joined: boolean;
  /** What a final that ends here puts behind it. */
  readonly mark: string;
}

export interface InnerPause {
  readonly ms: number;
  /** The syntax before it: one more word must follow, or a clause is complete. */
  readonly syntax: 'incomplete' | 'complete';
}

/** Words without a pause between them, and the pause after them where more follows. */
export interface SpokenRun {
  readonly words: readonly ScriptedWord[];
  readonly pause: InnerPause | undefined;
}

/** A sound of the caller during the reply that wants no answer. */
export interface Disturbance {
  readonly kind: 'backchannel' | 'cough';
  /** From the first sound of the reply. */
  readonly afterMs: number;
  readonly ms: number;
  /** What the recogniser hears in it; nothing of a cough, and often nothing of a backchannel. */
  readonly word: string | undefined;
}

export interface ScriptedTurn {
  readonly class: TurnClass;
  readonly runs: readonly SpokenRun[];
  readonly reply: string;
  /** Silence between the end of the reply before and this turn; people answer after some 200 ms, and think sometimes. */
  readonly gapMs: number;
  /** Of an interruption: how much of the reply before is heard first. */
  readonly interruptsAfterMs: number | undefined;
  readonly disturbance: Disturbance | undefined;
}

export type Conversation = readonly ScriptedTurn[];

export const FRAME_MS = 20;
const TURNS_PER_CONVERSATION = 16;
/** Open turns by class, as often as they come; answers follow from what the agent asks. */
const CLASS_DECK: readonly TurnClass[] = [
  ...repeated('question', 4),
  ...repeated('statement', 4),
  ...repeated('number', 2),
  ...repeated('phone', 2),
  ...repeated('e-mail', 1),
  ...repeated('spelling', 1),
  ...repeated('hesitation', 2),
  ...repeated('correction', 3),
  ...repeated('pause, incomplete', 3),
  ...repeated('pause, complete', 7),
];
const REVISED_RATIO = 0.25;
/** Words joined or split by the final. */
const JOINED_RATIO = 0.12;
/** Recognisers like to put a full stop at a pause that is none. */
const STOPS_TOO_SOON_RATIO = 0.3;
const INTERRUPTED_RATIO = 0.11;
const DISTURBED_RATIO = 0.15;

/** `turnCount` turns in conversations of 16. */
export function drawConversations(turnCount: number, seed: number): readonly Conversation[] {
  const deck = new Deck(new Random(seed, 'classes'));
  const count = Math.ceil(turnCount / TURNS_PER_CONVERSATION);
  return Array.from({ length: count }, (_, index) => {
    const length = Math.min(TURNS_PER_CONVERSATION, turnCount - index * TURNS_PER_CONVERSATION);
    return drawConversation(length, new Random(seed, 'conversation', index), deck);
  });
}

function drawConversation(length: number, random: Random, deck: Deck): Conversation {
  const turns: ScriptedTurn[] = [];
  let asked: AnswerKind | undefined;
  let interrupts = false;
  for (let index = 0; index < length; index += 1) {
    const template = interrupts ? random.pick(interruptionTemplates) : drawTemplate(asked, random, deck);
    const isInterrupted = index < length - 1 && random.chance(INTERRUPTED_RATIO);
    const isDisturbed = !isInterrupted && random.chance(DISTURBED_RATIO);
    // Whoever is asked something answers; what is interrupted or coughed at is long enough for it.
    const isLong = isInterrupted || isDisturbed;
    const reply = filled(template.reply, random) + (isLong ? random.pick(replyTails) : '');
    turns.push({
      class: template.class,
      runs: drawRuns(filled(template.says, random), random),
      reply,
      gapMs: roundToFrame(random.logNormal(450, 0.4)),
      interruptsAfterMs: interrupts ? roundToFrame(random.between(800, 2600)) : undefined,
      disturbance: isDisturbed ? drawDisturbance(random) : undefined,
    });
    asked = isLong ? undefined : template.asks;
    interrupts = isInterrupted;
  }
  return turns;
}

function drawTemplate(asked: AnswerKind | undefined, random: Random, deck: Deck): Template {
  if (asked !== undefined) return random.pick(answerTemplates[asked]);
  const wanted = deck.draw();
  return random.pick(openTemplates.filter((template) => template.class === wanted));
}

function drawDisturbance(random: Random): Disturbance {
  const kind = random.chance(0.6) ? 'backchannel' : 'cough';
  const word = kind === 'backchannel' && random.chance(0.6) ? random.pick(backchannels) : undefined;
  return { kind, word, afterMs: roundToFrame(random.between(600, 2600)), ms: roundToFrame(random.between(150, 450)) };
}

export function drawRuns(text: string, random: Random): SpokenRun[] {
  const pieces = text.split(/\s*(~|\/\/)\s*/);
  const runs: SpokenRun[] = [];
  for (let index = 0; index < pieces.length; index += 2) {
    const separator = pieces[index + 1];
    const pause: InnerPause | undefined =
      separator === undefined
        ? undefined
        : { ms: roundToFrame(random.between(300, 1500)), syntax: separator === '~' ? 'incomplete' : 'complete' };
    runs.push({ words: drawWords(pieces[index] ?? '', pause, random), pause });
  }
  return random.chance(JOINED_RATIO) ? withJoin(runs, random) : runs;
}

function drawWords(text: string, pause: InnerPause | undefined, random: Random): ScriptedWord[] {
  const mark = pause?.syntax !== 'incomplete' || random.chance(STOPS_TOO_SOON_RATIO) ? '.' : '';
  const texts = text.split(' ').filter((word) => word !== '');
  return texts.map((written, index) => {
    const isLast = index === texts.length - 1;
    const word = written.replaceAll(/[,?]/g, '');
    return {
      ms: wordMs(word, random),
      spoken: word,
      final: isLast ? word : written,
      interim: isLast && random.chance(REVISED_RATIO) ? misheard(word) : word,
      joined: false,
      mark: isLast && written.endsWith('?') ? '?' : isLast ? mark : '',
    };
  });
}

/** A word has 150 to 400 ms, longer ones more. */
function wordMs(word: string, random: Random): number {
  const letters = word.replaceAll(/\W/g, '').length;
  return roundToFrame(Math.min(400, Math.max(150, 90 + 35 * letters + random.between(-40, 40))));
}

const homophones: Readonly<Record<string, string>> = {
  two: 'to',
  four: 'for',
  eight: 'ate',
  five: 'fine',
  seven: 'heaven',
  yes: 'yet',
  no: 'know',
};

/** The beginning of the word, or another one that sounds like it. */
function misheard(word: string): string {
  const letters = Math.ceil(word.length * 0.6);
  return homophones[word] ?? (word.length > 3 ? word.slice(0, letters) : `${word}s`);
}

/** Somewhere the final joins two words, or writes a long one as two. */
function withJoin(runs: readonly SpokenRun[], random: Random): SpokenRun[] {
  const places = runs.flatMap(({ words }, run) => words.map((word, index) => ({ run, index, word })));
  const joinable = places.filter(({ index }) => index > 0);
  const long = places.filter(({ word }) => word.final.length >= 7);
  const splits = joinable.length === 0 || (long.length > 0 && random.chance(0.5));
  const candidates = splits ? long : joinable;
  if (candidates.length === 0) return [...runs];
  const chosen = random.pick(candidates);
  const changed = splits
    ? { final: `${chosen.word.final.slice(0, 4)} ${chosen.word.final.slice(4)}` }
    : { joined: true };
  return runs.map((run, runIndex) => ({
    ...run,
    words: run.words.map((word, index) =>
      runIndex === chosen.run && index === chosen.index ? { ...word, ...changed } : word,
    ),
  }));
}

/** Deals the classes in a seeded order, each as often as it is in the deck, before any comes again. */
class Deck {
  readonly #random: Random;
  #cards: TurnClass[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  draw(): TurnClass {
    if (this.#cards.length === 0) this.#cards = this.#random.shuffled(CLASS_DECK);
    const card = this.#cards.pop();
    if (card === undefined) throw new Error('the deck is empty');
    return card;
  }
}

function repeated(turnClass: TurnClass, count: number): TurnClass[] {
  return Array.from({ length: count }, () => turnClass);
}

export function roundToFrame(ms: number): number {
  return Math.round(ms / FRAME_MS) * FRAME_MS;
}
