import { expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { StageError } from '../lib/errors.ts';
import { silentLogger } from '../lib/log.ts';
import type { SpeechToText } from '../stt/port.ts';
import { Recognition } from './recognition.ts';

/** The waits before each further attempt at a recogniser that always refuses like this. */
async function waits(error: Error, { random = 0.5, count = 6 } = {}): Promise<number[]> {
  const clock = new VirtualClock();
  const openedAtMs: number[] = [];
  const stt: SpeechToText = {
    name: 'refusing',
    wordTimes: false,
    open: async () => {
      openedAtMs.push(clock.nowMs());
      throw error;
    },
    close: async () => undefined,
  };
  const recognition = new Recognition({
    stt,
    onEvent: () => undefined,
    onDeaf: () => undefined,
    bufferFrames: 10,
    clock,
    log: silentLogger,
    random: () => random,
    signal: new AbortController().signal,
  });
  await clock.advance(600_000);
  recognition.close();
  await clock.advance(100_000);
  expect(clock.pendingTimerCount).toBe(0);
  return openedAtMs.slice(1, count + 1).map((atMs, index) => atMs - (openedAtMs[index] ?? 0));
}

const refusal = (details: { readonly retryable: boolean; readonly retryAfterMs?: number }): StageError =>
  new StageError('STT', 'no', details);

it('a recogniser that fails is opened again at once, and then less and less often', async () => {
  expect(await waits(refusal({ retryable: true }))).toEqual([0, 500, 1000, 2000, 5000, 5000]);
});

it('the waits are of different lengths, so that many calls do not come at the same time', async () => {
  expect(await waits(refusal({ retryable: true }), { random: 0 })).toEqual([0, 250, 500, 1000, 2500, 2500]);
});

it('one that asks for a wait is given it', async () => {
  expect(await waits(refusal({ retryable: true, retryAfterMs: 1500 }))).toEqual([1500, 1500, 1500, 2000, 5000, 5000]);
});

it('but no longer one than a call lasts', async () => {
  expect(await waits(refusal({ retryable: true, retryAfterMs: 3_600_000 }), { count: 2 })).toEqual([60_000, 60_000]);
});

it('one that a person has to let in is seldom asked', async () => {
  expect(await waits(refusal({ retryable: false }), { count: 3 })).toEqual([30_000, 30_000, 30_000]);
});
