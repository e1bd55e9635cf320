// The one place where time is read. Everything else gets a `Clock`, or an instant as an argument,
// so that every rule can be tested in virtual time.

/** A pending callback; `cancel` is idempotent and does nothing once the callback has run. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic instant in milliseconds, with an arbitrary origin. All names that end in `AtMs` hold such instants. */
  nowMs(): number;
  /** Wall time in milliseconds since 1970, only for people and for NTP. */
  epochMs(): number;
  /** Calls `callback` once, not before `delayMs` milliseconds have passed. */
  after(delayMs: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
};
