// What a session tells of its call, and what becomes of it: traces and metrics of whatever OpenTelemetry SDK there is.
// Nothing of it is done on the audio path: it waits for a turn of the event loop of its own.

import { randomUUID } from 'node:crypto';

import type { Meter, Tracer } from '@opentelemetry/api';

import type { Clock, Timer } from '../lib/clock.ts';
import type { Room } from '../room/port.ts';
import { type CallFacts, CallTrace, type ModelFacts } from './call-trace.ts';
import type { Disclosure } from './disclosure.ts';
import type { FinishedTurn } from './finished-turn.ts';
import { Metrics } from './metrics.ts';

/** Told of one call, in order. No method throws, or takes time. */
export interface CallObserver {
  caller(identity: string): void;
  /** Once for each turn, when its account is final. */
  turn(turn: FinishedTurn): void;
  /** Nothing follows. */
  end(reason: string): void;
}

export interface TelemetryOptions {
  readonly tracer: Tracer;
  readonly meter: Meter;
  readonly disclosure: Disclosure;
  readonly clock: Clock;
}

/** What a trace tells of the room; its wall time is that by which receivers map our packets too. */
export type CallRoom = Pick<Room, 'name' | 'localIdentity' | 'epochOffsetMs'>;

/** One for a process. */
export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #metrics: Metrics;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#metrics = new Metrics(options.meter);
  }

  /** A call begins: in this room, with replies by this model. */
  begin({ name, localIdentity, epochOffsetMs }: CallRoom, model: ModelFacts): CallObserver {
    const call = { id: randomUUID(), roomName: name, agentIdentity: localIdentity, model };
    return new CallTelemetry(call, { ...this.#options, epochOffsetMs, metrics: this.#metrics });
  }
}

interface CallTelemetryOptions extends Omit<TelemetryOptions, 'meter'> {
  readonly epochOffsetMs: number;
  readonly metrics: Metrics;
}

class CallTelemetry implements CallObserver {
  readonly #options: CallTelemetryOptions;
  readonly #call: CallFacts;
  readonly #trace: CallTrace;
  readonly #startedAtMs: number;
  readonly #waiting: (() => void)[] = [];
  #timer: Timer | undefined;
  #ended = false;

  constructor(call: CallFacts, options: CallTelemetryOptions) {
    this.#options = options;
    this.#call = call;
    this.#startedAtMs = options.clock.nowMs();
    this.#trace = new CallTrace({ ...options, call, startedAtMs: this.#startedAtMs });
    options.metrics.callBegan();
  }

  caller(identity: string): void {
    this.#later(() => this.#trace.caller(identity));
  }

  turn(turn: FinishedTurn): void {
    this.#later(() => {
      this.#trace.turn(turn);
      this.#options.metrics.turn(turn, this.#call.model);
    });
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    this.#work(this.#waiting.length);
    const nowMs = this.#options.clock.nowMs();
    this.#trace.end(nowMs, reason);
    this.#options.metrics.callEnded(nowMs - this.#startedAtMs);
  }

  #later(work: () => void): void {
    if (this.#ended) return;
    this.#waiting.push(work);
    this.#schedule();
  }

  /** One at a time: frames of all calls want the event loop every few milliseconds. */
  #schedule(): void {
    if (this.#waiting.length === 0) return;
    this.#timer ??= this.#options.clock.after(0, () => {
      this.#timer = undefined;
      this.#work(1);
      this.#schedule();
    });
  }

  #work(count: number): void {
    for (const work of this.#waiting.splice(0, count)) work();
  }
}
