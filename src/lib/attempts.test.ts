import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { pause, withAttempts, type AttemptOptions } from './attempts.ts';
import { StageError } from './errors.ts';

let clock: VirtualClock;
let retries: number[];

beforeEach(() => {
  clock = new VirtualClock();
  retries = [];
});

afterEach(() => {
  expect(clock.pendingTimerCount).toBe(0);
});

function options(overrides: Partial<AttemptOptions> = {}): AttemptOptions {
  return {
    clock,
    signal: new AbortController().signal,
    firstDeadlineMs: 5000,
    stallDeadlineMs: 2000,
    late: (waitedMs) => new Error(`nothing within ${waitedMs} ms`),
    onRetry: (_, delayMs) => retries.push(delayMs),
    random: () => 0.5,
    ...overrides,
  };
}

const fault = (retryAfterMs?: number): StageError =>
  new StageError('LLM', 'overloaded', { retryable: true, retryAfterMs });

interface Attempt {
  readonly items?: readonly string[];
  /** Before each item. */
  readonly afterMs?: number;
  readonly error?: Error;
  readonly hangs?: boolean;
}

/** Each call of `open` plays the next attempt. */
function service(...attempts: Attempt[]) {
  const aborted: boolean[] = [];
  let count = 0;
  async function* open(signal: AbortSignal): AsyncGenerator<string, void> {
    const index = count;
    const { items = [], afterMs = 0, error, hangs = false } = attempts[count] ?? {};
    count += 1;
    aborted[index] = false;
    signal.addEventListener('abort', () => (aborted[index] = true));
    for (const item of items) {
      await pause(clock, afterMs, signal);
      yield item;
    }
    if (error !== undefined) throw error;
    if (hangs) await pause(clock, 1e9, signal);
  }
  return { open, aborted, count: () => count };
}

/** What came, and how it ended. */
async function read(stream: AsyncIterable<string>, advanceMs = 60_000) {
  const items: string[] = [];
  const reading = (async () => {
    for await (const item of stream) items.push(item);
  })().then(
    () => undefined,
    (error: unknown) => error,
  );
  await clock.advance(advanceMs);
  return { items, error: await reading };
}

describe('withAttempts', () => {
  it('passes on what comes', async () => {
    const { open } = service({ items: ['a', 'b'], afterMs: 1900 });
    expect(await read(withAttempts(open, options()))).toEqual({ items: ['a', 'b'], error: undefined });
  });

  it('tries again what failed before its first item, later each time', async () => {
    const { open } = service({ error: fault() }, { error: fault() }, { items: ['a'] });
    expect(await read(withAttempts(open, options()))).toEqual({ items: ['a'], error: undefined });
    expect(retries).toEqual([150, 300]);
  });

  it('gives up after three attempts', async () => {
    const error = fault();
    const { open, count } = service({ error }, { error }, { error }, { items: ['a'] });
    expect(await read(withAttempts(open, options()))).toEqual({ items: [], error });
    expect(count()).toBe(3);
  });

  it('never begins again what has begun', async () => {
    const error = fault();
    const { open, count } = service({ items: ['a'], error });
    expect(await read(withAttempts(open, options()))).toEqual({ items: ['a'], error });
    expect(count()).toBe(1);
  });

  it('does not try again where it would not help', async () => {
    const error = new StageError('LLM', 'wrong key');
    const { open, count } = service({ error });
    expect(await read(withAttempts(open, options()))).toEqual({ items: [], error });
    expect(count()).toBe(1);
  });

  it('waits as long as the service asks, and not at all where that is too long', async () => {
    const patient = service({ error: fault(2000) }, { items: ['a'] });
    expect((await read(withAttempts(patient.open, options()))).items).toEqual(['a']);
    expect(retries).toEqual([2000]);
    const error = fault(20_000);
    const impatient = service({ error }, { items: ['a'] });
    expect(await read(withAttempts(impatient.open, options()))).toEqual({ items: [], error });
  });

  it('gives up on a service that says nothing, and ends the attempt', async () => {
    const { open, aborted } = service({ hangs: true });
    const { error } = await read(withAttempts(open, options()));
    expect(error).toMatchObject({ message: 'nothing within 5000 ms' });
    expect(aborted).toEqual([true]);
  });

  it('gives up on a service that stalls', async () => {
    const { open, aborted } = service({ items: ['a'], hangs: true });
    const { items, error } = await read(withAttempts(open, options()));
    expect(items).toEqual(['a']);
    expect(error).toMatchObject({ message: 'nothing within 2000 ms' });
    expect(aborted).toEqual([true]);
  });

  it('does not blame the service for time in which it waits for us', async () => {
    const { open } = service({ items: ['a', 'b'], afterMs: 30_000 });
    const { items, error } = await read(withAttempts(open, options({ isStarved: () => true })), 120_000);
    expect([items, error]).toEqual([['a', 'b'], undefined]);
  });

  it('does not count the time that the reader takes', async () => {
    const { open } = service({ items: ['a', 'b'] });
    const slow = (async function* slowly() {
      for await (const item of withAttempts(open, options())) {
        yield item;
        await pause(clock, 30_000, new AbortController().signal);
      }
    })();
    expect((await read(slow, 120_000)).items).toEqual(['a', 'b']);
  });

  it.each(['while it waits', 'between attempts'])('ends quietly when aborted %s', async (when) => {
    const controller = new AbortController();
    const { open, count } = service(when === 'while it waits' ? { hangs: true } : { error: fault(4000) });
    clock.after(1000, () => controller.abort());
    expect(await read(withAttempts(open, options({ signal: controller.signal })))).toEqual({
      items: [],
      error: undefined,
    });
    expect(count()).toBe(1);
  });

  it('ends the attempt when its reader stops', async () => {
    const { open, aborted } = service({ items: ['a'], hangs: true });
    const first = (async function* readOne() {
      for await (const item of withAttempts(open, options())) {
        yield item;
        return;
      }
    })();
    expect((await read(first)).items).toEqual(['a']);
    expect(aborted).toEqual([true]);
  });
});
