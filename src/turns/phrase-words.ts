// Words by which phrases are told apart without a grammar: a phrase begins with its function words and ends with words of
// content (Liberman and Church 1992, "Text analysis and word pronunciation in text-to-speech synthesis"). Data per language.
// Leaves out pronouns and articles among the beginnings: they may be objects ("I can see | it") and parts of a list.

export interface PhraseWords {
  /** Prepositions and conjunctions: a voice may breathe before them, where a word of content precedes. */
  readonly begins: ReadonlySet<string>;
  /** No phrase ends here: the voice would fall in mid-phrase. */
  readonly leansOnNext: ReadonlySet<string>;
}

function phraseWords(begins: readonly string[], leans: readonly string[]): PhraseWords {
  const beginning = new Set(begins.flatMap((list) => list.split(' ')));
  // What begins a phrase does not end one either.
  return { begins: beginning, leansOnNext: new Set([...beginning, ...leans.flatMap((list) => list.split(' '))]) };
}

const english = phraseWords(
  [
    'at in on for from with by about into onto over under above below between among during before after until till since',
    'through without within across near around behind beside towards against except per via',
    'and or but because so if unless when while where which who whether although though than as',
  ],
  [
    'a an the this these those my your our his her its their some any no every each another both all such',
    'i we you he she it they there who what which how',
    'is are was were be been am has have had do does did can could will would shall should may might must',
    "i'm i've i'll i'd you're you've you'll you'd we're we've we'll we'd they're they've they'll they'd he's she's",
    "it's it'll that's there's here's what's let's isn't aren't wasn't weren't don't doesn't didn't can't won't",
    'of to not very too also just only about quite really more most less least mister mr mrs ms doctor dr saint',
    'number room page floor gate platform line flat box',
  ],
);

const german = phraseWords(
  [
    'an auf aus bei bis durch für gegen hinter in mit nach neben ohne seit über um unter von vor während wegen zwischen',
    'am im ins ans beim vom zum zur',
    'und oder aber denn sondern weil dass wenn falls ob als obwohl damit bevor nachdem sobald solange',
  ],
  [
    'der die das den dem des ein eine einen einem einer eines kein keine keinen keinem mein meine meinen meinem ihr ihre',
    'ihren ihrem ihrer sein seine seinen unser unsere unseren dieser diese dieses diesen diesem jeder jede jedes jeden alle',
    'ich wir sie er es du man da hier was wie wer wo wann',
    'ist sind war waren bin hat haben habe hatte hatten kann können könnte könnten wird werden wurde würde würden möchte',
    'muss müssen soll sollen sollte darf dürfen will wollen',
    'zu nicht sehr auch nur noch schon ganz etwa rund so herr frau doktor dr',
    'nummer zimmer seite gleis etage haus',
  ],
);

const BY_LANGUAGE: Readonly<Record<string, PhraseWords>> = { en: english, de: german };
const NONE = phraseWords([], []);

/** For a language (BCP 47); of one without data nothing is known. */
export function phraseWordsOf(languageTag: string): PhraseWords {
  const language = languageTag.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(BY_LANGUAGE, language) ? (BY_LANGUAGE[language] ?? NONE) : NONE;
}
