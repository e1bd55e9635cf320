// Web addresses, e-mail addresses and file names, as one says them on the telephone. Queries and fragments are left out, a
// path after its third part.

import type { Language } from './language.ts';
import { rule, type Rule } from './rule.ts';

/** Endings that make a bare name an address or a file; any two letters count where a scheme or 'www.' tells. */
const ENDINGS = [
  'com|org|net|info|biz|edu|gov|app|dev|io|ai|co|me|tv|eu|uk|us|ca|de|at|ch|fr|es|it|nl|be|pl|se|dk|jp',
  'au|in|br|shop|online|pdf|doc|docx|xls|xlsx|csv|txt|md|html|css|js|ts|tsx|jsx|json|xml|yaml|yml|py|rb',
  'go|rs|java|sh|zip|png|jpg|jpeg|gif|svg|mp3|mp4|wav|exe',
].join('|');
/** Said as words; other endings of up to three letters are spelled. */
const SAID_ENDINGS = new Set([
  'com',
  'org',
  'net',
  'info',
  'biz',
  'gov',
  'app',
  'dev',
  'co',
  'zip',
  'doc',
  'java',
  'go',
]);
const MAX_PATH_PARTS = 3;

const URL =
  /(?:https?:\/\/(?:www\.)?|www\.)([\p{L}\p{N}.-]*[\p{L}\p{N}])(?::\d+)?((?:\/[^\s<>"?#]*)?)(?:[?#][^\s<>"]*)?/iuy;
const NAMED = new RegExp(
  String.raw`(?<![\p{L}\p{N}@.])((?:[\p{L}\p{N}_-]+\.)+(?:${ENDINGS}))(?![\p{L}\p{N}_@-])((?:\/[^\s<>"?#]*)?)(?:[?#](?=\S*\w)[^\s<>"]*)?`,
  'uy',
);
const EMAIL = /(?:mailto:)?([\p{L}\p{N}._%+-]+)@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/uy;
/** Ends the sentence rather than the address. */
const TRAILING = /[.,;:!?)\]'”*_]+$/u;

/** Without data only what nobody could listen to is left out: the scheme, the query. */
export function webRules(language: Language | undefined): Rule[] {
  const words = language?.words;
  const address = (host: string, path: string): string =>
    words === undefined ? `${host}${path}` : [named(host, words), ...pathParts(path, words)].join(' ');
  const trimmed = (match: RegExpExecArray): string => {
    const tail = TRAILING.exec(match[0])?.[0] ?? '';
    const path = (match[2] ?? '').replace(TRAILING, '');
    return `${address(match[1] ?? '', path)}${tail}`;
  };
  const email = rule(EMAIL, ([, user = '', domain = '']) =>
    words === undefined ? undefined : `${parts(user, words).join(' ')} ${words.at} ${named(domain, words)}`,
  );
  return [rule(URL, trimmed), email, ...(words === undefined ? [] : [rule(NAMED, trimmed)])];
}

/** A host or a file: the ending is said as one says it. */
function named(name: string, words: Language['words']): string {
  const said = parts(name, words);
  const last = said.length > 1 ? said.pop() : undefined;
  return [...said, ...(last === undefined ? [] : [ending(last)])].join(' ');
}

/** The parts of a name with what joins them. */
function parts(name: string, words: Language['words']): string[] {
  const joints = new Map([
    ['.', words.dot],
    ['-', words.dash],
    ['_', words.underscore],
    ['+', words.plus],
    ['%', words.percent],
  ]);
  return (name.match(/[._%+-]|[^._%+-]+/gu) ?? []).map((part) => joints.get(part) ?? part);
}

function ending(part: string): string {
  return part.length > 3 || SAID_ENDINGS.has(part) ? part : part.toUpperCase();
}

function pathParts(path: string, words: Language['words']): string[] {
  const names = path.split('/').filter((part) => part !== '');
  return names
    .slice(0, MAX_PATH_PARTS)
    .flatMap((part) => [words.slash, ...(part.includes('.') ? [named(part, words)] : parts(part, words))]);
}
