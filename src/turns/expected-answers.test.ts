import { expect, it } from 'vitest';

import { expectedAnswers } from './expected-answers.ts';

it.each([
  ['Is that correct so far?', ['Yes.', 'No.']],
  ['That was four people, right?', ['Yes.', 'No.']],
  ['I have one at seven. Shall I book that for you?', ['Yes, please.', 'No, thank you.']],
  ['Okay, would you like a reminder?', ['Yes, please.', 'No, thank you.']],
  ['Is there anything else I can do for you?', ['No, thank you.', "No, that's all."]],
  ['Do you have any other questions?', ['No, thank you.', "No, that's all."]],
  ['Would you like a window or an aisle seat?', ['window', 'aisle']],
  ['Would you prefer the morning or the evening?', ['morning', 'evening']],
  ['Do you want to pay by card or in cash?', ['card', 'cash']],
  ['Is that for one person or for two?', ['one person', 'two']],
  ['Red wine or white wine?', ['red wine', 'white wine']],
  ['Shall I send it today or not?', ['Yes, please.', 'No, thank you.']],
])('to a question with few answers: %s', (said, answers) => {
  expect(expectedAnswers(said, 'en-US')).toEqual(answers);
});

it.each([
  'What can I do for you?',
  'May I have your last name?',
  'For how many people?',
  'Which day would suit you?',
  'Your table is booked.',
  'Shall I book it? I can do that now.',
  'Is it that your order has not come yet or that you want to send something back?',
  '',
])('nothing where any answer is possible, or nothing was asked: %s', (said) => {
  expect(expectedAnswers(said, 'en-US')).toEqual([]);
});

it('in German', () => {
  expect(expectedAnswers('Soll ich das buchen?', 'de-DE')).toEqual(['Ja, bitte.', 'Nein, danke.']);
  expect(expectedAnswers('Ist das richtig?', 'de')).toEqual(['Ja.', 'Nein.']);
  expect(expectedAnswers('Kann ich sonst noch etwas für Sie tun?', 'de')).toEqual([
    'Nein, danke.',
    'Nein, das war alles.',
  ]);
  expect(expectedAnswers('Möchten Sie am Fenster oder am Gang sitzen?', 'de')).toEqual(['fenster', 'gang']);
  expect(expectedAnswers('Wie ist Ihr Name?', 'de')).toEqual([]);
});

it('nothing in a language without data', () => {
  expect(expectedAnswers('Onko selvä?', 'fi')).toEqual([]);
});
