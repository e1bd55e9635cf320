// The agents that one process runs for its visitors: one per room, never more than a limit at a time.

import type { Logger } from '../lib/log.ts';

/** An agent in a room. */
export interface RunningAgent {
  /** Fulfilled, or rejected, when the agent has left for whatever reason. */
  readonly ended: Promise<unknown>;
  close(): Promise<void>;
}

/** Puts an agent into a room; rejects when it could not get in. */
export type StartAgent = (roomName: string) => Promise<RunningAgent>;

export interface AgentPoolOptions {
  readonly start: StartAgent;
  /** How many agents may run at the same time; one that is still starting counts. */
  readonly limit: number;
  readonly log: Logger;
}

export class AgentPool {
  readonly #options: AgentPoolOptions;
  readonly #agents = new Map<string, Promise<RunningAgent>>();
  #closed = false;

  constructor(options: AgentPoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#agents.size;
  }

  /** Sends an agent to a room without waiting for it; `false` when the limit is reached or the pool is closed. */
  launch(roomName: string): boolean {
    if (this.#closed || this.#agents.size >= this.#options.limit) return false;
    const starting = this.#options.start(roomName);
    this.#agents.set(roomName, starting);
    void this.#follow(roomName, starting);
    return true;
  }

  /** Ends every agent, also those that are still on their way. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#agents.values()].map(async (starting) => (await starting).close()));
  }

  async #follow(roomName: string, starting: Promise<RunningAgent>): Promise<void> {
    const log = this.#options.log.with({ room: roomName });
    try {
      await (
        await starting
      ).ended;
    } catch (error) {
      log.error('the agent failed', { error });
    } finally {
      this.#agents.delete(roomName);
    }
  }
}
