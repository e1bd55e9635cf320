// soundswallower (PocketSphinx in WebAssembly) behind a few calls: utterances of 16 kHz audio against one grammar.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import createModule from 'soundswallower';
import { LISTENING_RATE_HZ } from '../../audio/frame.ts';
import { pronunciationsOf } from './dictionary.ts';
import { type GarbageWeights, garbageWords, isGarbage, jsgfOf, type SpeechGrammar } from './grammar.ts';

/** A word with its place in the utterance, in samples. */
export interface HeardWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
  /** How well the sound fits the word, 0 to 1; a word that was said has about 0.9. */
  readonly fit: number;
}

export interface Hypothesis {
  /** Empty while nothing, or only speech outside the grammar, was heard. */
  readonly words: readonly HeardWord[];
  /** How much of it is speech outside the grammar. */
  readonly garbageSamples: number;
}

/** The part of soundswallower's interface that is used; its own declarations need Emscripten's. */
interface Engine {
  initialize(): Promise<unknown>;
  reinitialize_audio(): Promise<void>;
  add_words(...entries: readonly (readonly [string, string])[]): void;
  set_grammar(jsgf: string): void;
  start(): void;
  stop(): void;
  process_audio(samples: Float32Array): number;
  get_text(): string;
  get_alignment(): {
    readonly w?: readonly { readonly t: string; readonly b: number; readonly d: number; readonly p: number }[];
  };
  delete(): void;
}
interface EngineModule {
  readonly Decoder: new (config: Readonly<Record<string, string | number>>) => Engine;
}

/**
 * `samprate`: the default gives garbage without a word. The beams are wider than the default, or the garbage loop is
 * pruned before it can win: the default accepts two thirds of the speech outside the grammar. Wider ones only cost time.
 * `wip`: the default penalty of each word counts every phone of the loop, too, and so favours sentences.
 * `dict`: no file, the words are added one by one; the whole dictionary costs 13 MB and 100 ms for each decoder.
 */
const SETTINGS = {
  samprate: LISTENING_RATE_HZ,
  beam: 1e-60,
  wbeam: 1e-50,
  pbeam: 1e-60,
  wip: 1,
  dict: '(none)',
  loglevel: 'FATAL',
};

/** Makes decoders that share one WebAssembly module and one grammar. */
export class DecoderFactory {
  readonly #module: EngineModule;
  readonly #entries: readonly (readonly [string, string])[];
  readonly #jsgf: string;

  private constructor(module: EngineModule, entries: readonly (readonly [string, string])[], jsgf: string) {
    this.#module = module;
    this.#entries = entries;
    this.#jsgf = jsgf;
  }

  /** Loads the model. Throws where the grammar uses a word that nobody knows how to say. */
  static async load(grammar: SpeechGrammar, weights?: GarbageWeights): Promise<DecoderFactory> {
    const models = join(dirname(createRequire(import.meta.url).resolve('soundswallower')), 'model');
    const [module, entries] = await Promise.all([
      loadEngine(`${models}/`),
      readFile(join(models, 'en-us', 'dict.txt'), 'latin1').then((dictionary) => pronunciationsOf(grammar, dictionary)),
    ]);
    return new DecoderFactory(module, [...entries, ...garbageWords], jsgfOf(grammar, weights));
  }

  async create(): Promise<UtteranceDecoder> {
    const engine = new this.#module.Decoder(SETTINGS);
    await engine.initialize();
    engine.add_words(...this.#entries);
    engine.set_grammar(this.#jsgf);
    return new UtteranceDecoder(engine);
  }
}

async function loadEngine(modelBase: string): Promise<EngineModule> {
  // Its declarations need Emscripten's, which nobody has, and lack this setting.
  const settings: object = { modelBase };
  return createModule(settings);
}

/** Recognises one utterance after another. The channel's mean (CMN) carries over from one to the next. */
export class UtteranceDecoder {
  readonly #engine: Engine;
  #text = '';

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  start(): void {
    this.#text = '';
    this.#engine.start();
  }

  /** Takes audio; returns the hypothesis when it has changed. About 1 ms for 20 ms. */
  process(samples: Int16Array): Hypothesis | undefined {
    this.#engine.process_audio(Float32Array.from(samples, (sample) => sample / 32_768));
    const text = this.#engine.get_text();
    if (text === this.#text) return undefined;
    this.#text = text;
    return this.#hypothesis();
  }

  /** Ends the utterance. */
  finish(): Hypothesis {
    this.#engine.stop();
    return this.#hypothesis();
  }

  /** Forgets the caller: the next utterance is somebody else's. */
  async reset(): Promise<void> {
    await this.#engine.reinitialize_audio();
  }

  /** Frees its memory. */
  close(): void {
    this.#engine.delete();
  }

  #hypothesis(): Hypothesis {
    const words: HeardWord[] = [];
    let garbageSamples = 0;
    for (const { t: label, b: start, d: duration, p: fit } of this.#engine.get_alignment().w ?? []) {
      const startSample = Math.round(start * LISTENING_RATE_HZ);
      const endSample = startSample + Math.round(duration * LISTENING_RATE_HZ);
      // Fillers and silence are in brackets of some kind; `for(2)` is another pronunciation of `for`.
      const text = label.replace(/\(\d+\)$/, '');
      if (isGarbage(text)) garbageSamples += endSample - startSample;
      else if (/^[a-z']/.test(text)) words.push({ text, startSample, endSample, fit });
    }
    return { words, garbageSamples };
  }
}
