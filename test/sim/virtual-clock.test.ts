import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = new VirtualClock({ startAtMs: 50, startEpochMs: 1_000_000 });
    let ran = false;
    clock.after(0, () => {
      ran = true;
    });
    await clock.settle();
    expect([clock.nowMs(), clock.epochMs(), ran]).toEqual([50, 1_000_000, false]);
    await clock.advance(0);
    expect(ran).toBe(true);
    await clock.advance(25);
    expect([clock.nowMs(), clock.epochMs()]).toEqual([75, 1_000_025]);
  });

  it('runs timers by due time, those of one instant in the order they were made', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    clock.after(20, () => order.push('20a'));
    clock.after(10, () => order.push('10'));
    clock.after(20, () => order.push('20b'));
    await clock.advance(20);
    expect(order).toEqual(['10', '20a', '20b']);
  });

  it('shows each callback the instant at which it was due', async () => {
    const clock = new VirtualClock({ startAtMs: 0 });
    const instants: number[] = [];
    const tick = (): void => {
      instants.push(clock.nowMs());
      clock.after(20, tick);
    };
    clock.after(20, tick);
    await clock.advance(70);
    expect(instants).toEqual([20, 40, 60]);
    expect(clock.nowMs()).toBe(70);
    expect(clock.nextTimerAtMs).toBe(80);
  });

  it('lets a chain of promises finish before the next timer', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const chain = async (): Promise<void> => {
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      order.push('chain');
    };
    let finished: Promise<void> | undefined;
    clock.after(10, () => {
      finished = chain();
    });
    clock.after(10, () => order.push('timer'));
    await clock.advance(10);
    await finished;
    expect(order).toEqual(['chain', 'timer']);
  });

  it('never runs a cancelled timer, and cancelling twice is harmless', async () => {
    const clock = new VirtualClock();
    let ran = false;
    const timer = clock.after(5, () => {
      ran = true;
    });
    timer.cancel();
    timer.cancel();
    await clock.advance(10);
    expect([ran, clock.pendingTimerCount]).toEqual([false, 0]);
  });

  it('rejects with what a callback throws, and can go on', async () => {
    const clock = new VirtualClock();
    clock.after(5, () => {
      throw new Error('from the callback');
    });
    await expect(clock.advance(10)).rejects.toThrow('from the callback');
    await clock.advance(10);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('runs timers late after the loop was blocked', async () => {
    const clock = new VirtualClock({ startAtMs: 0 });
    let ranAtMs = -1;
    clock.after(20, () => {
      ranAtMs = clock.nowMs();
    });
    clock.block(100);
    expect(ranAtMs).toBe(-1);
    await clock.advance(0);
    expect(ranAtMs).toBe(100);
  });
});
