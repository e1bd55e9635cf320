// Phrases that many intents share. Rules named in `booking.ts` (day, time, count) are read back out of what was said.

import type { Rules } from './phrases.ts';

export const rules: Rules = {
  weekday: 'monday | tuesday | wednesday | thursday | friday | saturday | sunday',
  day: 'today | tonight | tomorrow [(night | evening)] | [(this | next)] <weekday> [(night | evening)]',
  hour: 'one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve',
  half: "a m | p m | in the (morning | afternoon | evening) | o'clock [(in the (morning | afternoon | evening))]",
  time: 'noon | <hour> [(fifteen | thirty | forty five)] [<half>] | (half | quarter) past <hour> | quarter to <hour>',
  count: 'one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve',
  people: 'people | persons | guests',
  party: 'for <count> [<people>] | for a party of <count>',
  when: '[on] <day> [at <time>] | at <time> [on] [<day>]',
  details: '<party> [<when>] | <when> [<party>]',
  wish: "i'd like to | i would like to | i want to | can i | could i | can we | could we | we'd like to",
  do_you_have: 'do you have | have you got | is there | are there',
  digit: 'zero | oh | one | two | three | four | five | six | seven | eight | nine',
};

/** What may come before and after any sentence. */
export const lead =
  '(hello | hi | good (morning | afternoon | evening) | okay | well | so | and | um | please | excuse me | yes | no)';
export const tail = '(please | thanks | thank you)';
