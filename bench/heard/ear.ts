// What the caller's ear makes of a reply while somebody speaks into it: when it was lowered, when it was silent for good,
// which holes it has, and where in a word it went on.

import type { HeardWindow } from '../../test/e2e/recording.ts';
import { levelDbfs, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { percentile } from '../statistics.ts';
import type { CodedVoice } from './coded-voice.ts';

/** DESIGN 2: audible is what is above it. */
const AUDIBLE_DBFS = -40;
/** DESIGN 5: a reply is lowered by at least this much. */
const LOWERED_DB = 12;

/** 10 ms at the ear. */
export interface EarWindow {
  /** When it had been heard (monotonic). */
  readonly atMs: number;
  readonly dbfs: number;
  /** Which of the coded voice's tones it is. */
  readonly tone: number | undefined;
}

export interface Hole {
  readonly atMs: number;
  readonly ms: number;
  /** The reply went on with the word that was broken, from its beginning. */
  readonly resumedAtWord: boolean;
}

export function listen(windows: readonly HeardWindow[], voice: CodedVoice, rateHz: number): EarWindow[] {
  return windows.map(({ samples, heardAtMs }) => ({
    atMs: heardAtMs,
    dbfs: levelDbfs(samples),
    tone: voice.toneOf(samples, rateHz),
  }));
}

/** How loud the voice is: half of its audible windows are louder. */
export function loudnessDbfs(windows: readonly EarWindow[]): number {
  return percentile(
    windows.map(({ dbfs }) => dbfs).filter((dbfs) => dbfs > AUDIBLE_DBFS),
    0.5,
  );
}

/** One of 10 ms, by itself. */
export function isAudible({ samples }: HeardWindow): boolean {
  return levelDbfs(samples) > AUDIBLE_DBFS;
}

/** After `fromMs`: the end of the last window that was not yet 12 dB below `fullDbfs`; `fromMs` where there is none. */
export function loweredAtMs(windows: readonly EarWindow[], fromMs: number, fullDbfs: number): number {
  return lastAbove(windows, fromMs, fullDbfs - LOWERED_DB);
}

/** After `fromMs`: the end of the last window above −40 dBFS. */
export function silencedAtMs(windows: readonly EarWindow[], fromMs: number): number {
  return lastAbove(windows, fromMs, AUDIBLE_DBFS);
}

function lastAbove(windows: readonly EarWindow[], fromMs: number, dbfs: number): number {
  return windows.findLast((window) => window.atMs > fromMs && window.dbfs > dbfs)?.atMs ?? fromMs;
}

/** Where it was inaudible for more than `longerThanMs`, and audible again after it. */
export function holes(windows: readonly EarWindow[], longerThanMs: number, voice: CodedVoice): Hole[] {
  const audible = windows.flatMap(({ dbfs }, index) => (dbfs > AUDIBLE_DBFS ? [index] : []));
  return audible.flatMap((index, place) => {
    const next = audible[place + 1] ?? index;
    const ms = (next - index - 1) * WINDOW_MS;
    const at = windows[index];
    if (ms <= longerThanMs || at === undefined) return [];
    return [{ atMs: at.atMs, ms, resumedAtWord: resumesAtWord(windows, index, next, voice) }];
  });
}

/** A window or two at an edge are of two words, or fade. */
const EDGE_WINDOWS = 4;
/** A character, and what fades: less of a word than this is what was between it and the next one. */
const BETWEEN_MS = 70;
/** Fades and the receiver's stretching of sound cost some 10 ms of a word. */
const TOLERANCE_MS = 30;

/** The broken word comes again, whole; or it had come to its end, and the next one comes whole. */
function resumesAtWord(windows: readonly EarWindow[], before: number, after: number, voice: CodedVoice): boolean {
  const edge = windows.slice(Math.max(0, before - EDGE_WINDOWS), before + 1);
  const broken = edge.findLast(({ tone }) => tone !== undefined)?.tone;
  if (broken === undefined) return false;
  const wanted = [broken, voice.toneAfter(broken)];
  for (let start = after; start < windows.length; start = runEnd(windows, start)) {
    const tone = windows[start]?.tone;
    const lastsMs = (runEnd(windows, start) - start) * WINDOW_MS;
    if (tone !== undefined && wanted.includes(tone) && lastsMs >= voice.wordMs(tone) - TOLERANCE_MS) return true;
    if (lastsMs > BETWEEN_MS) return false;
  }
  return false;
}

function runEnd(windows: readonly EarWindow[], start: number): number {
  const end = windows.findIndex(({ tone }, index) => index > start && tone !== windows[start]?.tone);
  return end === -1 ? windows.length : end;
}
