// Which characters of a chunk its audio speaks, for voices that give no word times: characters take equally long. Until
// the end of the audio is known, its length is guessed from how fast the voice has spoken so far. Pure.

/** 15 characters a second, an easy pace of English. */
const PRESUMED_CHARACTER_MS = 65;
/** How many characters the presumption counts as. */
const PRESUMED_CHARACTERS = 40;

/** How fast a voice speaks, learnt from the chunks it has spoken. */
export class SpeakingPace {
  #samples: number;
  #characters = PRESUMED_CHARACTERS;

  constructor(sampleRateHz: number, speed: number) {
    this.#samples = (PRESUMED_CHARACTERS * PRESUMED_CHARACTER_MS * sampleRateHz) / 1000 / speed;
  }

  get samplesPerCharacter(): number {
    return this.#samples / this.#characters;
  }

  learn(sampleCount: number, characterCount: number): void {
    this.#samples += sampleCount;
    this.#characters += characterCount;
  }
}

export interface ChunkCharactersOptions {
  /** Position of the chunk's first character in the whole text. */
  readonly start: number;
  /** Its characters. */
  readonly count: number;
  readonly pace: SpeakingPace;
}

/** The characters of one chunk, from first to last exactly once. */
export class ChunkCharacters {
  readonly #start: number;
  readonly #count: number;
  readonly #pace: SpeakingPace;
  #cameSamples = 0;
  #isEnded = false;
  /** Handed out. */
  #samples = 0;
  #characters = 0;

  constructor({ start, count, pace }: ChunkCharactersOptions) {
    this.#start = start;
    this.#count = count;
    this.#pace = pace;
  }

  /** Samples came from the voice; they may be handed out later. */
  came(sampleCount: number): void {
    this.#cameSamples += sampleCount;
  }

  /** No more will come. */
  end(): void {
    this.#isEnded = true;
    if (this.#cameSamples > 0) this.#pace.learn(this.#cameSamples, this.#count);
  }

  /** The characters of the next `sampleCount` samples. The last ones end the chunk, provided that `end` was called. */
  advance(sampleCount: number): { readonly characterStart: number; readonly characterEnd: number } {
    const before = this.#characters;
    this.#characters = this.#charactersAfter(sampleCount);
    this.#samples += sampleCount;
    return { characterStart: this.#start + before, characterEnd: this.#start + this.#characters };
  }

  #charactersAfter(sampleCount: number): number {
    const left = this.#count - this.#characters;
    if (this.#isEnded) {
      const samplesLeft = Math.max(sampleCount, this.#cameSamples - this.#samples);
      return this.#characters + Math.floor((left * sampleCount) / samplesLeft);
    }
    const guessed = Math.floor((this.#samples + sampleCount) / this.#pace.samplesPerCharacter);
    // The last character is said by the last samples, which these aren't.
    return Math.max(this.#characters, Math.min(this.#count - 1, guessed));
  }
}
