// One caller's recognition, free of threads: frames in, events out. An utterance begins at the first sound (with what
// came just before it) and ends when a final is asked for, after a long silence, or when it grows too long.

import { LISTENING_RATE_HZ } from '../../audio/frame.ts';
import type { SttEvent } from '../port.ts';
import { SpeechGate } from '../speech-gate.ts';
import { SampleTimeline, TICKS_PER_SAMPLE } from '../timeline.ts';
import type { Hypothesis, UtteranceDecoder } from './decoder.ts';
import { isDoubtful } from './doubt.ts';
import { NoiseSuppressor, SUPPRESSOR_DELAY_SAMPLES } from './noise-suppressor.ts';

/** Audio with the extended RTP timestamp of its first sample. */
export interface TimedSamples {
  readonly samples: Int16Array;
  readonly timestamp: number;
}

const msOf = (sampleCount: number): number => (sampleCount * 1000) / LISTENING_RATE_HZ;

/** Given to the recogniser before the first sound: soft consonants, and some silence for it to settle on. */
const LEAD_MS = 300;
/** Silence after which an utterance ends by itself. Longer than any endpointing waits: the session asks first. */
const TRAILING_SILENCE_MS = 4000;
/** Silence after which nothing said is left to decode: longer than the mouth is closed within a word. */
const SPEECH_OVER_MS = 100;
/** Bounds the memory of one utterance. */
const LONGEST_UTTERANCE_MS = 30_000;
/** Less speech outside the grammar than this is a click, a breath or a cough. */
const SHORTEST_REJECTED_MS = 250;

/** A last word shorter than this isn't shown yet. */
const FRESH_WORD_MS = 80;

const NOTHING: Hypothesis = { words: [], garbageSamples: 0 };
const NO_WORDS: Pick<SttEvent, 'text' | 'words'> = { text: '', words: [] };

/** The part of a decoder that is used here. */
export type Decoder = Pick<UtteranceDecoder, 'start' | 'process' | 'finish'>;

export class Recognition {
  readonly #decoder: Decoder;
  readonly #emit: (event: SttEvent) => void;
  readonly #suppressor = new NoiseSuppressor();
  readonly #gate = new SpeechGate();
  readonly #timeline = new SampleTimeline();
  #lead: TimedSamples[] = [];
  #inUtterance = false;
  #quietMs = 0;
  /** Samples that were decoded at a finalize and have yet to come out of the suppressor. */
  #decodedAhead = 0;
  #interim: Pick<SttEvent, 'text' | 'words'> = NO_WORDS;
  /** Timestamp after the last sample that was written. */
  #coveredTimestamp = 0;

  constructor(decoder: Decoder, emit: (event: SttEvent) => void) {
    this.#decoder = decoder;
    this.#emit = emit;
  }

  /** Takes audio. The latest of it, which the suppressor holds back, is decoded with the next frame or at a finalize. */
  write({ samples, timestamp }: TimedSamples): void {
    this.#coveredTimestamp = timestamp + samples.length * TICKS_PER_SAMPLE;
    const cleaned = this.#suppressor.process(samples);
    const skipped = Math.min(this.#decodedAhead, cleaned.length);
    this.#decodedAhead -= skipped;
    if (skipped === cleaned.length) return;
    this.#hear({
      samples: cleaned.subarray(skipped),
      timestamp: timestamp + (skipped - SUPPRESSOR_DELAY_SAMPLES) * TICKS_PER_SAMPLE,
    });
  }

  /** Answers with the final of what was written so far: to the last sample, unless that is silence. */
  finalize(): void {
    if (this.#inUtterance && this.#quietMs < SPEECH_OVER_MS) this.#decodeHeld();
    this.#final(this.#inUtterance ? this.#end() : NOTHING, true);
    this.#timeline.clear();
  }

  /** Tells again what was heard so far, and up to where. For those who wait while there is more audio than time. */
  tellProgress(): void {
    if (this.#inUtterance) this.#emit({ type: 'interim', ...this.#interim, endTimestamp: this.#coveredTimestamp });
  }

  /** Ends without telling anybody. */
  abandon(): void {
    if (this.#inUtterance) this.#end();
    this.#timeline.clear();
  }

  #hear(frame: TimedSamples): void {
    const heard = this.#gate.hears(frame.samples);
    this.#quietMs = heard ? 0 : this.#quietMs + msOf(frame.samples.length);
    if (this.#inUtterance) this.#decode(frame);
    else if (heard) this.#begin(frame);
    else this.#keepLead(frame);
    const tooLong = msOf(this.#timeline.sampleCount) >= LONGEST_UTTERANCE_MS;
    if (this.#inUtterance && (tooLong || this.#quietMs >= TRAILING_SILENCE_MS)) this.#endUnasked();
  }

  /** Its hypothesis isn't told: the final follows at once. */
  #decodeHeld(): void {
    const samples = this.#suppressor.held();
    const skipped = this.#decodedAhead;
    this.#decodedAhead = samples.length;
    const ahead = samples.subarray(skipped);
    this.#timeline.append(this.#coveredTimestamp - ahead.length * TICKS_PER_SAMPLE, ahead.length);
    this.#decoder.process(ahead);
  }

  #keepLead(frame: TimedSamples): void {
    this.#lead.push(frame);
    const [first] = this.#lead;
    const kept = this.#lead.reduce((sum, { samples }) => sum + samples.length, 0);
    if (first !== undefined && msOf(kept - first.samples.length) >= LEAD_MS) this.#lead.shift();
  }

  #begin(frame: TimedSamples): void {
    this.#inUtterance = true;
    this.#decoder.start();
    const lead = this.#lead;
    this.#lead = [];
    for (const early of lead) this.#decode(early);
    this.#decode(frame);
  }

  #decode({ samples, timestamp }: TimedSamples): void {
    this.#timeline.append(timestamp, samples.length);
    const hypothesis = this.#decoder.process(samples);
    // While speech outside the grammar is ahead, the words that were heard so far stand.
    if (hypothesis === undefined || hypothesis.garbageSamples > 0 || hypothesis.words.length === 0) return;
    const settled = withoutFreshWord(hypothesis);
    const text = textOf(settled);
    if (text === '' || text === this.#interim.text) return;
    this.#interim = { text, words: this.#timed(settled) };
    this.tellProgress();
  }

  #end(): Hypothesis {
    this.#inUtterance = false;
    this.#interim = NO_WORDS;
    return this.#decoder.finish();
  }

  /** Words are told; what was only noise to this grammar isn't, since nobody asked. */
  #endUnasked(): void {
    const hypothesis = this.#end();
    const told = hypothesis.garbageSamples === 0 && hypothesis.words.length > 0 && !isDoubtful(hypothesis.words);
    if (told) this.#final(hypothesis, false);
    this.#timeline.clear();
  }

  #final(hypothesis: Hypothesis, answersFinalize: boolean): void {
    const { words, garbageSamples } = hypothesis;
    const doubtful = isDoubtful(words);
    const rejected = msOf(garbageSamples) >= SHORTEST_REJECTED_MS || doubtful;
    const understood = garbageSamples === 0 && !doubtful ? hypothesis : NOTHING;
    this.#emit({
      type: 'final',
      text: textOf(understood),
      words: this.#timed(understood),
      endTimestamp: this.#coveredTimestamp,
      rejected,
      answersFinalize,
    });
  }

  #timed({ words }: Hypothesis): { text: string; startTimestamp: number; endTimestamp: number }[] {
    return words.map(({ text, startSample, endSample }) => ({
      text,
      startTimestamp: this.#timeline.startOf(startSample),
      endTimestamp: this.#timeline.endOf(endSample),
    }));
  }
}

/** A last word of a few frames is a guess at what begins, and is wrong more often than not. */
function withoutFreshWord({ words, garbageSamples }: Hypothesis): Hypothesis {
  const last = words.at(-1);
  const fresh = last !== undefined && msOf(last.endSample - last.startSample) < FRESH_WORD_MS;
  return { words: fresh ? words.slice(0, -1) : words, garbageSamples };
}

function textOf({ words }: Hypothesis): string {
  return words.map(({ text }) => text).join(' ');
}
