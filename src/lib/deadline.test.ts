import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { withDeadline } from './deadline.ts';

const expired = (): Error => new Error('too late');

describe('withDeadline', () => {
  it('passes results and failures on and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    expect(await withDeadline(Promise.resolve(1), { clock, withinMs: 5, expired })).toBe(1);
    await expect(withDeadline(Promise.reject(new Error('no')), { clock, withinMs: 5, expired })).rejects.toThrow('no');
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('rejects at the deadline, not before', async () => {
    const clock = new VirtualClock();
    let failure: unknown;
    withDeadline(new Promise(() => undefined), { clock, withinMs: 100, expired }).catch((error: unknown) => {
      failure = error;
    });
    await clock.advance(99);
    expect(failure).toBeUndefined();
    await clock.advance(1);
    expect(failure).toEqual(new Error('too late'));
  });

  it('rejects with the signal’s reason, also when that was aborted before', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const options = { clock, withinMs: 100, expired, signal: controller.signal };
    const waiting = withDeadline(new Promise(() => undefined), options);
    controller.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    await expect(withDeadline(new Promise(() => undefined), options)).rejects.toThrow('stop');
    expect(clock.pendingTimerCount).toBe(0);
  });
});
