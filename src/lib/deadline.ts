// Waits that end: by a result, by a deadline, or by an AbortSignal.

import type { Clock } from './clock.ts';

/**
 * Resolves or rejects as `promise` does, unless `withinMs` pass first (rejects with what `expired` makes)
 * or `signal` is aborted first (rejects with its reason). `promise` itself goes on; its late failure is not reported.
 */
export function withDeadline<T>(
  promise: Promise<T>,
  {
    clock,
    withinMs,
    signal,
    expired,
  }: {
    readonly clock: Clock;
    readonly withinMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly expired: () => Error;
  },
): Promise<T> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = (): void => reject(signal?.reason);
  const timer = clock.after(withinMs, () => reject(expired()));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  promise.then(resolve, reject);
  return ended.finally(() => {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  });
}
