// Booking a table over several turns: what is known, what is still to be asked, and the words for it.

import type { Slot } from './phrases.ts';

export interface Booking {
  readonly day?: string;
  /** "seven p m", without a preposition. */
  readonly time?: string;
  /** "four". */
  readonly party?: string;
}

/** What the desk is waiting for. */
export type Expecting =
  | { readonly for: 'anything' }
  | { readonly for: 'day' | 'time' | 'party' | 'confirmation' | 'change' | 'offer' };

const DAY_NAMES = /\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/g;

/** The parts of a booking that a sentence names. A bare number is a time where one is `expected`. */
export function bookingFrom(slots: readonly Slot[], expected: Expecting['for']): Booking {
  const last = (name: string): string | undefined => slots.findLast((slot) => slot.name === name)?.text;
  const day = last('day') ?? last('weekday');
  const party = last('count');
  const time = last('time')?.replace(/^at /, '') ?? last('hour');
  if (party !== undefined && time === undefined && expected === 'time') return { time: party };
  return {
    ...(day !== undefined && { day: day.replaceAll(DAY_NAMES, (name) => `${name[0]?.toUpperCase()}${name.slice(1)}`) }),
    ...(time !== undefined && { time }),
    ...(party !== undefined && { party }),
  };
}

/** "a table for four on Friday at seven p m", with as much as is known. */
export function describeBooking({ day, time, party }: Booking): string {
  const forParty = party === undefined ? '' : ` for ${party}`;
  const onDay = day === undefined ? '' : /^(today|tonight|tomorrow|this|next)/.test(day) ? ` ${day}` : ` on ${day}`;
  const atTime = time === undefined ? '' : ` at ${time}`;
  return `a table${forParty}${onDay}${atTime}`;
}

/** The next question about `booking`, and what it asks for. */
export function nextQuestion(booking: Booking): { readonly expecting: Expecting; readonly question: string } {
  if (booking.day === undefined) return { expecting: { for: 'day' }, question: 'For which day would you like it?' };
  if (booking.time === undefined) return { expecting: { for: 'time' }, question: 'And at what time?' };
  if (booking.party === undefined) return { expecting: { for: 'party' }, question: 'And for how many people?' };
  return { expecting: { for: 'confirmation' }, question: `That is ${describeBooking(booking)}. Shall I book it?` };
}
