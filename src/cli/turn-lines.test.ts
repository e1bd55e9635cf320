import { describe, expect, it } from 'vitest';

import { turnLine } from './turn-lines.ts';

const asked = { turn: 2, kind: 'reply', source: 'voice', transcript: 'Where can\n I park?', spans: [] } as const;

describe('the line of a turn', () => {
  it('comes when the reply is over', () => {
    expect(turnLine(asked)).toBeUndefined();
    expect(turnLine({ ...asked, reply: 'Behind.', heardText: 'Behind.', responseMs: 411.6 })).toBe(
      '2   "Where can I park?" → "Behind."  412 ms',
    );
  });

  it('tells the opener apart', () => {
    expect(
      turnLine({ ...asked, reply: 'Well, behind.', heardText: 'Well, behind.', openerMs: 360, responseMs: 1040 }),
    ).toBe('2   "Where can I park?" → "Well, behind."  opener 360 ms  1040 ms');
  });

  it('says what was typed, what the caller cut off, and what failed', () => {
    expect(turnLine({ ...asked, source: 'text', reply: 'Behind the house.', heardText: 'Behind the ' })).toBe(
      '2   "Where can I park?" (typed) → "Behind the" (cut off)',
    );
    expect(turnLine({ ...asked, reply: '', heardText: '', error: 'The model failed.' })).toBe(
      '2   "Where can I park?" → (nothing)  ✗ The model failed.',
    );
    expect(turnLine({ kind: 'greeting', reply: 'Hello!', heardText: 'Hello!', spans: [] })).toBe(
      '–   (greeting) → "Hello!"',
    );
  });
});
