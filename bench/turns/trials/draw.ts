// Conversations in which the agent asks and the caller answers: most as anybody would expect, others go on after an answer or
// differ from it in a word that matters. Drawn from a seed.

import { Random } from '../random.ts';
import { drawRuns, roundToFrame } from '../script.ts';
import type { Conversation, ScriptedTurn, SpokenRun } from '../script.ts';
import { filled } from '../slots.ts';
import { acknowledgements, answersTo, asks } from './asks.ts';
import type { Ask } from './asks.ts';

export const trialKinds = ['plain', 'continued', 'continued after a pause', 'different'] as const;
export type TrialKind = (typeof trialKinds)[number];

export interface TrialConversation {
  readonly script: Conversation;
  /** By turn; undefined for the first, which answers nothing. */
  readonly kinds: readonly (TrialKind | undefined)[];
}

const TRIALS_PER_CONVERSATION = 12;
/** Out of ten. */
const KIND_DECK: readonly TrialKind[] = [
  ...Array.from({ length: 6 }, () => 'plain' as const),
  'continued',
  'continued after a pause',
  'different',
  'different',
];
/**
 * Pauses inside a turn of spontaneous speech are log-normal; most have 200 to 1000 ms, some less, a few more (Campione and
 * Véronis 2002, https://www.isca-speech.org/archive/sp2002/sp02_199.html), the typical one a quarter to half a second
 * (Lundholm Fors 2015, https://www.eurekalert.org/news-releases/846275). With these, one in six is below 200, one in 25 above 1000.
 */
const PAUSE_MEDIAN_MS = 350;
const PAUSE_SIGMA = 0.6;
/** From the end of the question: about 200 ms in many languages, more where one has to think (Stivers et al. 2009). */
const ANSWER_GAP_MEDIAN_MS = 250;
const ANSWER_GAP_SIGMA = 0.5;

export function drawTrials(trialCount: number, seed: number): readonly TrialConversation[] {
  const kinds = new Random(seed, 'trial kinds');
  const deck = Array.from({ length: Math.ceil(trialCount / KIND_DECK.length) }, () => kinds.shuffled(KIND_DECK)).flat();
  const count = Math.ceil(trialCount / TRIALS_PER_CONVERSATION);
  return Array.from({ length: count }, (_, index) => {
    const start = index * TRIALS_PER_CONVERSATION;
    const end = Math.min(start + TRIALS_PER_CONVERSATION, trialCount);
    return drawConversation(deck.slice(start, end), new Random(seed, 'trials', index));
  });
}

function drawConversation(kinds: readonly TrialKind[], random: Random): TrialConversation {
  const asked = random.shuffled(asks).slice(0, kinds.length);
  const opening = turn(drawRuns('I am calling about my booking', random), { next: asked[0], random });
  const turns = kinds.map((kind, index) => {
    const ask = asked[index];
    if (ask === undefined) throw new Error('there are more trials than asks');
    return turn(drawAnswer(ask, kind, random), { next: asked[index + 1], random });
  });
  return { script: [opening, ...turns], kinds: [undefined, ...kinds] };
}

function turn(
  runs: readonly SpokenRun[],
  { next, random }: { readonly next: Ask | undefined; readonly random: Random },
): ScriptedTurn {
  return {
    class: 'short answer',
    runs,
    reply: `${random.pick(acknowledgements)} ${next?.asks ?? 'Thank you for calling.'}`,
    gapMs: roundToFrame(random.logNormal(ANSWER_GAP_MEDIAN_MS, ANSWER_GAP_SIGMA)),
    interruptsAfterMs: undefined,
    disturbance: undefined,
  };
}

function drawAnswer(ask: Ask, kind: TrialKind, random: Random): readonly SpokenRun[] {
  const { plain, continued, different } = answersTo(ask);
  switch (kind) {
    case 'plain':
      return drawRuns(withoutPauses(filled(random.pick(plain), random)), random);
    case 'different':
      return drawRuns(withoutPauses(filled(random.pick(different), random)), random);
    case 'continued':
      return drawRuns(withoutPauses(filled(random.pick(continued), random)), random);
    case 'continued after a pause':
      return drawRuns(onlyPause(filled(random.pick(continued), random)), random).map(({ words, pause }) => ({
        words,
        pause: pause && { ...pause, ms: drawPauseMs(random) },
      }));
  }
}

/** Between 100 ms, which nobody hears as a pause, and 2 s, after which most have another go. */
function drawPauseMs(random: Random): number {
  return roundToFrame(Math.min(2000, Math.max(100, random.logNormal(PAUSE_MEDIAN_MS, PAUSE_SIGMA))));
}

/** Slots bring pauses of their own. */
function onlyPause(text: string): string {
  return text.replaceAll(/\s*~/g, '');
}

function withoutPauses(text: string): string {
  return onlyPause(text).replaceAll(/\s*\/\//g, '');
}
