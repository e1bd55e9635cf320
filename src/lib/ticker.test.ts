import { beforeEach, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { Ticker } from './ticker.ts';

let clock: VirtualClock;
let start: number;
let ticks: number[];

beforeEach(() => {
  clock = new VirtualClock();
  start = clock.nowMs();
  ticks = [];
});

const startTicker = (): Ticker => new Ticker(clock, 20, () => ticks.push(clock.nowMs() - start));

it('ticks without drift and stops', async () => {
  const ticker = startTicker();
  await clock.advance(2000);
  expect(ticks).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1) * 20));
  ticker.stop();
  await clock.advance(100);
  expect(ticks).toHaveLength(100);
});

it('skips what it missed and keeps to its instants', async () => {
  startTicker();
  await clock.advance(20);
  clock.block(50);
  await clock.advance(50);
  expect(ticks).toEqual([20, 70, 80, 100, 120]);
});

it('can be put off, and goes on from there, with the timer that it has', async () => {
  const ticker = startTicker();
  for (let passed = 0; passed < 200; passed += 10) {
    ticker.nextAt(clock.nowMs() + 60);
    expect(clock.pendingTimerCount).toBe(1);
    await clock.advance(10);
  }
  expect(ticks).toEqual([]);
  await clock.advance(100);
  expect(ticks).toEqual([250, 270, 290]);
});

it('can be brought forward, to the past as well', async () => {
  const ticker = startTicker();
  ticker.nextAt(start + 7);
  await clock.advance(30);
  expect(ticks).toEqual([7, 27]);
  ticker.nextAt(start);
  await clock.advance(0);
  expect(ticks).toEqual([7, 27, 30]);
  expect(ticker.dueAtMs - start).toBe(40);
});

it('that has stopped stays stopped', async () => {
  const ticker = startTicker();
  ticker.stop();
  ticker.nextAt(start + 5);
  expect(clock.pendingTimerCount).toBe(0);
});
