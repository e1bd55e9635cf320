// Follows the echo of one call: finds the path, tells by it what each 10 ms of the caller's audio hold, corrects it, gives it up.

import { BAND_COUNT, SILENCE_DB } from './band-levels.ts';
import { coherence, type Correlation, DelaySearch, LONGEST_DELAY, shapeCoherence } from './delay-search.ts';
import { EchoPath } from './echo-path.ts';
import type { LevelHistory } from './level-history.ts';
import { NoiseFloor } from './noise-floor.ts';
import { Surplus } from './surplus.ts';

/**
 * What a piece of the caller's audio holds: no sound, or only noise; what was played; sound that may be what was played, as
 * long as it is not known whether anything comes back; sound beyond what was played.
 */
export type Content = 'nothing' | 'echo' | 'suspected' | 'voice';

/** What one cell (10 ms) of the caller's audio holds. */
export interface CellFinding {
  readonly content: Content;
  /** Linear power of the echo that was to be expected; 0 where no path is known. */
  readonly echoPower: number;
  /** Linear power beyond it. */
  readonly residualPower: number;
}

const NOTHING: CellFinding = { content: 'nothing', echoPower: 0, residualPower: 0 };
const SUSPECTED: CellFinding = { content: 'suspected', echoPower: 0, residualPower: 0 };
const UNSUSPECTED: CellFinding = { content: 'voice', echoPower: 0, residualPower: 0 };

/** The search looks back a second: long enough for 0.5 of coherence to be no accident. */
const SEARCH_CELLS = 100;
/** A band above the noise floor by so much is sound; so many of them are no accident. */
const AUDIBLE_DB = 13;
const AUDIBLE_BANDS = 3;
/** Below, a band is silent whatever the floor (dB). */
const LOWEST_AUDIBLE_DB = -80;
/** By when an echo is usually there (0.2 s). What plays this very moment has mostly not been told of yet. */
const USUAL_DELAY_CELLS = 20;
/** Until nothing came back in so much play (1.5 s), whatever is heard shortly after play began is suspected. */
const SUSPICIOUS_CELLS = 150;
/**
 * After that an echo must be surer by so much, at one delay for 0.15 s: callers talk over every reply of a call, and its
 * echo begins once at most.
 */
const SURER = 0.1;
const STEADY_CELLS = 15;
/**
 * The last 0.3 s of an echo rise and fall in the same bands as what was played: of echoes 9 in 10 reach the first, of other
 * sounds that seem to follow the play 1 in 10; nearly all echoes reach the second, and half of the others.
 */
const SHAPE_CELLS = 30;
const CERTAIN_LIKENESS = 0.66;
/** In twice the time other sounds get nowhere near this. */
const LONG_LIKENESS = 0.55;
const LEAST_LIKENESS = 0.45;
/** A suspicion that so much sound (0.35 s) has not confirmed is dropped. */
const SUSPECTED_CELLS = 35;
/** Sound that is shorter (0.1 s) can't be compared. */
const INCOMPARABLE_CELLS = 10;
/** Who spoke before the agent did goes on after pauses of up to 0.2 s. */
const ONGOING_CELLS = 20;
/** Suspected is what comes within so much of certainty. */
const SUSPICION_MARGIN = 0.2;
/** A path on which 0.3 s of what should be heard is missing is gone. */
const MISSING_CELLS = 30;
const MISSING_DB = 12;
/** Expected echo so far above the noise must be heard. */
const HEARD_DB = 15;
/** No loudspeaker comes back louder than it was sent by more than this; one that is about as loud must be surer. */
const HIGHEST_GAIN_DB = 6;
const LIKELY_GAIN_DB = -8;
/** A path is known by and by: for a second of echo its prediction is doubted, by as much as this in the beginning. */
const DOUBT_DB = 5;
const DOUBT_CELLS = 100;
/** At these ages of the path (cells of echo) the gains are worked out anew from the last second. */
const RELEARNT_AT = [10, 25, 50, 100];
const LEARNT_FROM_CELLS = 100;
/** Another delay takes over when it fits better by so much. */
const BETTER_COHERENCE = 0.1;

/** Delays this near are those of one path. */
const SAME_PATH_CELLS = 3;
/** So much of what looks like a voice (0.4 s) is an echo that has become louder, by such coherence. */
const LOUDER_CELLS = 40;
const LOUDER_COHERENCE = 0.8;
/** A device's buffers move the delay by no more than this at once (0.12 s); so much sound tells (0.2 s) by such coherence. */
const LARGEST_MOVE = 12;
const MOVE_CELLS = 20;
const MOVE_COHERENCE = 0.75;

/** Coherence that `cells` of sound reach by accident less than once in a hundred cells. Measured on overlapping speech. */
function accidental(cells: number): number {
  return 0.36 + 1.4 / Math.sqrt(Math.max(1, cells));
}

export class EchoTracker {
  readonly #played: LevelHistory;
  readonly #heard: LevelHistory;
  readonly #floor = new NoiseFloor();
  readonly #search = new DelaySearch(SEARCH_CELLS);
  readonly #surplus = new Surplus();
  #path: EchoPath | undefined;
  /** Cells of echo since the path was found. */
  #age = 0;
  #missingCells = 0;
  /** For how long there has been more than the echo. */
  #voiceCells = 0;
  /** Heard sound that the search knows of, in cells; forgotten as it forgets. */
  #searchedCells = 0;
  /** Where an echo may be, and for how many cells it has been there. */
  #candidate = { delay: 0, cells: 0 };
  /** Cells of play that nothing came back of. */
  #unansweredCells = 0;
  /** While no path is known: how much what is heard is like what was played, 0 to 1. */
  #likeness = 0;
  /** A sound that began while nothing could come back goes on; so many cells after its last one it is over. */
  #ongoingCells = 0;

  constructor(played: LevelHistory, heard: LevelHistory) {
    this.#played = played;
    this.#heard = heard;
  }

  /** In cells; undefined while no path is known. */
  get delay(): number | undefined {
    return this.#path?.delay;
  }

  get likeness(): number {
    return this.#likeness;
  }

  /** Takes the heard cell `at`, the next one, while nothing is played that could come back. */
  observeAlone(at: number): CellFinding {
    const { levels } = this.#heard.cell(at);
    this.#floor.observe(levels);
    this.#surplus.clear();
    this.#ongoingCells = this.#isAudible(levels) ? ONGOING_CELLS : Math.max(0, this.#ongoingCells - 1);
    return NOTHING;
  }

  /** Takes the heard cell `at`, the next one. */
  observe(at: number): CellFinding {
    const { levels } = this.#heard.cell(at);
    this.#floor.observe(levels);
    this.#search.observe(this.#played, this.#heard, at);
    const audible = this.#isAudible(levels);
    this.#searchedCells = this.#searchedCells * (1 - 1 / SEARCH_CELLS) + (audible ? 1 : 0);
    if (this.#path !== undefined) return this.#follow(this.#path, at, levels, audible);
    const source = at - USUAL_DELAY_CELLS;
    if (this.#played.has(source) && this.#played.cell(source).sounding) this.#unansweredCells += 1;
    if (this.#ongoingCells > 0) {
      this.#ongoingCells = audible ? ONGOING_CELLS : this.#ongoingCells - 1;
      return audible ? UNSUSPECTED : NOTHING;
    }
    return audible ? this.#seek(at) : NOTHING;
  }

  get #isSuspicious(): boolean {
    return this.#unansweredCells <= SUSPICIOUS_CELLS;
  }

  #seek(at: number): CellFinding {
    const best = this.#search.best();
    const isSuspicious = this.#isSuspicious;
    const needed = accidental(this.#searchedCells) + (isSuspicious ? 0 : SURER);
    const isComparable = this.#searchedCells > INCOMPARABLE_CELLS;
    const isLikely = isComparable && best.coherence > needed;
    const isTooLoud = isSuspicious && this.#isTooLoud(at);
    const isSteady = Math.abs(best.delay - this.#candidate.delay) <= 1;
    this.#candidate = { delay: best.delay, cells: isLikely ? (isSteady ? this.#candidate.cells : 0) + 1 : 0 };
    const isClose = isComparable && best.coherence > needed - SUSPICION_MARGIN && !isTooLoud;
    const cells = isSuspicious ? SHAPE_CELLS : 2 * SHAPE_CELLS;
    this.#likeness = isClose ? shapeCoherence(this.#played, this.#heard, at + 1, best.delay, cells) : 0;
    if (
      isLikely &&
      this.#likeness > (isSuspicious ? CERTAIN_LIKENESS : LONG_LIKENESS) &&
      this.#find(best, at, isSuspicious)
    ) {
      return { content: 'echo', echoPower: 0, residualPower: 0 };
    }
    if (!isSuspicious || isTooLoud || this.#searchedCells > SUSPECTED_CELLS) return UNSUSPECTED;
    return isComparable && this.#likeness < LEAST_LIKENESS ? UNSUSPECTED : SUSPECTED;
  }

  /** Whether the loudest of the last sound is too near to the loudest that was played for an echo. */
  #isTooLoud(at: number): boolean {
    const playedDb = loudestDb(this.#played, at + 1, LONGEST_DELAY + SHAPE_CELLS);
    return loudestDb(this.#heard, at + 1, SHAPE_CELLS) - playedDb > LIKELY_GAIN_DB;
  }

  /** Takes what comes back at this delay for an echo, unless it is too loud to be one. */
  #find(found: Correlation, at: number, isSuspicious: boolean): boolean {
    const isSure = found.coherence > accidental(this.#searchedCells) + SURER;
    const isSurer = isSure && this.#candidate.cells >= STEADY_CELLS;
    if (!isSuspicious && !isSurer) return false;
    const path = new EchoPath(found.delay);
    path.learn(this.#played, this.#heard, at + 1, LEARNT_FROM_CELLS);
    if (path.meanGainDb > (isSurer ? HIGHEST_GAIN_DB : LIKELY_GAIN_DB)) return false;
    this.#path = path;
    this.#age = 0;
    this.#missingCells = 0;
    this.#unansweredCells = 0;
    this.#surplus.clear();
    return true;
  }

  #follow(path: EchoPath, at: number, levels: Float32Array, audible: boolean): CellFinding {
    this.#correctDelay(path, at);
    path.predict(this.#played, at);
    const doubt = DOUBT_DB * Math.max(0, 1 - this.#age / DOUBT_CELLS);
    const residualPower = this.#surplus.observe(levels, path.predicted, this.#floor.levels, doubt);
    if (this.#isMissing(path, levels)) {
      this.#path = undefined;
      this.#search.clear();
      this.#searchedCells = 0;
      return audible ? UNSUSPECTED : NOTHING;
    }
    if (this.#surplus.isVoice && this.#hasMoved(path, at)) this.#surplus.clear();
    if (this.#isLouderEcho(path, at)) this.#learnAnew(path, at);
    const { isVoice } = this.#surplus;
    if (!isVoice && audible) {
      this.#age += 1;
      if (RELEARNT_AT.includes(this.#age)) path.learn(this.#played, this.#heard, at + 1, LEARNT_FROM_CELLS);
      else path.adapt(levels, this.#floor.levels);
    }
    const mayBeEcho = audible || path.loudestDb > LOWEST_AUDIBLE_DB;
    const content = isVoice ? 'voice' : mayBeEcho ? 'echo' : 'nothing';
    return { content, echoPower: 10 ** (path.loudestDb / 10), residualPower };
  }

  #correctDelay(path: EchoPath, at: number): void {
    const best = this.#search.best();
    if (best.delay === path.delay) return;
    const isBetter = best.coherence > this.#search.coherenceAt(path.delay) + BETTER_COHERENCE;
    if (!isBetter || best.coherence <= accidental(this.#searchedCells)) return;
    const isAnother = Math.abs(best.delay - path.delay) > SAME_PATH_CELLS;
    path.delay = best.delay;
    if (isAnother) this.#learnAnew(path, at);
  }

  /** The gains were another path's. */
  #learnAnew(path: EchoPath, at: number): void {
    path.learn(this.#played, this.#heard, at + 1, LEARNT_FROM_CELLS);
    this.#age = 0;
    this.#voiceCells = 0;
    this.#surplus.clear();
  }

  /** Whether what has looked like a voice for a while goes up and down as what was played: the echo has become louder. */
  #isLouderEcho(path: EchoPath, at: number): boolean {
    this.#voiceCells = this.#surplus.isVoice ? this.#voiceCells + 1 : 0;
    if (this.#voiceCells < LOUDER_CELLS) return false;
    return coherence(this.#played, this.#heard, at + 1, path.delay, LOUDER_CELLS) > LOUDER_COHERENCE;
  }

  /** Whether what looks like a voice is the echo at another delay, which then is the path's. */
  #hasMoved(path: EchoPath, at: number): boolean {
    const coherenceAt = (delay: number): number => coherence(this.#played, this.#heard, at + 1, delay, MOVE_CELLS);
    let best = { delay: path.delay, value: Math.max(MOVE_COHERENCE, coherenceAt(path.delay) + BETTER_COHERENCE) };
    for (let delay = Math.max(0, path.delay - LARGEST_MOVE); delay <= path.delay + LARGEST_MOVE; delay += 1) {
      const value = coherenceAt(delay);
      if (value > best.value) best = { delay, value };
    }
    if (best.delay === path.delay) return false;
    path.delay = best.delay;
    return true;
  }

  /** Whether what should be loud and clear has not been heard for too long. */
  #isMissing(path: EchoPath, levels: Float32Array): boolean {
    let expectedBands = 0;
    let missingBands = 0;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const expected = path.directDb(band);
      if (expected < Math.max(this.#floor.levels[band] ?? 0, LOWEST_AUDIBLE_DB) + HEARD_DB) continue;
      expectedBands += 1;
      if ((levels[band] ?? 0) < expected - MISSING_DB) missingBands += 1;
    }
    if (expectedBands >= AUDIBLE_BANDS) {
      const isMissing = missingBands > 0.6 * expectedBands;
      this.#missingCells = Math.max(0, this.#missingCells + (isMissing ? 1 : -2));
    }
    return this.#missingCells > MISSING_CELLS;
  }

  #isAudible(levels: Float32Array): boolean {
    let bands = 0;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const floor = Math.max(this.#floor.levels[band] ?? 0, LOWEST_AUDIBLE_DB - AUDIBLE_DB);
      if ((levels[band] ?? 0) > floor + AUDIBLE_DB) bands += 1;
    }
    return bands >= AUDIBLE_BANDS;
  }
}

/** Of the `cells` before `end`, in any band. */
function loudestDb(history: LevelHistory, end: number, cells: number): number {
  let loudest = SILENCE_DB;
  for (let at = end - cells; at < end; at += 1) {
    if (!history.has(at)) continue;
    for (const level of history.cell(at).levels) loudest = Math.max(loudest, level);
  }
  return loudest;
}
