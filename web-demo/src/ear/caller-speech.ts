// Where the caller's utterances ended: the account's own level detector (src/audio/speech-level.ts) on the samples of their
// microphone's track. Pure. There is no voice activity here: what is loud, and not just a click, counts as speech.

import { levelDbfs } from '../../../src/audio/level.ts';
import { SpeechLevel } from '../../../src/audio/speech-level.ts';
import { type InstantSpan, spanOf } from './instants.ts';
import { phaseCount, PhasedWindows } from './phased-windows.ts';

const windowMs = 10;
/** As the account has it (src/audio/speech-edge.ts): a loud window further from the voice than this is another sound. */
export const breakMs = 200;
/** Shorter than the shortest words by half: a key, a mouse. */
const shortestUtteranceMs = 50;
/** For each phase. An answer is asked about within seconds. */
const maxUtterances = 50;

interface Utterance {
  readonly startMs: number;
  endMs: number;
  loudMs: number;
}

interface PhaseState {
  readonly level: SpeechLevel;
  readonly utterances: Utterance[];
}

/** What the caller had said by some instant. */
export type SpeechBefore =
  /** They were still speaking, or went on within 200 ms. */
  { readonly type: 'speaking' } | { readonly type: 'ended'; readonly end: InstantSpan } | { readonly type: 'none' };

export class CallerSpeech {
  readonly #windows: PhasedWindows;
  readonly #phases: readonly PhaseState[];
  #isThere = false;

  constructor(sampleRateHz: number) {
    this.#phases = Array.from({ length: phaseCount }, () => ({ level: new SpeechLevel(), utterances: [] }));
    this.#windows = new PhasedWindows(sampleRateHz, ({ phase, startMs, samples }) => {
      const state = this.#phases[phase];
      // Silence of a muted microphone says nothing of the noise.
      if (state === undefined || !this.#isThere || !state.level.isLoud(levelDbfs(samples))) return;
      addLoudWindow(state.utterances, startMs);
    });
  }

  /** `isThere`: there was a track to listen to. */
  push(samples: Int16Array, isThere: boolean): void {
    this.#isThere = isThere;
    this.#windows.push(samples);
  }

  /** Of the instant that an answer became audible. To be asked once the 200 ms after it have been heard as well. */
  before(atMs: number): SpeechBefore {
    const last = this.#phases.map(({ utterances }) =>
      utterances.findLast(({ startMs, loudMs }) => startMs < atMs && loudMs >= shortestUtteranceMs),
    );
    const ends = last.flatMap((utterance) => utterance?.endMs ?? []);
    const end = spanOf(ends);
    if (end === undefined) return { type: 'none' };
    return end.latestMs > atMs ? { type: 'speaking' } : { type: 'ended', end };
  }
}

function addLoudWindow(utterances: Utterance[], startMs: number): void {
  const last = utterances.at(-1);
  if (last !== undefined && startMs - last.endMs < breakMs) {
    last.endMs = startMs + windowMs;
    last.loudMs += windowMs;
    return;
  }
  // A click is forgotten as soon as another sound follows it.
  if (last !== undefined && last.loudMs < shortestUtteranceMs) utterances.pop();
  utterances.push({ startMs, endMs: startMs + windowMs, loudMs: windowMs });
  if (utterances.length > maxUtterances) utterances.shift();
}
