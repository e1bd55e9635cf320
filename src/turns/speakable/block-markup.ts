// What a line begins with: headings, quotes, bullets, numbers of list items, rules, tables, fences.

import type { MarkupOptions, Step } from './markup.ts';

export interface Fence {
  readonly mark: string;
  readonly length: number;
}

/** What the beginning of a line says; `none`: nothing, the line is text from here. */
export type BlockStep =
  | { readonly kind: 'none' }
  /** Left out, and more may follow: quotes and items nest. */
  | { readonly kind: 'text'; readonly step: Step }
  | { readonly kind: 'setOff' | 'row'; readonly step: Step }
  | { readonly kind: 'fence'; readonly step: Step; readonly fence: Fence };

interface BlockRule {
  readonly pattern: RegExp;
  /** Matches a window that more characters could turn into this block. */
  readonly beginning: RegExp;
  readonly read: (match: RegExpExecArray, options: MarkupOptions) => BlockStep;
}

/** Left out together with the white space before it. */
function left(kind: 'text' | 'setOff' | 'row'): BlockRule['read'] {
  return ([marker]) => ({ kind, step: { length: marker.length, text: '' } });
}

/** In the order in which they are tried. In `pattern`, the end of the window is the end of the source. */
const RULES: readonly BlockRule[] = [
  { pattern: /^[ \t]*[-*+•‣◦–][ \t]/u, beginning: /^[ \t]*[-*+•‣◦–]?$/u, read: left('setOff') },
  { pattern: /^[ \t]*#{1,6}[ \t]/u, beginning: /^[ \t]*#{1,6}$/u, read: left('setOff') },
  { pattern: /^[ \t]*>/u, beginning: /^$/u, read: left('text') },
  { pattern: /^\[[ xX]\](?=\s)/u, beginning: /^\[(?:[ xX]\]?)?$/u, read: left('setOff') },
  // Rules, underlined headings, the line below a table's head.
  { pattern: /^[-=_*+|: \t]{3,}(?=\n|$)/u, beginning: /^[-=_*+|: \t]*$/u, read: left('text') },
  { pattern: /^[ \t]*\|/u, beginning: /^$/u, read: left('row') },
  {
    pattern: /^[ \t]*(`{3,}|~{3,})[^`\n]*(?:\n|$)/u,
    beginning: /^[ \t]*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^`\n]*)$/u,
    read: ([opening, marks = ''], { codeOmitted }) => ({
      kind: 'fence',
      step: { length: opening.length, text: codeOmitted === '' ? '' : `${codeOmitted}\n` },
      fence: { mark: marks.charAt(0), length: marks.length },
    }),
  },
];

/** "1. " and "2) ": the number is said, and set off by a comma. */
const ITEM_NUMBER = /^([ \t]*)(\d{1,4})[.)][ \t]/u;
const ITEM_NUMBER_BEGINNING = /^[ \t]*\d{1,4}[.)]?$/u;

/** `undefined`: the next characters tell. */
export function blockStep(window: string, isWhole: boolean, options: MarkupOptions): BlockStep | undefined {
  for (const { pattern, beginning, read } of RULES) {
    if (!isWhole && beginning.test(window)) return undefined;
    const match = pattern.exec(window);
    if (match !== null) return read(match, options);
  }
  return itemNumber(window, isWhole, options.monthNames);
}

function itemNumber(window: string, isWhole: boolean, monthNames: readonly string[]): BlockStep | undefined {
  if (!isWhole && ITEM_NUMBER_BEGINNING.test(window)) return undefined;
  const match = ITEM_NUMBER.exec(window);
  if (match === null) return { kind: 'none' };
  const [marker, indent = '', digits = ''] = match;
  const next = window.slice(marker.length).toLowerCase();
  if (monthNames.some((month) => next.startsWith(month))) return { kind: 'none' };
  if (!isWhole && monthNames.some((month) => month.startsWith(next))) return undefined;
  return { kind: 'setOff', step: { length: marker.length, text: `${indent}${digits}, ` } };
}

/** Length of the line that closes the fence; 0 where it doesn't; `undefined`: the next characters tell. */
export function closesFence(window: string, isWhole: boolean, { mark, length }: Fence): number | undefined {
  const line = /^[ \t]*([`~]*)[ \t]*(\n|$)/u.exec(window);
  if (line === null) return 0;
  const [text, marks = '', end] = line;
  if (end === '' && !isWhole) return undefined;
  return marks.length >= length && marks.startsWith(mark) ? text.length : 0;
}
