// What one entry of the front desk's table looks like.

import type { Conversation } from './conversation.ts';
import type { Slot } from './phrases.ts';

/** Something a caller may want, the ways to say it, and what the desk answers. */
export interface Intent {
  readonly name: string;
  /** Heading under which the page lists it. */
  readonly group: string;
  /** The ways to say it, in the notation of `phrases.ts`. */
  readonly says: string;
  /** Sentences shown to people; each of them is covered by `says`. */
  readonly examples: readonly string[];
  /** Words that hint at it in free text, beside those of `says`. */
  readonly hints?: string;
  /** Answers taken in turn, or a function where the answer depends on what was said. */
  readonly answer: readonly string[] | ((conversation: Conversation, slots: readonly Slot[]) => string);
}
