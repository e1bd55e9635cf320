// A run of text on its way to the voice, and the source it stands for.

/**
 * A run of text to speak, and the characters of the original it stands for: [sourceStart, sourceEnd), in UTF-16 code
 * units. Text that was left as it is has as many characters as its source and counts character by character, and so does
 * the rare replacement of the same length ('1, ' for '1. '). What was left out has the text ''.
 */
export interface SpokenText {
  readonly text: string;
  readonly sourceStart: number;
  readonly sourceEnd: number;
}

/** Whether the text is the source itself, character by character. */
export function isUntouched({ text, sourceStart, sourceEnd }: SpokenText): boolean {
  return text.length === sourceEnd - sourceStart;
}
