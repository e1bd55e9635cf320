// What agents ask and callers answer, written by hand; `{slot}` is filled in by `slots.ts`. `//` stands where somebody who goes
// on may pause, and may not.

export const askKinds = ['yes or no', 'either or', 'anything else', 'how many', 'when', 'who', 'number'] as const;
export type AskKind = (typeof askKinds)[number];

export interface Ask {
  readonly kind: AskKind;
  /** How a reply ends. */
  readonly asks: string;
}

export const asks: readonly Ask[] = [
  { kind: 'yes or no', asks: 'Shall I book that for you?' },
  { kind: 'yes or no', asks: 'Would you like a table outside?' },
  { kind: 'yes or no', asks: 'Is that correct so far?' },
  { kind: 'yes or no', asks: 'Do you want a reminder by text message?' },
  { kind: 'yes or no', asks: 'Have you been here before?' },
  { kind: 'yes or no', asks: 'Can you come in this afternoon?' },
  { kind: 'yes or no', asks: 'Are you still at the same address?' },
  { kind: 'yes or no', asks: 'Should I send you the form?' },
  { kind: 'either or', asks: 'Would you prefer the morning or the evening?' },
  { kind: 'either or', asks: 'Would you like a window or an aisle seat?' },
  { kind: 'either or', asks: 'Do you want to pay by card or in cash?' },
  { kind: 'either or', asks: 'Is that for one person or for two?' },
  { kind: 'anything else', asks: 'Is there anything else I can do for you?' },
  { kind: 'anything else', asks: 'Anything else?' },
  { kind: 'anything else', asks: 'Can I help you with anything else today?' },
  { kind: 'how many', asks: 'For how many people?' },
  { kind: 'how many', asks: 'How many nights would you like to stay?' },
  { kind: 'when', asks: 'Which day would suit you?' },
  { kind: 'when', asks: 'At what time would you like to come?' },
  { kind: 'who', asks: 'Under which name?' },
  { kind: 'who', asks: 'May I have your last name?' },
  { kind: 'number', asks: 'What is your order number?' },
];

export interface Answers {
  /** What most people say, the commonest more than once. */
  readonly plain: readonly string[];
  /** Begins as a plain answer, and more follows. */
  readonly continued: readonly string[];
  /** Sounds like a plain answer, and differs by a negation, a number, a name or a date. */
  readonly different: readonly string[];
}

/** By the text of the ask, where its words matter, or else by its kind. */
export function answersTo({ kind, asks: text }: Ask): Answers {
  return particularAnswers[text] ?? answers[kind];
}

const answers: Readonly<Record<AskKind, Answers>> = {
  'yes or no': {
    plain: [
      'yes',
      'yes',
      'yes please',
      'yes please',
      'yeah',
      'yeah sure',
      'sure',
      'no',
      'no',
      'no thank you',
      'no thanks',
      'not today',
    ],
    continued: [
      'yes // but not before {day}',
      'yes // but I have one more question',
      'yes // for {count} people please',
      'yeah // and could you call me back',
      'yes please // and send it to my wife',
      'no // I would rather do it on {day}',
      'no // that was somebody else',
      'sure // if it does not cost extra',
    ],
    different: [
      'not yet',
      'not really',
      'no I do not',
      'yes for {count}',
      'yes the {count} of us',
      'yes under {name}',
      'yes on {day}',
      'yes at {time}',
    ],
  },
  'either or': {
    plain: ['the morning please', 'the evening', 'in the morning'],
    continued: ['the morning // but not before nine', 'the evening // if there is something left'],
    different: ['not the morning', 'the morning of {day}', 'neither'],
  },
  'anything else': {
    plain: [
      'no',
      'no thank you',
      'no thanks',
      'no that is all',
      "that's all thank you",
      "no that's it",
      'nothing else',
    ],
    continued: [
      'no // or wait there is one thing',
      'no thank you // when will I get it?',
      'no // but tell {name} I called',
      "that's all // you said {day} right?",
    ],
    different: ['not for now', 'yes two more things', 'yes {count} more', 'yes for {name}', 'yes on {day}'],
  },
  'how many': {
    plain: ['two', 'four', 'two please', '{count}', '{count} please'],
    continued: ['two // and a small child', '{count} // maybe {count}'],
    different: ['twenty two', 'not more than two', 'two or three'],
  },
  when: {
    plain: ['tomorrow', 'on {day}', '{day}', 'at {time}', '{time}'],
    continued: ['tomorrow // but only after six', 'on {day} // no wait on {day}'],
    different: ['not tomorrow', 'the day after tomorrow', 'tomorrow in {count} weeks'],
  },
  who: {
    plain: ['{name}', 'my name is {name}', "it's {name}"],
    continued: ['{name} // with a small v', 'my name is {name} // but the booking is under {name}'],
    different: ['not {name} but {name}', '{name} and {name}', 'the name is {name} {name}'],
  },
  number: {
    plain: ['{digits}', "it's {digits}", 'I do not have it here'],
    continued: ['{digits} // no sorry {digits}', 'I do not have it here // can you look it up by name?'],
    different: ['it ends with {count}', 'I only have the first {count} digits', 'I have two numbers here'],
  },
};

const particularAnswers: Readonly<Record<string, Answers>> = {
  'Would you like a window or an aisle seat?': {
    plain: ['window', 'a window seat please', 'aisle', 'the aisle please'],
    continued: ['window // but not at the wing', 'aisle // and one behind it for {name}'],
    different: ['not the window', 'two windows', 'window on the way to {city}'],
  },
  'Do you want to pay by card or in cash?': {
    plain: ['by card', 'card please', 'cash', 'in cash please'],
    continued: ['by card // but not all of it', 'cash // I have {price} with me'],
    different: ['not by card', 'by two cards', "by {name}'s card"],
  },
  'Is that for one person or for two?': {
    plain: ['for one', 'for two', 'for two please', 'just one'],
    continued: ['for two // and a dog', 'for one // or maybe {count}'],
    different: ['for three', 'not for two', 'for {name} and me'],
  },
};

/** What anybody would expect to hear after these words; nothing where that could be anything. */
export function guessesAfter(said: string): readonly string[] {
  const ask = asks.find(({ asks: text }) => said.endsWith(text));
  if (ask === undefined)
    return /\b(?:shall|would|do|is|can|should|could|are) [^.!?]*\?$/iu.test(said) ? ['Yes.', 'No.'] : [];
  if (ask.kind === 'yes or no') return ['Yes, please.', 'No, thank you.'];
  if (ask.kind === 'anything else') return ['No, thank you.', "No, that's all."];
  const { plain } = answersTo(ask);
  return [...new Set(plain)].filter((answer) => !answer.includes('{')).slice(0, 2);
}

/** How replies begin: one of them and the next question are a reply. */
export const acknowledgements: readonly string[] = [
  'Very well.',
  'Alright, I have noted that.',
  'Good, that is done.',
  'Thank you, that helps.',
  'Okay, I see.',
];
