// The adaptive policy: P(turn complete) from words, punctuation, the sound of the ending and the caller's pauses, mapped
// to the silence to wait. The sound itself is judged elsewhere (audio/sound-model.ts).

import type { EndpointingPolicy, TurnSoFar } from '../endpointing.ts';
import { completenessOf, NEUTRAL } from './completeness.ts';
import { languageRules } from './language.ts';
import { questionOf } from './question.ts';
import { rulesFor } from './rules.ts';

export interface AdaptiveEndpointing {
  /** BCP 47. A language without rules goes by punctuation and pauses alone: `hasEndpointingRules`. */
  readonly language: string;
  /** Bounds of the silence. */
  readonly minSilenceMs: number;
  readonly maxSilenceMs: number;
}

/** Silence by probability; linear in between. */
const SILENCE: readonly (readonly [probability: number, silenceMs: number])[] = [
  [0, 2500],
  [0.05, 1900],
  [0.15, 1300],
  [0.25, 1000],
  [0.35, 800],
  [0.5, 600],
  [0.7, 480],
  [0.85, 390],
  [0.93, 290],
  [0.98, 190],
  [1, 150],
];

/** Log odds that the mark at the end adds. Services set full stops freely, so they say little. */
const MARKS: readonly (readonly [RegExp, number])[] = [
  [/(?:\.\.\.|…|[-–—])$/u, -2.5],
  [/[,;:、，؛،]$/u, -2],
  [/[?？؟]$/u, 1.2],
  [/[!！]$/u, 0.7],
  [/[.。।]$/u, 0.7],
];
/**
 * Log odds that the sound of the ending adds: a share of its own, within bounds. Models of it are surer than they are right,
 * most of all about complete endings: fragments that a voice was made to say alone sound finished
 * (docs/decisions/0006-smart-turn.md).
 */
const SOUND_SHARE = 0.4;
const SOUND_INCOMPLETE = -1.5;
const SOUND_COMPLETE = 1;
/** Words that want others are not outvoted, nor are numbers and names: their groups end like sentences. */
const WANTS_OTHERS = 0.4;

/**
 * How probably an answer that was expected is the whole turn, whatever else its words say, unless a mark says that it goes on:
 * 280 ms. The reply to it is ready and will be heard at once, where others take their time, and "yes" is how "yes, but" begins.
 * In trials with pauses of people (median 350 ms) the reply was at the ear after 320 to 340 ms (P50), cut-ins were 4.0 to
 * 4.8 %; with 290 ms after up to 360, with 270 ms up to 5.2 % were cut in on. The final comes no sooner than 250.
 */
const EXPECTED = 0.934;

/** Not yet covered by the words: with more than this, a word may be missing. */
const MAX_UNCOVERED_MS = 200;

/** What inner pauses of fluent speakers last about (500 ms), and how many are needed to count half against it. */
const USUAL_PAUSE_MS = 500;
const USUAL_PAUSE_COUNT = 3;
/** The words tell more: what a caller's pauses last varies more within a call than between callers. */
const MAX_PACE = 1.3;

export function hasEndpointingRules(language: string): boolean {
  return languageRules(language) !== undefined;
}

export function adaptiveEndpointing({ language, minSilenceMs, maxSilenceMs }: AdaptiveEndpointing): EndpointingPolicy {
  const rules = rulesFor(language);
  // It is asked every 20 ms of a pause, mostly about the same words.
  let known:
    | { readonly text: string; readonly agentSaid: string | undefined; readonly probability: number }
    | undefined;
  const byWords = ({ text, agentSaid }: TurnSoFar): number => {
    if (known === undefined || known.text !== text || known.agentSaid !== agentSaid) {
      const words = rules === undefined ? NEUTRAL : completenessOf(text, questionOf(agentSaid, rules), rules);
      known = { text, agentSaid, probability: shifted(words, punctuation(text)) };
    }
    return known.probability;
  };
  return (turn) => {
    const isExpected = turn.expected === true && punctuation(turn.text) >= 0;
    const words = isExpected ? EXPECTED : byWords(turn);
    const complete = shifted(words, sound(turn.soundComplete, words));
    const isKnown = (turn.uncoveredMs ?? 0) <= MAX_UNCOVERED_MS && !turn.rejected;
    const probability = isKnown ? complete : Math.min(complete, NEUTRAL);
    const silenceMs = silenceFor(probability) * pace(turn.innerPausesMs ?? [], probability);
    return Math.min(maxSilenceMs, Math.max(minSilenceMs, silenceMs));
  };
}

function punctuation(text: string): number {
  const end = text.trimEnd();
  return MARKS.find(([mark]) => mark.test(end))?.[1] ?? 0;
}

function sound(complete: number | undefined, words: number): number {
  if (complete === undefined) return 0;
  const share = SOUND_SHARE * Math.log(complete / (1 - complete));
  const logOdds = Math.min(SOUND_COMPLETE, Math.max(SOUND_INCOMPLETE, share));
  const openness = Math.min(1, Math.max(0, (words - WANTS_OTHERS) / (NEUTRAL - WANTS_OTHERS)));
  return logOdds > 0 ? logOdds * openness : logOdds;
}

function shifted(probability: number, logOdds: number): number {
  if (logOdds === 0) return probability;
  const odds = (probability / (1 - probability)) * Math.exp(logOdds);
  return odds / (1 + odds);
}

function silenceFor(probability: number): number {
  const above = SILENCE.findIndex(([at]) => at >= probability);
  const [high, highMs] = SILENCE[Math.max(0, above)] ?? [1, 150];
  const [low, lowMs] = SILENCE[Math.max(0, above - 1)] ?? [high, highMs];
  return high === low ? highMs : lowMs + ((probability - low) / (high - low)) * (highMs - lowMs);
}

/** How much longer, or shorter, this caller pauses than others do. It matters least where the words are clear. */
function pace(innerPausesMs: readonly number[], probability: number): number {
  const sumMs = innerPausesMs.reduce((sum, pauseMs) => sum + pauseMs, USUAL_PAUSE_COUNT * USUAL_PAUSE_MS);
  const meanMs = sumMs / (innerPausesMs.length + USUAL_PAUSE_COUNT);
  // Where more is expected, quick speakers too stop to think.
  const least = probability < NEUTRAL ? 1 : 1 / MAX_PACE;
  const ratio = Math.min(MAX_PACE, Math.max(least, meanMs / USUAL_PAUSE_MS));
  return 1 + (ratio - 1) * Math.min(1, 2 * (1 - probability));
}
