// Reads an async iterable one item ahead of its reader.

/**
 * While the reader is busy with an item, the next one is already asked for, and no more than that. What the source throws
 * comes after the items before it. A reader that leaves returns the source without waiting for it.
 */
export async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const asked = iterator.next();
    // Its failure is told when its turn has come; until then it is nobody's.
    asked.catch(() => undefined);
    return asked;
  };
  try {
    for (let ahead = ask(); ;) {
      const current = await ahead;
      if (current.done === true) return;
      ahead = ask();
      yield current.value;
    }
  } finally {
    // Its reader is gone: nobody is left to be told how leaving went.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
