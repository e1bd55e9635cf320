// What preparing replies ahead was worth in a turn, and what it cost. Pure.

/** One reply that was prepared before its turn was decided. */
export interface DraftRecord {
  /** `draft`: on words that had been spoken. `anticipated`: on words that were only expected. */
  readonly kind: 'draft' | 'anticipated';
  readonly outcome: 'committed' | 'discarded';
  /** Of prompt and completion; those of the prompt cost also when the request was aborted. */
  readonly tokens: number;
  /** Whether the model counted all of them, or some are reckoned from the length of texts. */
  readonly tokenBasis: 'counted' | 'estimated';
  /** Characters handed to the voice. */
  readonly spokenCharacters: number;
}

export interface DraftAccount {
  /** `hit`: the answer had been prepared. `miss`: something had been, in vain. `none`: nothing was. */
  readonly outcome: 'hit' | 'miss' | 'none';
  /** How many were prepared, the one that was used included. */
  readonly prepared: number;
  /** Milliseconds by which the answer came sooner: `TurnAccount.savedMs`. */
  readonly savedMs: number;
  /** Of the discarded ones. */
  readonly wastedTokens: number;
  readonly wastedTokenBasis: DraftRecord['tokenBasis'];
  readonly wastedCharacters: number;
}

export function draftAccount(drafts: readonly DraftRecord[], savedMs: number): DraftAccount {
  const discarded = drafts.filter(({ outcome }) => outcome === 'discarded');
  const hit = discarded.length < drafts.length;
  return {
    outcome: hit ? 'hit' : drafts.length > 0 ? 'miss' : 'none',
    prepared: drafts.length,
    savedMs: hit ? savedMs : 0,
    wastedTokens: discarded.reduce((sum, { tokens }) => sum + tokens, 0),
    wastedTokenBasis: discarded.every(({ tokenBasis }) => tokenBasis === 'counted') ? 'counted' : 'estimated',
    wastedCharacters: discarded.reduce((sum, { spokenCharacters }) => sum + spokenCharacters, 0),
  };
}
