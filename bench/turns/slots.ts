// Fills the slots of templates, and pauses within what is spoken digit by digit or letter by letter.

import type { Random } from './random.ts';

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const names = ['Meyer', 'Johnson', 'Patel', 'Garcia', 'Nowak', 'Fischer', 'Okafor', 'Lindqvist'];
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday', 'the third of May'];
const times = ['seven', 'eight thirty', 'half past six', 'noon', 'nine in the morning', 'a quarter to five'];
const cities = ['Lisbon', 'Hamburg', 'New York', 'Oslo', 'Lyon'];
const prices = ['twenty five euros', 'a hundred and ten dollars', 'nine ninety nine'];
const providers = ['gmail dot com', 'web dot de', 'outlook dot com'];

const slots: Readonly<Record<string, (random: Random) => string>> = {
  day: (random) => random.pick(days),
  time: (random) => random.pick(times),
  count: (random) => random.pick(['two', 'three', 'four', 'five', 'six', 'eight', 'twelve']),
  name: (random) => random.pick(names),
  city: (random) => random.pick(cities),
  price: (random) => random.pick(prices),
  spelled: (random) => grouped(random.pick(names).toLowerCase().split(''), 3, 0.5, random),
  digits: (random) => grouped(drawn(random, 6), 3, 0.6, random),
  phone: (random) => grouped(['zero', ...drawn(random, 9)], random.pick([3, 4]), 0.7, random),
  email: (random) => {
    const pause = random.chance(0.6) ? ' ~' : '';
    return `${random.pick(names).toLowerCase()} dot ${random.pick(names).toLowerCase()}${pause} at ${random.pick(providers)}`;
  },
};

/** The text with each slot filled, differently for each state of `random`. */
export function filled(text: string, random: Random): string {
  return text.replaceAll(/\{(\w+)\}/g, (slot, name: string) => {
    const fill = slots[name];
    if (fill === undefined) throw new Error(`no such slot: ${slot}`);
    return fill(random);
  });
}

function drawn(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => random.pick(digits));
}

/** Between groups there is a pause in `pauseRatio` of the cases, where more is to come. */
function grouped(parts: readonly string[], size: number, pauseRatio: number, random: Random): string {
  return parts
    .map((part, index) => {
      const endsGroup = (index + 1) % size === 0 && index < parts.length - 1;
      return endsGroup && random.chance(pauseRatio) ? `${part} ~` : part;
    })
    .join(' ');
}
