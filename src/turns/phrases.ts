// What the agent says of its own accord, where nothing else is set: data per language.

export interface Phrases {
  /** A reply failed, or nothing can be recognised. */
  readonly apology: string;
  /** The agent is about to end the call. */
  readonly goodbye: string;
  /** The caller says nothing. */
  readonly reprompt: string;
}

const ENGLISH: Phrases = {
  apology: 'Sorry, something went wrong here. Could you say that again?',
  goodbye: 'I have to end our call now. Goodbye!',
  reprompt: 'Are you still there?',
};

const GERMAN: Phrases = {
  apology: 'Entschuldigung, da ist etwas schiefgegangen. Könnten Sie das bitte wiederholen?',
  goodbye: 'Ich muss unser Gespräch jetzt beenden. Auf Wiederhören!',
  reprompt: 'Sind Sie noch da?',
};

const BY_LANGUAGE: Readonly<Record<string, Phrases>> = { en: ENGLISH, de: GERMAN };

/** In the language of a tag (BCP 47); `isKnown` is false where they are English because there are none in that language. */
export function phrasesFor(languageTag: string): { readonly phrases: Phrases; readonly isKnown: boolean } {
  const phrases = BY_LANGUAGE[languageTag.toLowerCase().split('-')[0] ?? ''];
  return { phrases: phrases ?? ENGLISH, isKnown: phrases !== undefined };
}

/** For the description of a setting: the phrase in each language. */
export function defaultsOf(name: keyof Phrases): string {
  return `"${ENGLISH[name]}"; in German "${GERMAN[name]}". In any other language it has to be set.`;
}
