import { expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { Ticker } from './ticker.ts';

it('ticks without drift and stops', async () => {
  const clock = new VirtualClock();
  const start = clock.nowMs();
  const ticks: number[] = [];
  const ticker = new Ticker(clock, 20, () => ticks.push(clock.nowMs() - start));
  await clock.advance(2000);
  expect(ticks).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1) * 20));
  ticker.stop();
  await clock.advance(100);
  expect(ticks).toHaveLength(100);
});
