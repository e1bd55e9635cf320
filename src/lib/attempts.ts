// A stream from a service that may be slow, stall or fail: deadlines for each wait, and another attempt while nothing has
// come of it yet. What has begun is never begun again: half a sentence would be said twice.

import type { Clock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import { ReparteeError } from './errors.ts';

export interface AttemptOptions {
  readonly clock: Clock;
  /** Ends the stream quietly. */
  readonly signal: AbortSignal;
  /** For the first item, over all attempts. */
  readonly firstDeadlineMs: number;
  /** For each further one. */
  readonly stallDeadlineMs: number;
  /** Makes the error of a deadline that has passed. */
  readonly late: (waitedMs: number) => Error;
  /** Whether the service waits for us at this moment: such time is not its fault. */
  readonly isStarved?: () => boolean;
  /** Whether another attempt may help. Default: an error that says so. */
  readonly isRetryable?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, delayMs: number) => void;
  /** 0 to 1. */
  readonly random?: () => number;
}

const MAX_ATTEMPTS = 3;
/** The first wait in the middle; the next ones double. Half to one and a half of it, so that callers don't come in step. */
const RETRY_DELAY_MS = 150;

/**
 * The items of the first attempt that gives one. An attempt is made again where it failed with a retryable error before its
 * first item, if the service's wish (`retryAfterMs`) allows it within the deadline. Throws the last error otherwise.
 */
export async function* withAttempts<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  options: AttemptOptions,
): AsyncGenerator<T, void, undefined> {
  const { clock, signal, firstDeadlineMs, random = Math.random, isRetryable = saysRetryable, onRetry } = options;
  const firstByMs = clock.nowMs() + firstDeadlineMs;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    let begun = false;
    try {
      for await (const item of withDeadlines(open, firstByMs, options)) {
        begun = true;
        yield item;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (begun || attempt === MAX_ATTEMPTS || !isRetryable(error)) throw error;
      const jitterMs = RETRY_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random());
      const wishMs = error instanceof ReparteeError ? error.retryAfterMs : undefined;
      const delayMs = Math.max(jitterMs, wishMs ?? 0);
      if (clock.nowMs() + delayMs >= firstByMs) throw error;
      onRetry?.(error, delayMs);
      await pause(clock, delayMs, signal);
    }
  }
}

function saysRetryable(error: unknown): boolean {
  return error instanceof ReparteeError && error.retryable;
}

/** One attempt. A deadline that passes aborts it. */
async function* withDeadlines<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  firstByMs: number,
  options: AttemptOptions,
): AsyncGenerator<T, void, undefined> {
  const { clock, signal, firstDeadlineMs, stallDeadlineMs } = options;
  const giveUp = new AbortController();
  const items = open(AbortSignal.any([signal, giveUp.signal]))[Symbol.asyncIterator]();
  let waitMs = firstByMs - clock.nowMs();
  let deadlineMs = firstDeadlineMs;
  let ended = false;
  try {
    for (;;) {
      const item = await within(items.next(), waitMs, deadlineMs, options);
      if (item.done === true) {
        ended = true;
        return;
      }
      yield item.value;
      waitMs = stallDeadlineMs;
      deadlineMs = stallDeadlineMs;
    }
  } finally {
    if (!ended) {
      giveUp.abort();
      // Not awaited: an iterator that hangs would hang here too. The abort ends it, mostly with an error that says so.
      items.return?.().catch(() => undefined);
    }
  }
}

/** Waits once more where the service could not have answered yet. */
async function within<T>(
  next: Promise<T>,
  waitMs: number,
  deadlineMs: number,
  { clock, signal, late, isStarved = () => false }: AttemptOptions,
): Promise<T> {
  const expiry = new Error('deadline');
  for (let withinMs = waitMs; ; withinMs = deadlineMs) {
    try {
      return await withDeadline(next, { clock, withinMs, signal, expired: () => expiry });
    } catch (error) {
      if (error !== expiry) throw error;
      if (!isStarved()) throw late(deadlineMs);
    }
  }
}

/** Resolves after the time, or when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
