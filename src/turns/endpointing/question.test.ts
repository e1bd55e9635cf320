import { describe, expect, it } from 'vitest';

import { questionOf } from './question.ts';
import { rulesFor } from './rules.ts';

const rules = rulesFor('en');
if (rules === undefined) throw new Error('English has rules');

describe('what the agent has asked', () => {
  it.each([
    'Shall I book it?',
    'Great. So, would you like that?',
    'That is two nights, is that right?',
    'Anything else?',
  ])('yes or no: %s', (said) => {
    expect(questionOf(said, rules)?.isYesNo).toBe(true);
  });

  it.each([
    ['What day would you like?', 'date'],
    ['And at what time?', 'time'],
    ['How many people will you be?', 'count'],
    ['Can I have your name, please?', 'name'],
    ['Please tell me your email address.', 'email'],
    ['When were you born?', 'birthDate'],
    ['Could you spell that?', 'spelling'],
  ] as const)('%s wants a %s, not yes or no', (said, asked) => {
    expect(questionOf(said, rules)?.asks).toContain(asked);
    expect(questionOf(said, rules)?.isYesNo).toBe(false);
  });

  it('only its last sentence counts, and a full stop within a word ends none', () => {
    expect(questionOf('Shall I book it? I will wait.', rules)).toBeUndefined();
    expect(questionOf('Is ann.lee@example.org right?', rules)?.isYesNo).toBe(true);
  });

  it('nothing, where it said nothing, or told something', () => {
    for (const said of [undefined, '', '  ', 'We open at nine.']) expect(questionOf(said, rules)).toBeUndefined();
  });
});
