// Tells which of some sentences was spoken, or none of them: a grammar of the sentences beside a loop of single phones
// (the garbage), which takes all other speech. Independent of the agent's own recogniser.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import createSoundSwallower, { type Decoder, type DictEntry } from 'soundswallower';

import type { Pcm } from './pcm.ts';
import { resample } from './resample.ts';

/** The phones of the model's dictionary, without its noises. */
const PHONES =
  'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH'.split(' ');
/** Each phone of garbage costs this much: other speech still prefers it, the sentences don't (measured on both). */
const GARBAGE_WEIGHT = '1e-20';
const garbageWord = (phone: string): string => `garbage-${phone.toLowerCase()}`;
const GARBAGE: readonly DictEntry[] = PHONES.map((phone) => [garbageWord(phone), phone]);

const RATE_HZ = 16_000;
/** Wider than the defaults, which give up sentences in voices that the model knows badly. */
const BEAMS = { beam: 1e-80, wbeam: 1e-60, pbeam: 1e-80 };

let decoder: Promise<Decoder> | undefined;

/**
 * Returns the sentence that was spoken, as it was given, or `undefined` where it was none of them.
 * Numbers must be spelt out. Throws on words that the dictionary doesn't have.
 */
export async function transcribe(audio: Pcm, sentences: readonly string[]): Promise<string | undefined> {
  decoder ??= loadDecoder();
  const recogniser = await decoder;
  const byWords = new Map(sentences.map((sentence) => [wordsOf(sentence).join(' '), sentence]));
  const unknown = [...byWords.keys()]
    .flatMap((words) => words.split(' '))
    .filter((word) => !recogniser.lookup_word(word));
  if (unknown.length > 0)
    throw new Error(`the recogniser has no pronunciation for: ${[...new Set(unknown)].join(', ')}`);
  recogniser.set_grammar(grammarOf([...byWords.keys()]));
  recogniser.start();
  recogniser.process_audio(floatsOf(resample(audio, RATE_HZ).samples), false, true);
  recogniser.stop();
  return byWords.get(recogniser.get_text());
}

async function loadDecoder(): Promise<Decoder> {
  const swallower = await createSoundSwallower();
  const model = join(dirname(createRequire(import.meta.url).resolve('soundswallower')), 'model', 'en-us');
  const created = new swallower.Decoder({ hmm: model, samprate: RATE_HZ, loglevel: 'FATAL', ...BEAMS });
  await created.initialize();
  created.add_words(...GARBAGE);
  return created;
}

function grammarOf(sentences: readonly string[]): string {
  const garbage = GARBAGE.map(([word]) => `/${GARBAGE_WEIGHT}/ ${word}`).join(' | ');
  return [
    '#JSGF V1.0;',
    'grammar heard;',
    `public <heard> = ${sentences.join(' | ')} | <garbage>+;`,
    `<garbage> = ${garbage};`,
  ].join('\n');
}

function wordsOf(sentence: string): readonly string[] {
  return sentence
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[^a-z']+/u)
    .filter((word) => word !== '');
}

function floatsOf(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32_768);
}
