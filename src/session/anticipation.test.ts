import { expect, it } from 'vitest';

import { answersIn } from './anticipation.ts';

it('takes the lines that a model was asked for, lists and quotation marks too', () => {
  expect(answersIn('Yes, please.\nNo, thank you.\n')).toEqual(['Yes, please.', 'No, thank you.']);
  expect(answersIn('1. Yes\n2) "Not today"\n- maybe')).toEqual(['Yes', 'Not today', 'maybe']);
  expect(answersIn('\n\nJa, gerne.')).toEqual(['Ja, gerne.']);
});

it('takes nothing where the model foresees nothing, or writes anything else', () => {
  expect(answersIn('NONE')).toEqual([]);
  expect(answersIn('Here are the answers:\nyes')).toEqual([]);
  expect(answersIn('["yes", "no"]')).toEqual([]);
  expect(answersIn(`Well, ${'that is hard to say, '.repeat(5)}`)).toEqual([]);
  expect(answersIn('...')).toEqual([]);
});
