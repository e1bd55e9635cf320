// Lets a stage run ahead of the one that reads it, as far as a bound allows.

import { BoundedQueue } from './queue.ts';

/**
 * Reads `source` at once and as fast as it comes, keeping at most `capacity` items for the reader. Without it, a chain of
 * async iterables runs one stage at a time. Errors of the source reach the reader after the items before them; an abort
 * ends both sides quietly.
 */
export function prefetch<T>(
  source: AsyncIterable<T>,
  capacity: number,
  { signal }: { readonly signal: AbortSignal },
): AsyncIterable<T> {
  const queue = new BoundedQueue<T>(capacity, 'refuse');
  let failure: { readonly error: unknown } | undefined;
  const pump = async (): Promise<void> => {
    try {
      for await (const item of source) await queue.put(item, { signal });
    } catch (error) {
      if (!signal.aborted) failure = { error };
    } finally {
      queue.close();
    }
  };
  void pump();
  return (async function* read(): AsyncGenerator<T, void, undefined> {
    for await (const item of queue) {
      if (signal.aborted) return;
      yield item;
    }
    if (failure !== undefined) throw failure.error;
  })();
}
