// What a caller will probably say to what the agent has just said: yes or no, one of two things, or that there is nothing
// else. Nothing where any answer is possible. Data per language; questions are told by the rules of endpointing.

import { questionOf } from './endpointing/question.ts';
import { rulesFor } from './endpointing/rules.ts';
import { alternatives } from './endpointing/words.ts';

interface Expectations {
  readonly yes: string;
  readonly no: string;
  /** The same to an offer. */
  readonly yesPlease: string;
  readonly noThanks: string;
  /** Words that ask whether there is anything else, and what is said to it. */
  readonly elseCues: readonly string[];
  readonly elseAnswers: readonly string[];
  /** First words of an offer. */
  readonly offers: readonly string[];
  readonly or: string;
  /** Words behind "or" that name no alternative: "or not". */
  readonly noAlternative: ReadonlySet<string>;
  /** Words before which an alternative begins: articles, prepositions, verbs. */
  readonly boundaries: ReadonlySet<string>;
}

const BY_LANGUAGE: Readonly<Record<string, Expectations>> = {
  en: {
    yes: 'Yes.',
    no: 'No.',
    yesPlease: 'Yes, please.',
    noThanks: 'No, thank you.',
    elseCues: [
      '(anything|something) (more|else|further)',
      'any (other|more|further) (question|questions|thing|things)',
    ],
    elseAnswers: ['No, thank you.', "No, that's all."],
    offers: [
      "(|so|and|okay|then|alright|great) (would|do|don't) you (like|want|need|prefer)",
      '(|so|and|okay|then|alright|great) (shall|should|may|can|could) (i|we)',
    ],
    or: 'or',
    noAlternative: new Set(['not', 'no', 'something', 'anything', 'so', 'else', 'later', 'what', 'more', 'less']),
    boundaries: new Set(
      (
        'a an the my your our this that for in on at by with to from of like prefer want need is be do does ' +
        'it you i we they pay take have get or and as'
      ).split(' '),
    ),
  },
  de: {
    yes: 'Ja.',
    no: 'Nein.',
    yesPlease: 'Ja, bitte.',
    noThanks: 'Nein, danke.',
    elseCues: ['(sonst noch|noch) (etwas|was)', '(noch|sonst|weitere) (fragen|wünsche)'],
    elseAnswers: ['Nein, danke.', 'Nein, das war alles.'],
    offers: [
      '(|also|und|okay|gut|dann) (möchten|wollen|brauchen|hätten) sie',
      '(|also|und|okay|gut|dann) (soll|sollen|darf|dürfen|kann|können) (ich|wir)',
    ],
    or: 'oder',
    noAlternative: new Set(['nicht', 'nein', 'so', 'etwas', 'was', 'sonst', 'später', 'mehr', 'weniger', 'lieber']),
    boundaries: new Set(
      (
        'der die das den dem ein eine einen einem einer für in im am an auf mit nach von zu zum zur per bei um ' +
        'lieber eher gern gerne sie ich wir es ist und oder möchten wollen als'
      ).split(' '),
    ),
  },
};

/** Two words name a thing: "red wine"; more are a clause. */
const LONGEST_ALTERNATIVE_WORDS = 2;

/** The most probable first; nothing where the agent asked nothing, or nothing that can be foreseen. `languageTag`: BCP 47. */
export function expectedAnswers(said: string, languageTag: string): readonly string[] {
  const rules = rulesFor(languageTag);
  const data = BY_LANGUAGE[languageTag.toLowerCase().split('-')[0] ?? ''];
  const question = rules && questionOf(said, rules);
  const asksNothing = question === undefined || data === undefined || question.asks.size > 0 || !/\?\s*$/u.test(said);
  if (asksNothing) return [];
  const { words, isYesNo } = question;
  if (has(words, data.elseCues)) return data.elseAnswers;
  const either = eitherOr(words, data);
  if (either !== undefined) return either;
  if (!isYesNo) return [];
  const isOffer = data.offers.flatMap(alternatives).some((offer) => words.join(' ').startsWith(`${offer} `));
  return isOffer ? [data.yesPlease, data.noThanks] : [data.yes, data.no];
}

/** "Would you like a window or an aisle seat?": window, aisle; none where they are long; undefined where there are none. */
function eitherOr(
  words: readonly string[],
  { or, noAlternative, boundaries }: Expectations,
): readonly string[] | undefined {
  const at = words.lastIndexOf(or);
  const behind = words.slice(at + 1);
  if (at < 1 || behind.length === 0 || noAlternative.has(behind[0] ?? '')) return undefined;
  const second = behind.filter((word) => !boundaries.has(word));
  const start = words.slice(0, at).findLastIndex((word) => boundaries.has(word)) + 1;
  const first = words.slice(start, at);
  if (first.length === 0 || first.length > LONGEST_ALTERNATIVE_WORDS) return [];
  if (second.length === 0 || second.length > LONGEST_ALTERNATIVE_WORDS) return [];
  // What both are stands behind the second: "a window or an aisle seat".
  const bare = second.length > first.length ? second.slice(0, first.length) : second;
  return [first.join(' '), bare.join(' ')];
}

/** Whether one of the phrases is in the words. */
function has(words: readonly string[], phrases: readonly string[]): boolean {
  const text = ` ${words.join(' ')} `;
  return phrases.flatMap(alternatives).some((phrase) => text.includes(` ${phrase} `));
}
