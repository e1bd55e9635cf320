// Waiting for something to become true of what has been observed, without polling and with a deadline.

export interface WaitOptions {
  readonly timeoutMs: number;
  /** What is waited for, for the message of the failure. */
  readonly what: string;
}

/** Tells those who wait that something has changed. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves with the first value other than `undefined` that `look` returns, now or after a change; rejects at the deadline. */
  async until<T>(look: () => T | undefined, { timeoutMs, what }: WaitOptions): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const attempt = (): void => {
      try {
        const found = look();
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    const deadline = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)), timeoutMs);
    this.#waiting.add(attempt);
    try {
      attempt();
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#waiting.delete(attempt);
    }
  }
}
