import { describe, expect, it } from 'vitest';

import type { ReplyPart } from '../llm/port.ts';
import { ReplyText } from './reply-text.ts';

async function* written(...parts: readonly (ReplyPart | Error)[]): AsyncGenerator<ReplyPart, void> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield part;
  }
}

/** The chunks, and how they ended. */
async function spoken(text: ReplyText, ...parts: readonly (ReplyPart | Error)[]) {
  const chunks: string[] = [];
  try {
    for await (const chunk of text.chunks(written(...parts))) chunks.push(chunk);
  } catch (error) {
    return { chunks, error };
  }
  return { chunks, error: undefined };
}

describe('ReplyText', () => {
  it('gives clauses to a voice that needs them', async () => {
    const text = new ReplyText({ language: 'en-US', takesTokens: false });
    const { chunks } = await spoken(text, 'Yes, of', ' course, we ', 'are **open** ', 'at 9. ', 'Come ', 'in!');
    expect(chunks).toEqual(['Yes, ', 'of course, we are open at nine. ', 'Come in!']);
    expect(text.heard(chunks.join('').length)).toBe('Yes, of course, we are **open** at 9. Come in!');
  });

  it('gives the first clause, and then words as they come, to a voice that takes tokens', async () => {
    const text = new ReplyText({ language: 'en-US', takesTokens: true });
    const { chunks } = await spoken(text, 'Yes, of', ' course, we ', 'are ', 'open.');
    expect(chunks[0]).toBe('Yes, of course, ');
    expect(chunks.slice(1)).toEqual(['we ', 'are ', 'open.']);
  });

  it('gives the opener at once, by itself, and counts it as written', async () => {
    for (const takesTokens of [false, true]) {
      const text = new ReplyText({ language: 'en-US', takesTokens, opener: 'Table 4, ' });
      const chunks = text.chunks(written('we have ', 'it at 9.'))[Symbol.asyncIterator]();
      expect(text.contentFrom).toBeUndefined();
      expect(await chunks.next()).toEqual({ done: false, value: 'Table four, ' });
      const { value } = await chunks.next();
      expect(text.contentFrom).toBe('Table four, '.length);
      expect(value).toMatch(/^we have /);
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next());
      expect(text.written).toBe('Table 4, we have it at 9.');
      expect(text.heard('Table four,'.length)).toBe('Table 4,');
    }
  });

  it('tells what was written before a fault, and then the fault', async () => {
    const error = new Error('the model broke off');
    const text = new ReplyText({ language: 'en-US', takesTokens: false });
    expect(await spoken(text, 'Yes, **hello is any', error)).toEqual({ chunks: ['Yes, ', 'hello is any'], error });
    expect(text.heard(17)).toMatch(/^Yes, \*\*hello is any$/);
  });
});
