// The state of one conversation with the front desk. It is rebuilt from the messages at every turn, so the model
// itself stays stateless, as an AI SDK model must be.

import type { Clock } from '../../lib/clock.ts';
import { type Booking, bookingFrom, describeBooking, type Expecting, nextQuestion } from './booking.ts';
import type { Slot } from './phrases.ts';

export class Conversation {
  readonly clock: Clock;
  /** What the desk said last; empty before the first answer. */
  lastAnswer = '';
  missCount = 0;
  #draft: Booking | undefined;
  #booked: Booking | undefined;
  #expecting: Expecting = { for: 'anything' };
  readonly #timesAnswered = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Takes the answers to one intent in turn, so that asking twice doesn't sound like a record. */
  inTurn(intent: string, answers: readonly string[]): string {
    const times = this.#timesAnswered.get(intent) ?? 0;
    this.#timesAnswered.set(intent, times + 1);
    return answers[times % answers.length] ?? '';
  }

  /** Starts a booking, or goes on with it, with what a sentence named. */
  book(slots: readonly Slot[]): string {
    const named = bookingFrom(slots, this.#expecting.for);
    const changing = this.#draft === undefined && this.#booked !== undefined && this.#expecting.for === 'change';
    this.#draft = { ...(changing ? this.#booked : this.#draft), ...named };
    return this.#ask();
  }

  change(slots: readonly Slot[]): string {
    const current = this.#draft ?? this.#booked;
    if (current === undefined) return this.#offerBooking('I have no booking from you yet.');
    const named = bookingFrom(slots, 'change');
    if (Object.keys(named).length === 0) return this.#askForChange('Of course.');
    this.#draft = { ...current, ...named };
    return this.#ask();
  }

  cancel(): string {
    const current = this.#draft ?? this.#booked;
    if (current === undefined) return this.#offerBooking('I have no booking from you, so there is nothing to cancel.');
    this.#draft = undefined;
    this.#booked = undefined;
    this.#expecting = { for: 'anything' };
    return `All right, I have cancelled ${describeBooking(current)}. I hope to see you another time.`;
  }

  recount(): string {
    const booked = this.#booked;
    if (booked !== undefined) return `You have booked ${describeBooking(booked)}.`;
    if (this.#draft !== undefined) return `So far I have ${describeBooking(this.#draft)}. ${this.#ask()}`;
    return this.#offerBooking('I have no booking from you yet.');
  }

  yes(): string {
    switch (this.#expecting.for) {
      case 'confirmation': {
        this.#booked = this.#draft ?? {};
        this.#draft = undefined;
        this.#expecting = { for: 'anything' };
        return `Wonderful. I have booked ${describeBooking(this.#booked)}. We look forward to seeing you.`;
      }
      case 'offer':
        this.#draft = {};
        return `Lovely. ${this.#ask()}`;
      case 'day':
      case 'time':
      case 'party':
        return this.#ask();
      case 'change':
        return this.#askForChange('Certainly.');
      case 'anything':
        return 'Lovely. What can I do for you?';
    }
  }

  no(): string {
    switch (this.#expecting.for) {
      case 'confirmation':
        return this.#askForChange('No problem.');
      case 'day':
      case 'time':
      case 'party':
        this.#draft = undefined;
        this.#expecting = { for: 'anything' };
        return 'All right, then we leave it at that. What else can I do for you?';
      case 'change':
        if (this.#draft !== undefined) return this.#ask();
        this.#expecting = { for: 'anything' };
        return 'Good, then everything stays as it is.';
      case 'offer':
      case 'anything':
        this.#expecting = { for: 'anything' };
        return 'All right. Just ask if there is anything else.';
    }
  }

  #ask(): string {
    const { expecting, question } = nextQuestion(this.#draft ?? {});
    this.#expecting = expecting;
    const started = expecting.for === 'day' || expecting.for === 'time';
    return started ? `${this.#acknowledgement()} ${question}` : question;
  }

  #acknowledgement(): string {
    const draft = this.#draft ?? {};
    return Object.keys(draft).length === 0
      ? 'With pleasure.'
      : `${sentenceCase(describeBooking(draft))}, with pleasure.`;
  }

  #askForChange(opening: string): string {
    this.#expecting = { for: 'change' };
    return `${opening} What shall I change: the day, the time, or the number of people?`;
  }

  #offerBooking(opening: string): string {
    this.#expecting = { for: 'offer' };
    return `${opening} Would you like to make one?`;
  }
}

function sentenceCase(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
