// "Recognition" for the Deepgram stand-in: hears by level when somebody speaks, and takes the words from a script.
// What a new connection gets to hear again (a session that replays its last seconds) is known by its samples, and is the
// same utterance, not the next one.

import { hash } from 'node:crypto';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { levelDbfs } from '../../src/audio/level.ts';

const samplesOf = (ms: number): number => Math.round((ms * LISTENING_RATE_HZ) / 1000);

/** Louder is voice, on a quiet line. */
export const VOICE_DBFS = -45;
/** The onset of a voice is found in windows of 2.5 ms. */
const ONSET_WINDOW_SAMPLES = samplesOf(2.5);
/** A new utterance begins only after this much quiet: the end of a word outlasts the script. */
const BETWEEN_UTTERANCES_SAMPLES = samplesOf(200);
/** A caller who is quiet for so long has broken off; the rest of the utterance is not told. */
const LONGEST_PAUSE_SAMPLES = samplesOf(1500);
/** A text without times ends at the first pause of this length, or where a final is asked for in a pause. */
const PAUSE_OF_TEXT_SAMPLES = samplesOf(500);
const PAUSE_WHEN_ASKED_SAMPLES = samplesOf(60);
/** How fast a text without times is assumed to be spoken. */
const MS_PER_CHARACTER = 70;

/** A word and its place, in milliseconds from the first sound of its utterance. */
export interface ScriptedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a caller says: with times exact in any situation; as text alone only where it is spoken without pauses. */
export type ScriptedUtterance = string | readonly ScriptedWord[];

/** A recognised word; samples of this connection. */
export interface HeardWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

/** One connection's ear. */
export interface Recognizer {
  hear(block: Int16Array): void;
  /** Words that ended and are not final yet. */
  interim(): readonly HeardWord[];
  /** All words that began and are not final yet: they are now. `asked`: by `Finalize` or at the end. */
  final(asked: boolean): readonly HeardWord[];
}

export function isVoice(samples: Int16Array, voiceDbfs = VOICE_DBFS): boolean {
  return levelDbfs(samples) > voiceDbfs;
}

/** The text of a recording with times: its words spread over the voiced span by their lengths. */
export function utteranceOf(text: string, samples: Int16Array): ScriptedWord[] {
  let first: number | undefined;
  let last = 0;
  for (let start = 0; start < samples.length; start += ONSET_WINDOW_SAMPLES) {
    if (!isVoice(samples.subarray(start, start + ONSET_WINDOW_SAMPLES))) continue;
    first ??= start;
    last = start + ONSET_WINDOW_SAMPLES;
  }
  return spread(text, ((last - (first ?? 0)) * 1000) / LISTENING_RATE_HZ);
}

function spread(text: string, spanMs: number): ScriptedWord[] {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const characters = words.reduce((sum, word) => sum + word.length, 0);
  let startMs = 0;
  return words.map((word) => {
    const endMs = startMs + (spanMs * word.length) / characters;
    const placed = { text: word, startMs, endMs };
    startMs = endMs;
    return placed;
  });
}

interface Place {
  readonly listener: object;
  readonly utterance: number;
  readonly offsetSamples: number;
}

/** What will be said, shared by the connections of one server. */
export class Script {
  readonly #utterances: readonly ScriptedUtterance[];
  readonly #repeats: boolean;
  readonly #heard = new Map<string, Place>();
  /** Where the last word begins that was told as final, by the utterance. */
  readonly #toldSamples = new Map<number, number>();
  #next = 0;
  /** Utterances that nobody had written. */
  unscriptedCount = 0;

  constructor(utterances: readonly ScriptedUtterance[], { repeats = false } = {}) {
    this.#utterances = utterances;
    this.#repeats = repeats;
  }

  /** Number of the next utterance. */
  take(): number {
    const number = this.#next;
    this.#next += 1;
    const isScripted = number < this.#utterances.length || (this.#repeats && this.#utterances.length > 0);
    if (!isScripted) this.unscriptedCount += 1;
    return number;
  }

  utterance(number: number): ScriptedUtterance {
    const { length } = this.#utterances;
    return this.#utterances[this.#repeats ? number % Math.max(1, length) : number] ?? '';
  }

  /** Takes note of a word that was told as final, by its offset in the utterance. */
  tell(utterance: number, offsetSamples: number): void {
    this.#toldSamples.set(utterance, Math.max(this.toldSamples(utterance), offsetSamples));
  }

  toldSamples(utterance: number): number {
    return this.#toldSamples.get(utterance) ?? -1;
  }

  remember(block: Int16Array, place: Place): void {
    const key = digest(block);
    if (!this.#heard.has(key)) this.#heard.set(key, place);
  }

  /** Where another connection has heard exactly this. */
  recall(block: Int16Array, listener: object): Place | undefined {
    const place = this.#heard.get(digest(block));
    return place === undefined || place.listener === listener ? undefined : place;
  }
}

function digest(block: Int16Array): string {
  return hash('sha1', new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
}

interface Utterance {
  readonly number: number;
  readonly onsetSample: number;
  readonly isText: boolean;
  /** Of its last word, which may have been told as soon as it had begun: what sounds until then is still that word. */
  readonly endSample: number;
  /** Words to come. */
  words: readonly HeardWord[];
}

/** Recognises the utterances of a script, each where somebody begins to speak. */
export class ScriptRecognizer implements Recognizer {
  readonly #script: Script;
  readonly #voiceDbfs: number;
  #position = 0;
  #voiceEndSample = -BETWEEN_UTTERANCES_SAMPLES;
  #utterance: Utterance | undefined;
  #told: HeardWord[] = [];

  /** `voiceDbfs`: below this nothing is voice. */
  constructor(script: Script, voiceDbfs = VOICE_DBFS) {
    this.#script = script;
    this.#voiceDbfs = voiceDbfs;
  }

  hear(block: Int16Array): void {
    const startSample = this.#position;
    this.#position += block.length;
    if (isVoice(block, this.#voiceDbfs)) {
      this.#onVoice(block, startSample);
      this.#voiceEndSample = this.#position;
    }
    this.#advance();
  }

  interim(): readonly HeardWord[] {
    return this.#told;
  }

  final(asked: boolean): readonly HeardWord[] {
    const utterance = this.#utterance;
    if (utterance !== undefined) {
      const ends = asked && utterance.isText && this.#quietSamples >= PAUSE_WHEN_ASKED_SAMPLES;
      if (ends) this.#endText(utterance);
      const begun = utterance.words.filter(({ startSample }) => startSample < this.#position);
      this.#told.push(...begun.map((word) => ({ ...word, endSample: Math.min(word.endSample, this.#position) })));
      utterance.words = utterance.words.slice(begun.length);
    }
    const words = this.#told;
    this.#told = [];
    const last = words.at(-1);
    if (utterance !== undefined && last !== undefined) {
      this.#script.tell(utterance.number, last.startSample - utterance.onsetSample);
    }
    return words;
  }

  get #quietSamples(): number {
    return this.#position - this.#voiceEndSample;
  }

  #onVoice(block: Int16Array, startSample: number): void {
    if (this.#utterance === undefined && startSample - this.#voiceEndSample >= BETWEEN_UTTERANCES_SAMPLES) {
      this.#utterance = this.#begin(block, startSample);
    }
    if (this.#utterance === undefined) return;
    const { number, onsetSample } = this.#utterance;
    this.#script.remember(block, { listener: this, utterance: number, offsetSamples: startSample - onsetSample });
  }

  #begin(block: Int16Array, startSample: number): Utterance {
    const again = this.#script.recall(block, this);
    const onsetSample = startSample + (again === undefined ? onsetIn(block, this.#voiceDbfs) : -again.offsetSamples);
    const number = again?.utterance ?? this.#script.take();
    const scripted = this.#script.utterance(number);
    const isText = typeof scripted === 'string';
    const words = (isText ? spread(scripted, scripted.length * MS_PER_CHARACTER) : scripted)
      .map(({ text, startMs, endMs }) => ({
        text,
        startSample: onsetSample + samplesOf(startMs),
        endSample: onsetSample + samplesOf(endMs),
      }))
      // What was said before the replay begins is not heard again, nor half of what was told then; half a word begins with it.
      .filter((word) => (word.startSample + word.endSample) / 2 >= startSample)
      .filter(
        (word) => word.startSample >= startSample || word.startSample - onsetSample > this.#script.toldSamples(number),
      )
      .map((word) => ({ ...word, startSample: Math.max(word.startSample, startSample) }));
    return {
      number,
      onsetSample,
      isText,
      words,
      endSample: isText ? onsetSample : (words.at(-1)?.endSample ?? onsetSample),
    };
  }

  #advance(): void {
    const utterance = this.#utterance;
    if (utterance === undefined) return;
    const ended = utterance.words.filter(({ endSample }) => endSample <= this.#position);
    this.#told.push(...ended);
    utterance.words = utterance.words.slice(ended.length);
    if (utterance.isText && this.#quietSamples >= PAUSE_OF_TEXT_SAMPLES) this.#endText(utterance);
    const isTold = utterance.words.length === 0 && this.#position >= utterance.endSample;
    if (isTold || this.#quietSamples >= LONGEST_PAUSE_SAMPLES) this.#utterance = undefined;
  }

  /** A text that was spoken faster than assumed: the words to come share what is left of the voice. */
  #endText(utterance: Utterance): void {
    const from = Math.min(this.#told.at(-1)?.endSample ?? utterance.onsetSample, this.#voiceEndSample);
    const each = (this.#voiceEndSample - from) / Math.max(1, utterance.words.length);
    this.#told.push(
      ...utterance.words.map(({ text }, index) => ({
        text,
        startSample: Math.round(from + index * each),
        endSample: Math.round(from + (index + 1) * each),
      })),
    );
    utterance.words = [];
  }
}

function onsetIn(block: Int16Array, voiceDbfs: number): number {
  for (let start = 0; start < block.length; start += ONSET_WINDOW_SAMPLES) {
    if (isVoice(block.subarray(start, start + ONSET_WINDOW_SAMPLES), voiceDbfs)) return start;
  }
  return 0;
}

/** Recognises by a function of the audio since the last final; the function gives times in samples of what it was given. */
export class FunctionRecognizer implements Recognizer {
  readonly #recognize: (samples: Int16Array) => readonly HeardWord[];
  #blocks: Int16Array[] = [];
  #position = 0;

  constructor(recognize: (samples: Int16Array) => readonly HeardWord[]) {
    this.#recognize = recognize;
  }

  hear(block: Int16Array): void {
    this.#blocks.push(block.slice());
    this.#position += block.length;
  }

  interim(): readonly HeardWord[] {
    const length = this.#blocks.reduce((sum, block) => sum + block.length, 0);
    const samples = new Int16Array(length);
    let at = 0;
    for (const block of this.#blocks) {
      samples.set(block, at);
      at += block.length;
    }
    const origin = this.#position - length;
    return this.#recognize(samples).map(({ text, startSample, endSample }) => ({
      text,
      startSample: startSample + origin,
      endSample: endSample + origin,
    }));
  }

  final(): readonly HeardWord[] {
    const words = this.interim();
    this.#blocks = [];
    return words;
  }
}
