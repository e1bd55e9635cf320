// Typed text, or another recogniser's words, brought to the words of the front desk's phrases:
// lower case, no punctuation, numbers and times of day in words, contractions written out.

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** "seven am"; elsewhere `am` is the verb. */
const SPELT_MORNING = new RegExp(`\\b(${SMALL.slice(1, 13).join('|')}|fifteen|thirty) am\\b`, 'g');

/** Irregular ones first; what is left ends in a suffix. `'s` counts as `is` after these words only: `John's` stays. */
const CONTRACTIONS: Readonly<Record<string, readonly string[]>> = {
  "can't": ['can', 'not'],
  "won't": ['will', 'not'],
  "let's": ['let', 'us'],
  cannot: ['can', 'not'],
  takeaway: ['take', 'away'],
  ok: ['okay'],
  hi: ['hello'],
  hey: ['hello'],
  yeah: ['yes'],
  yep: ['yes'],
  nope: ['no'],
  bye: ['goodbye'],
  thanks: ['thank', 'you'],
};
const SUFFIXES: Readonly<Record<string, string>> = {
  "'d": 'would',
  "'ll": 'will',
  "'re": 'are',
  "'ve": 'have',
  "'m": 'am',
};
const BEFORE_IS = new Set([
  'what',
  'where',
  'when',
  'who',
  'how',
  'it',
  'that',
  'there',
  'here',
  'he',
  'she',
  'everything',
]);

/** The words of `text` in canonical form. */
export function normalise(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/\b([ap])\.\s?m\b\.?/g, '$1m')
    .replaceAll(/\b(\d{1,2})[:.h](\d{2})\b(?:\s*([ap])m\b)?/g, (_, hour: string, minute: string, half?: string) =>
      timeInWords(Number(hour), Number(minute), half),
    )
    .replaceAll(/\b(\d{1,2})\s*([ap])m\b/g, (_, hour: string, half: string) => timeInWords(Number(hour), 0, half))
    .replaceAll(/\bpm\b/g, 'p m')
    .replaceAll(SPELT_MORNING, '$1 a m')
    .replaceAll(/\d+/g, (digits) => ` ${digitsInWords(digits)} `)
    .replaceAll(/\bwi-fi\b/g, 'wifi')
    .replaceAll(/[^a-z' ]+/g, ' ');
  const words = plain.split(' ').map((word) => word.replaceAll(/^'+|'+$/g, ''));
  return expandContractions(words.filter((word) => word !== ''));
}

/** `["i'd"]` becomes `["i", "would"]`; common variants become one word, so that a phrase needn't list them. */
export function expandContractions(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const irregular = CONTRACTIONS[word];
    if (irregular !== undefined) return irregular;
    const apostrophe = word.lastIndexOf("'");
    if (apostrophe <= 0) return [word];
    const stem = word.slice(0, apostrophe);
    if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
    const suffix = SUFFIXES[word.slice(apostrophe)];
    if (suffix !== undefined) return [stem, suffix];
    return word.endsWith("'s") && BEFORE_IS.has(stem) ? [stem, 'is'] : [word];
  });
}

/** 0 to 99 in words. */
export function numberInWords(value: number): string {
  const small = SMALL[value];
  if (small !== undefined) return small;
  const tens = TENS[Math.floor(value / 10)] ?? '';
  return value % 10 === 0 ? tens : `${tens} ${SMALL[value % 10] ?? ''}`;
}

/** Up to two digits are a number; more are read out one by one, as in a telephone number. */
function digitsInWords(digits: string): string {
  if (digits.length <= 2) return numberInWords(Number(digits));
  return Array.from(digits, (digit) => numberInWords(Number(digit))).join(' ');
}

function timeInWords(hour: number, minute: number, half: string | undefined): string {
  const clockHour = hour % 12 === 0 ? 12 : hour % 12;
  const marked = half ?? (hour > 12 ? 'p' : undefined);
  const minutes = minute === 0 ? '' : ` ${minute < 10 ? 'oh ' : ''}${numberInWords(minute)}`;
  return ` ${numberInWords(clockHour)}${minutes}${marked === undefined ? '' : ` ${marked} m`} `;
}
