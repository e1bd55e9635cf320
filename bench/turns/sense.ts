// Whether two short answers mean the same to whoever asked, as the benchmark sees it: yes is yes and no is no, however
// politely; beyond that, words that carry the answer have to be the same ones. It knows nothing of how the agent compares.

const YES = ['yes', 'yeah', 'yep', 'sure', 'yeah sure', 'yes sure', 'of course', 'right', 'correct'];
const NO = [
  'no',
  'nope',
  'no that is all',
  'that is all',
  'no that is it',
  'that is it',
  'nothing else',
  'no nothing else',
];
/** Say nothing by themselves. "one", "two" and the like are no such words, nor is "not". */
const EMPTY = new Set(
  'please thanks thank you um uh oh well the a an in on at by for just my name is it seat'.split(' '),
);
const COURTESY = new Set('please thanks thank you um uh oh well'.split(' '));

export function isSameSense(one: string, other: string): boolean {
  return senseOf(one) === senseOf(other);
}

function senseOf(text: string): string {
  const words = text
    .toLowerCase()
    .replaceAll(/['’]s\b/gu, ' is')
    .replaceAll(/[^\p{L}\p{N} ]/gu, '')
    .split(/\s+/u)
    .filter((word) => word !== '');
  const polite = words.filter((word) => !COURTESY.has(word)).join(' ');
  if (YES.includes(polite)) return 'yes';
  if (NO.includes(polite)) return 'no';
  return words.filter((word) => !EMPTY.has(word)).join(' ');
}
