// What preparing replies ahead was worth in a turn, and what it cost. Pure.

/** One reply that was prepared before its turn was decided. */
export interface DraftRecord {
  /** `draft`: on words that had been spoken. `anticipated`: on words that were only expected. */
  readonly kind: 'draft' | 'anticipated';
  readonly outcome: 'committed' | 'discarded';
  /** As the model counted them; undefined where it didn't say. Those of the prompt cost also when the request was aborted. */
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
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
  /** Of the discarded ones; undefined where the model did not count one of them. */
  readonly wastedTokens: number | undefined;
  readonly wastedCharacters: number;
}

export function draftAccount(drafts: readonly DraftRecord[], savedMs: number): DraftAccount {
  const discarded = drafts.filter(({ outcome }) => outcome === 'discarded');
  const hit = discarded.length < drafts.length;
  return {
    outcome: hit ? 'hit' : drafts.length > 0 ? 'miss' : 'none',
    prepared: drafts.length,
    savedMs: hit ? savedMs : 0,
    wastedTokens: discarded.reduce<number | undefined>(
      (sum, { promptTokens, completionTokens }) =>
        sum === undefined || promptTokens === undefined || completionTokens === undefined
          ? undefined
          : sum + promptTokens + completionTokens,
      0,
    ),
    wastedCharacters: discarded.reduce((sum, { spokenCharacters }) => sum + spokenCharacters, 0),
  };
}
