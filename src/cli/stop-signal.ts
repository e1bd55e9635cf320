// The wish to end: Ctrl-C, SIGTERM, a closed terminal.

import { systemClock, type Clock } from '../lib/clock.ts';

/** In a terminal Ctrl-C comes twice where npm runs us, from the terminal and from npm: that is one wish. */
const sameWishMs = 500;

/** Aborted at the first of these signals. Asked again, the process exits at once with code 1. */
export function stopSignal(clock: Clock = systemClock): AbortSignal {
  const stopping = new AbortController();
  let askedAtMs = Infinity;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (clock.nowMs() - askedAtMs > sameWishMs) process.exit(1);
      if (stopping.signal.aborted) return;
      askedAtMs = clock.nowMs();
      stopping.abort(new Error(`stopped by ${name}`));
    });
  }
  return stopping.signal;
}

/** Fulfilled once `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
