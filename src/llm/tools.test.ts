import { tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { ToolExchange, ToolOutcome } from '../turns/history.ts';
import type { ToolHost, ToolPause } from './port.ts';
import { type AgentTool, Toolbox, type ToolBehaviour } from './tools.ts';

function toolOf(execute: () => unknown, behaviour: ToolBehaviour = {}): AgentTool {
  return { ...tool({ inputSchema: z.object({}), execute }), ...behaviour };
}

/** Runs one call of each tool at once, for a reply that is committed when the test says so. */
function run(tools: Readonly<Record<string, AgentTool>>) {
  const clock = new VirtualClock();
  const told: ToolOutcome[] = [];
  const pauses: ToolPause[] = [];
  const committed = Promise.withResolvers<void>();
  const host: ToolHost = {
    committed: committed.promise,
    settled: () => Promise.resolve(),
    onCall: ({ outcome }) => void told.push(outcome),
  };
  const calls = Object.keys(tools).map(
    (name) => ({ type: 'tool-call', toolCallId: name, toolName: name, input: {}, dynamic: true }) as const,
  );
  const step = { host, messages: [], afterCharacters: 0, signal: new AbortController().signal };
  const running = new Toolbox(tools, clock).run(calls, step);
  const ended = (async (): Promise<readonly ToolExchange[]> => {
    let next = await running.next();
    for (; next.done !== true; next = await running.next()) pauses.push(next.value);
    return next.value;
  })();
  return { clock, told, pauses, committed, ended };
}

async function* countToTwo(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

const after = (clock: VirtualClock, ms: number): Promise<string> =>
  new Promise((resolve) => {
    clock.after(ms, () => resolve('ok'));
  });

describe('a tool', () => {
  it('may give its result in parts: the last one counts', async () => {
    const { ended } = run({ count: toolOf(countToTwo) });
    expect((await ended)[0]?.outcome).toEqual({ status: 'done', output: 2 });
  });

  it('that does nothing to speak of has a result all the same', async () => {
    const { ended } = run({ note: toolOf(() => undefined) });
    expect((await ended)[0]?.outcome).toEqual({ status: 'done', output: null });
  });

  it('that was given up, and does its work after all, tells so', async () => {
    const late = Promise.withResolvers<string>();
    const { clock, told, ended } = run({ book: toolOf(() => late.promise, { deadlineMs: 500 }) });
    await clock.advance(500);
    expect((await ended)[0]?.outcome).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('No result within 0.5 s'),
    });
    late.resolve('booked');
    await clock.settle();
    expect(told.map(({ status }) => status)).toEqual(['running', 'failed', 'done']);
    expect(clock.pendingTimerCount).toBe(0);
  });
});

describe('the filler', () => {
  it('comes after its time, once, from the tool that takes too long first', async () => {
    const { clock, pauses, committed, ended } = run({
      quick: toolOf(() => 'ok', { filler: 'Quick.', fillerAfterMs: 100 }),
      slow: toolOf(async () => after(clock, 5000), { filler: 'Slow.', fillerAfterMs: 400 }),
      mute: toolOf(() => 'ok', { filler: '', fillerAfterMs: 0 }),
    });
    committed.resolve();
    await clock.advance(399);
    expect(pauses).toEqual([]);
    await clock.advance(1);
    expect(pauses).toEqual([{ type: 'pause', text: 'Slow. ' }]);
    await clock.advance(5000);
    await ended;
    expect(pauses).toHaveLength(1);
  });

  it('is not said in a draft, but as soon as the caller waits for what has taken too long already', async () => {
    const { clock, pauses, committed, ended } = run({ slow: toolOf(async () => after(clock, 5000)) });
    await clock.advance(3000);
    expect(pauses).toEqual([]);
    committed.resolve();
    await clock.advance(0);
    expect(pauses).toEqual([{ type: 'pause', text: 'One moment, please. ' }]);
    await clock.advance(5000);
    await ended;
    expect(clock.pendingTimerCount).toBe(0);
  });
});
