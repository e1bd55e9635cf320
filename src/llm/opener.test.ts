import { describe, expect, it } from 'vitest';

import { firstWords } from './opener.ts';
import type { ReplyModel } from './port.ts';
import type { Message } from '../turns/history.ts';

/** Writes word by word what it is given. */
function writing(text: string): {
  model: ReplyModel;
  readonly asked: (readonly Message[])[];
  readonly given: string[];
} {
  const asked: (readonly Message[])[] = [];
  const given: string[] = [];
  return {
    asked,
    given,
    model: {
      name: 'model',
      async *reply(messages, { signal, tools }) {
        expect(tools, 'nothing may be done for half a sentence').toBe('none');
        asked.push(messages);
        for (const word of text.match(/\S+\s*/g) ?? []) {
          if (signal.aborted) return;
          given.push(word);
          yield word;
        }
      },
    },
  };
}

const heard = { heard: 'when do you open on', history: [], signal: new AbortController().signal };

describe('the first words of an answer', () => {
  it.each([
    { written: 'Let me look that up,', words: 'Let me look that up,' },
    { written: '"Let me see," I would say.', words: 'Let me see,' },
    { written: 'Opening hours: we open at nine.', words: 'Opening hours:' },
    { written: 'NONE', words: undefined },
    { written: 'One moment please', words: undefined },
    { written: 'At 9, we open.', words: undefined },
    { written: 'This is an answer that goes on and on without any end.', words: undefined },
    { written: '', words: undefined },
  ])('are "$words" of "$written"', async ({ written, words }) => {
    expect(await firstWords(writing(written).model, heard)).toBe(words);
  });

  it('end the request: the rest of an answer is not waited for', async () => {
    const { model, given } = writing('Let me look, we open at nine on all days of the week.');
    await firstWords(model, heard);
    expect(given).toEqual(['Let ', 'me ', 'look, ']);
  });

  it('are asked for with what was said just before, and no more', async () => {
    const { model, asked } = writing('Well,');
    const long = { role: 'assistant', text: 'word '.repeat(1000), interrupted: false } as const;
    const history = [
      { role: 'user', text: 'Tell me a story.' },
      long,
      { role: 'user', text: 'Thank you.' },
      { role: 'assistant', text: 'You are welcome.', interrupted: false },
    ] as const;
    await firstWords(model, { ...heard, history });
    expect(asked[0]?.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(asked[0]?.at(-1)).toMatchObject({
      text: expect.stringMatching(/^when do you open on …\n\n\[.*still speaking/),
    });
  });

  it('are nothing once nobody wants them', async () => {
    expect(await firstWords(writing('Well,').model, { ...heard, signal: AbortSignal.abort() })).toBeUndefined();
  });
});
