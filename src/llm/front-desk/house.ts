// The business behind the front desk: the Blue Lantern, a small restaurant. Every sentence is written to be spoken.

import type { Clock } from '../../lib/clock.ts';

export const BUSINESS = 'the Blue Lantern';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const HOURS = ['midnight', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven'];
const LATE = new Set(['Friday', 'Saturday']);

export const WEEK_HOURS =
  'We are open from Tuesday to Sunday, from eleven in the morning until ten at night, and until midnight on Friday and Saturday. On Monday we are closed.';

/** `hoursOn('Friday')`: "On Friday we are open from eleven in the morning until midnight." */
export function hoursOn(weekday: string, when = `On ${weekday}`): string {
  if (weekday === 'Monday') return `${when} we are closed, as on every Monday. We open again on Tuesday at eleven.`;
  return `${when} we are open from eleven in the morning until ${LATE.has(weekday) ? 'midnight' : 'ten at night'}.`;
}

/** Name of the day that lies `days` after today, in the time zone of this process. */
export function weekdayIn(clock: Clock, days: number): string {
  const today = new Date(clock.epochMs()).getDay();
  return WEEKDAYS[(today + days) % 7] ?? 'Sunday';
}

/** "It is twenty past three in the afternoon." To five minutes, as people say it. */
export function timeOfDay(clock: Clock): string {
  const now = new Date(clock.epochMs());
  const minutes = Math.round((now.getHours() * 60 + now.getMinutes()) / 5) * 5;
  const hour = Math.floor(minutes / 60) % 24;
  const past = minutes % 60;
  return `It is ${spokenTime(hour, past)}.`;
}

const PAST: Readonly<Record<number, string>> = {
  5: 'five past',
  10: 'ten past',
  15: 'a quarter past',
  20: 'twenty past',
  25: 'twenty five past',
  30: 'half past',
  35: 'twenty five to',
  40: 'twenty to',
  45: 'a quarter to',
  50: 'ten to',
  55: 'five to',
};

function spokenTime(hour: number, minutes: number): string {
  const named = minutes > 30 ? (hour + 1) % 24 : hour;
  const name = named === 12 ? 'twelve' : (HOURS[named % 12] ?? 'midnight');
  const clockHour = named === 0 ? 'midnight' : name === 'midnight' ? 'twelve' : name;
  const part = named < 12 ? 'in the morning' : named < 18 ? 'in the afternoon' : 'in the evening';
  const suffix = named === 0 ? '' : ` ${part}`;
  return `${PAST[minutes] === undefined ? '' : `${PAST[minutes]} `}${clockHour}${suffix}`;
}
