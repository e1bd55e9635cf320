// What of a caller's words and numbers leaves the process. Nothing, unless the settings say so.

export interface DisclosureOptions {
  /** Whether words, numbers and names of callers may be told at all. */
  readonly content: boolean;
  /** What becomes of each text before it is told; undefined: it isn't told. */
  readonly redact?: ((text: string) => string | undefined) | undefined;
}

export class Disclosure {
  readonly #options: DisclosureOptions;

  constructor(options: DisclosureOptions) {
    this.#options = options;
  }

  /** The text as it may be told. A hook that throws has its text kept back: a fault of it must not give anybody away. */
  shown(text: string | undefined): string | undefined {
    const { content, redact } = this.#options;
    if (!content || text === undefined) return undefined;
    try {
      return redact === undefined ? text : redact(text);
    } catch {
      return undefined;
    }
  }
}
