// Markup inside a line: emphasis, links, images, code, cells, tags, entities, escapes, footnotes, pictographs.

import type { Step } from './markup.ts';

export interface InlineContext {
  /** The source character before the window; '' at the beginning of a line. */
  readonly previous: string;
  /** Between backticks, where only backticks and pictographs mean something. */
  readonly isCode: boolean;
  /** In a row of a table. */
  readonly isRow: boolean;
  readonly afterPictograph: boolean;
  /** What was said last on this line is followed by a pause anyway. */
  readonly afterPause: boolean;
}

export interface InlineStep extends Step {
  readonly isPictograph?: boolean;
  readonly togglesCode?: boolean;
}

type InlineRule = (window: string, isWhole: boolean, context: InlineContext) => InlineStep | undefined;

const AS_IT_IS: InlineStep = { length: 1 };

/** UTS 51: pictographs, what modifies them, and the marks that make one of a sign. ©, ® and ™ go with the rest. */
const PICTURE = String.raw`\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\uFE0E\uFE0F\u20E3\u{E0020}-\u{E007F}`;
/** Digits, # and * only begin keycaps. */
const PICTOGRAPH = new RegExp(String.raw`^(?:[${PICTURE}]|[0-9#*]\uFE0F?\u20E3)`, 'u');
const KEYCAP_BEGINNING = /^[0-9#*]\uFE0F?$/u;
const HIGH_SURROGATE = /^[\uD800-\uDBFF]$/u;

/** Means nothing in particular, whatever follows; digits and # once it is known that no keycap follows. */
const MARKS = String.raw`\n\r \t\\\x60*_~[\]<!|&【0-9#\u200D\uD800-\uDFFF`;
const PLAIN = new RegExp(String.raw`^(?:[^${MARKS}${PICTURE}]|[0-9#](?=[^\uFE0F\u20E3]))+`, 'u');

const FOOTNOTE = /^\[\^[^\]\s]{1,30}\]:?/u;
const FOOTNOTE_BEGINNING = /^\[(?:\^[^\]\s]{0,30}\]?)?$/u;
/** [1] and [2, 3]: a source, not text. */
const CITATION = /^\[\d{1,3}(?:[,–-] ?\d{1,3})*\](?!\()/u;
const CITATION_BEGINNING = /^\[(?:[\d,– -]{0,40}\]?)?$/u;
const TARGET = /^\]\([^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?[ \t]*\)/u;
const TARGET_BEGINNING = /^\]\([^\n]*$/u;
const REFERENCE = /^\]\[[^\]\n]{0,60}\]/u;
const REFERENCE_BEGINNING = /^\]\[[^\]\n]{0,60}$/u;
const AUTOLINK = /^<((?:https?:\/\/|mailto:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>/iu;
const TAG = /^(?:<!--[^]*?-->|<\/?[a-z][^<>\n]*>)/iu;
const TAG_BEGINNING = /^<(?:[/a-z][^<>\n]*|!(?:-(?:-[^]*)?)?)?$/iu;
const LINE_TAG = /^<(?:br|hr|\/(?:p|li|tr|div|h[1-6]))\b/iu;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  euro: '€',
};

const RULES: Readonly<Record<string, InlineRule>> = {
  '\\': (window, isWhole) => {
    if (window.length === 1) return isWhole ? AS_IT_IS : undefined;
    if (window.startsWith('\n', 1)) return dropped(1);
    return /^\\[!-/:-@[-`{-~]/u.test(window) ? { length: 2, text: window.charAt(1) } : AS_IT_IS;
  },
  '*': emphasis,
  _: emphasis,
  '~': (window, isWhole) => {
    if (window.length === 1 && !isWhole) return undefined;
    return window.startsWith('~~') ? dropped(2) : AS_IT_IS;
  },
  '[': (window, isWhole, { previous }) => {
    if (!isWhole && FOOTNOTE_BEGINNING.test(window)) return undefined;
    const footnote = FOOTNOTE.exec(window);
    if (footnote !== null) return dropped(footnote[0].length);
    if (previous !== '') {
      if (!isWhole && CITATION_BEGINNING.test(window)) return undefined;
      const citation = CITATION.exec(window);
      if (citation !== null) return dropped(citation[0].length);
    }
    return dropped(1);
  },
  ']': (window, isWhole) => {
    const target = TARGET.exec(window) ?? REFERENCE.exec(window);
    if (target !== null) return dropped(target[0].length);
    const mayBe = window.length === 1 || TARGET_BEGINNING.test(window) || REFERENCE_BEGINNING.test(window);
    return mayBe && !isWhole ? undefined : dropped(1);
  },
  '!': (window, isWhole) => {
    if (window.length === 1 && !isWhole) return undefined;
    return window.startsWith('![') ? dropped(1) : AS_IT_IS;
  },
  '<': (window, isWhole) => {
    const link = AUTOLINK.exec(window);
    if (link?.[1] !== undefined) return { length: link[0].length, text: link[1].replace(/^mailto:/iu, '') };
    const tag = TAG.exec(window);
    if (tag !== null) return { length: tag[0].length, text: LINE_TAG.test(tag[0]) ? '\n' : '' };
    const mayBeLink = /^<[^\s<>]*$/u.test(window);
    return (mayBeLink || TAG_BEGINNING.test(window)) && !isWhole ? undefined : AS_IT_IS;
  },
  '&': (window, isWhole) => {
    const entity = /^&(#?[a-z\d]{2,8});/iu.exec(window);
    const text = entity?.[1] === undefined ? undefined : ENTITIES[entity[1].toLowerCase()];
    if (entity !== null && text !== undefined) return { length: entity[0].length, text };
    return /^&#?[a-z\d]{0,8}$/iu.test(window) && !isWhole ? undefined : AS_IT_IS;
  },
  '【': (window, isWhole) => {
    const source = /^【[^】\n]{0,60}】/u.exec(window);
    if (source !== null) return dropped(source[0].length);
    return /^【[^】\n]{0,60}$/u.test(window) && !isWhole ? undefined : AS_IT_IS;
  },
};

/** What becomes of the beginning of the window; `undefined`: the next characters tell. */
export function inlineStep(window: string, isWhole: boolean, context: InlineContext): InlineStep | undefined {
  const first = window.charAt(0);
  if (first === '`') return { ...dropped(1), togglesCode: true };
  const plain = PLAIN.exec(window);
  if (plain !== null) return { length: plain[0].length };
  if (window === '\r') return isWhole ? AS_IT_IS : undefined;
  if (window.startsWith('\r\n')) return dropped(1);
  if (context.isRow && /^[ \t|]/u.test(window)) return cellEdge(window, isWhole, context);
  if (!isWhole && (KEYCAP_BEGINNING.test(window) || HIGH_SURROGATE.test(window))) return undefined;
  const rule = context.isCode ? undefined : RULES[first];
  return pictograph(window, context) ?? (rule === undefined ? single(window) : rule(window, isWhole, context));
}

function pictograph(window: string, { afterPictograph }: InlineContext): InlineStep | undefined {
  const match = PICTOGRAPH.exec(window) ?? (afterPictograph ? /^\u200D/u.exec(window) : null);
  return match === null ? undefined : { length: match[0].length, text: '', isPictograph: true };
}

/** One character as it is; half a character is nothing that could be said. */
function single(window: string): InlineStep {
  return /^[\uD800-\uDFFF]/u.test(window) ? dropped(1) : AS_IT_IS;
}

function dropped(length: number): InlineStep {
  return { length, text: '' };
}

/** Runs of * and _: markup, unless they stand alone, multiply numbers, or join the parts of a name. */
function emphasis(window: string, isWhole: boolean, { previous }: InlineContext): InlineStep | undefined {
  const mark = window.charAt(0);
  const length = /^(?:\*{1,4}|_{1,4})/u.exec(window)?.[0].length ?? 1;
  if (length === window.length && length < 4 && !isWhole) return undefined;
  const next = window.charAt(length);
  const isLoose = !/\S/u.test(previous) && !/\S/u.test(next);
  const joins =
    mark === '_' ? isWordCharacter(previous) && isWordCharacter(next) : length === 1 && /^\d\d$/u.test(previous + next);
  return isLoose || joins ? { length } : dropped(length);
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

/** The edge between two cells is a comma; the one that ends a row is nothing. */
function cellEdge(window: string, isWhole: boolean, { afterPause }: InlineContext): InlineStep | undefined {
  const [text = '', bar] = /^[ \t]*(\|?)[ \t]*/u.exec(window) ?? [];
  const next = window.charAt(text.length);
  if (next === '' && !isWhole) return undefined;
  if (bar === '') return { length: text.length };
  if (next === '' || next === '\n') return dropped(text.length);
  return { length: text.length, text: afterPause ? ' ' : ', ' };
}
