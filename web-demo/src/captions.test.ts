import { describe, expect, it } from 'vitest';

import { type Caption, captionsAfter, captionsAfterTyping, captionsAtEnd, type CaptionUpdate } from './captions.ts';

/** Each update on a stream of its own, in order, unless it says otherwise. */
function captionsOf(...updates: (Partial<CaptionUpdate> & { text: string })[]): readonly Caption[] {
  return updates.reduce<readonly Caption[]>(
    (captions, update, streamOrder) =>
      captionsAfter(captions, { segmentId: 's1', speaker: 'caller', final: false, streamOrder, ...update }),
    [],
  );
}

const seen = (captions: readonly Caption[]) =>
  captions.map(({ speaker, text, final }) => `${speaker}: ${text}${final ? '' : ' …'}`);

describe('captions', () => {
  it('revise an interim in place until it is final', () => {
    const updates = [{ text: 'when' }, { text: 'when are you' }, { text: 'When are you open?', final: true }];
    expect(seen(captionsOf(...updates.slice(0, 2)))).toEqual(['caller: when are you …']);
    expect(seen(captionsOf(...updates))).toEqual(['caller: When are you open?']);
  });

  it('stand in the order in which they began, whichever becomes final first', () => {
    const captions = captionsOf(
      { text: 'when are you open' },
      { text: 'From nine', speaker: 'agent', segmentId: 'a1' },
      { text: 'When are you open?', final: true },
      { text: 'From nine to five.', speaker: 'agent', segmentId: 'a1', final: true },
      { text: 'thanks', segmentId: 's2' },
    );
    expect(seen(captions)).toEqual(['caller: When are you open?', 'agent: From nine to five.', 'caller: thanks …']);
  });

  it('keep the two sides apart where both count their segments alike', () => {
    expect(captionsOf({ text: 'hello' }, { text: 'hi', speaker: 'agent' })).toHaveLength(2);
  });

  it('ignore what an older stream of the same segment still delivers', () => {
    const captions = captionsOf({ text: 'Nine.', final: true, streamOrder: 5 }, { text: 'nine', streamOrder: 4 });
    expect(seen(captions)).toEqual(['caller: Nine.']);
  });

  it('drop an interim that turned out to be nothing, and show nothing for an empty segment', () => {
    expect(captionsOf({ text: 'uh' }, { text: ' ', final: true })).toEqual([]);
    expect(captionsOf({ text: '', final: true })).toEqual([]);
  });

  it('keep an interim while its next text is still empty', () => {
    expect(seen(captionsOf({ text: 'when are' }, { text: '' }))).toEqual(['caller: when are …']);
  });

  it('stay as they are when the call ends', () => {
    expect(seen(captionsAtEnd(captionsOf({ text: 'and anoth' })))).toEqual(['caller: and anoth']);
  });

  it('hold what was typed between what was said', () => {
    const typed = captionsAfterTyping(captionsOf({ text: 'Hello', final: true }), 'where are you');
    expect(seen(captionsAfterTyping(typed, 'and when'))).toEqual([
      'caller: Hello',
      'caller: where are you',
      'caller: and when',
    ]);
    expect(new Set(captionsAfterTyping(typed, 'x').map((caption) => caption.id)).size).toBe(3);
  });
});
