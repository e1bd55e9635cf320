import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RemoteParticipant } from '../room/port.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { CallerRoundTrip } from './caller-round-trip.ts';

let clock: VirtualClock;
let askedAtMs: number[];
let told: (readonly [endedAtMs: number, ms: number])[];
/** What the way takes; undefined: nobody answers, which is known two seconds later. */
let wayMs: number | undefined;
let isHelped: boolean;
let roundTrip: CallerRoundTrip;

function begin(kind: RemoteParticipant['kind'] = 'standard'): void {
  const caller = { identity: 'caller', name: '', kind, attributes: {}, microphone: undefined };
  roundTrip = new CallerRoundTrip({
    identity: 'caller',
    room: {
      participants: new Map([['caller', caller]]),
      measureRoundTrip: (identity) => {
        expect(identity).toBe('caller');
        askedAtMs.push(clock.nowMs());
        const ms = wayMs;
        return new Promise((resolve) => clock.after(ms ?? 2000, () => resolve(ms)));
      },
    },
    clock,
    isHelped: () => isHelped,
    onRoundTrip: (endedAtMs, ms) => told.push([endedAtMs, ms]),
  });
}

beforeEach(() => {
  clock = new VirtualClock();
  askedAtMs = [];
  told = [];
  wayMs = 40;
  isHelped = false;
});

afterEach(async () => {
  roundTrip.close();
  await clock.advance(3000);
  expect(clock.pendingTimerCount).toBe(0);
});

describe('CallerRoundTrip', () => {
  it('asks a few times at the beginning, and then each five seconds', async () => {
    const startedAtMs = clock.nowMs();
    begin();
    await clock.advance(21_500);
    expect(told.slice(0, 3).map(([endedAtMs, ms]) => [endedAtMs - startedAtMs, ms])).toEqual([
      [540, 40],
      [830, 40],
      [1120, 40],
    ]);
    expect(askedAtMs).toHaveLength(7);
  });

  it('stops for good where nothing answers', async () => {
    wayMs = undefined;
    begin();
    await clock.advance(600_000);
    expect(askedAtMs).toHaveLength(3);
    expect(told).toEqual([]);
  });

  it('asks nothing while the page helps, and goes on once it does not', async () => {
    isHelped = true;
    begin();
    await clock.advance(20_000);
    expect(askedAtMs).toEqual([]);
    isHelped = false;
    await clock.advance(10_000);
    expect(told.length).toBeGreaterThan(2);
  });

  it.each(['agent', 'sip'] as const)('asks nothing of a participant of kind %s', async (kind) => {
    begin(kind);
    await clock.advance(60_000);
    expect(askedAtMs).toEqual([]);
  });

  it('tells nothing after its end', async () => {
    begin();
    await clock.advance(510);
    roundTrip.close();
    await clock.advance(10_000);
    expect(told).toEqual([]);
  });
});
