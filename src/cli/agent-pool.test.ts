import { describe, expect, it } from 'vitest';

import { createLogger, silentLogger } from '../lib/log.ts';
import { AgentPool, type RunningAgent } from './agent-pool.ts';

/** An agent that ends when it is closed, or when the test says so. */
function standIn() {
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let closeCount = 0;
  const agent: RunningAgent = {
    ended,
    close: async () => {
      closeCount += 1;
      end();
    },
  };
  return { agent, end, fail, closeCount: () => closeCount };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('agent pool', () => {
  it('refuses an agent beyond its limit and has room again once one has ended', async () => {
    const first = standIn();
    const pool = new AgentPool({ start: async () => first.agent, limit: 1, log: silentLogger });
    expect(pool.launch('a')).toBe(true);
    expect(pool.launch('b')).toBe(false);
    first.end();
    await settled();
    expect(pool.size).toBe(0);
    expect(pool.launch('b')).toBe(true);
  });

  it('frees the place and says which room when an agent could not get in, or failed in it', async () => {
    const lines: string[] = [];
    const log = createLogger((level, _message, fields) => lines.push(`${level} ${String(fields['room'])}`));
    const failing = standIn();
    const start = async (roomName: string) => {
      if (roomName === 'a') throw new Error('no server');
      return failing.agent;
    };
    const pool = new AgentPool({ start, limit: 2, log });
    pool.launch('a');
    pool.launch('b');
    failing.fail(new Error('thrown out'));
    await settled();
    expect(pool.size).toBe(0);
    expect(lines).toEqual(['error a', 'error b']);
  });

  it('closes agents that run and agents that are still starting', async () => {
    const running = standIn();
    const late = standIn();
    const arrival = Promise.withResolvers<RunningAgent>();
    const start = (roomName: string) => (roomName === 'running' ? Promise.resolve(running.agent) : arrival.promise);
    const pool = new AgentPool({ start, limit: 2, log: silentLogger });
    pool.launch('running');
    pool.launch('late');
    const closed = pool.close();
    arrival.resolve(late.agent);
    await closed;
    expect([running.closeCount(), late.closeCount()]).toEqual([1, 1]);
    expect(pool.launch('after')).toBe(false);
  });
});
