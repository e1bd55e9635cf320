// Phrases that many intents share. `booking.ts` reads days, times and counts back out of what was said.
// The recogniser copies a rule at every mention of it, and a copy costs memory: the large ones are mentioned seldom.

import type { Rules } from './phrases.ts';

export const rules: Rules = {
  weekday: 'monday | tuesday | wednesday | thursday | friday | saturday | sunday',
  day: '(today | tonight | tomorrow | [(this | next)] <weekday>) [(night | evening)]',
  hour: 'one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve',
  half: "a m | p m | o'clock | in the (morning | afternoon | evening)",
  clock:
    'noon | (half past | quarter past | quarter to) <hour> | <hour> ((fifteen | thirty | forty five) [<half>] | <half>)',
  time: '<clock> | at (<clock> | <hour>)',
  count: 'one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve',
  party: 'for [a party of] <count> [(people | persons | guests)]',
  when: '[on] <day> [<time>] | <time> [[on] <day>]',
  details: '<party> [<when>] | <when> [<party>]',
  wish: "i'd like to | i would like to | we'd like to | i want to | can i | could i | can we | could we",
  opening:
    '[<wish>] (book | reserve | get | make) (a table | a reservation | a booking) [for] | (a table | i need a table | do you have a table | is there a table) [free] | make it | that makes',
  digit: 'zero | oh | one | two | three | four | five | six | seven | eight | nine',
};

/** What may come before and after any sentence. */
export const lead = '(hello | hi | good (morning | afternoon | evening) | okay | well | please | excuse me | yes | no)';
export const tail = '(please | thanks | thank you)';
