// How much may be prepared on the chance that it is needed: bounds that all calls of a process share. Work that somebody
// waits for is counted and never held back; what is speculative gets what is left, and makes room.

import type { AgentSettings } from '../agent.ts';
import type { Clock } from '../lib/clock.ts';
import type { StageError } from '../lib/errors.ts';

export type Service = 'llm' | 'tts';

/** What a piece of work is for; each goes before those named before it. */
export type Urgency = 'anticipation' | 'draft' | 'committed';
export type SpeculativeUrgency = Exclude<Urgency, 'committed'>;

const RANK = { anticipation: 0, draft: 1, committed: 2 } as const satisfies Record<Urgency, number>;

/** Kept free for work that somebody waits for, so that its beginning is not refused while speculative work makes room. */
const RESERVED = 1;
const WINDOW_MS = 60_000;

/** A request to the model, or a context of the voice, that is under way. */
export interface ServiceUse {
  /** Somebody waits for it: it is not given up any more, and takes from the others where there are too many. */
  commit(): void;
  /** Idempotent. */
  end(): void;
}

export interface UseOptions {
  /** Its place is needed for work that goes before it: what it does is to be cancelled. It has ended. */
  readonly onGivenUp: () => void;
}

interface Use extends UseOptions {
  readonly service: Service;
  urgency: Urgency;
}

interface Waiting extends UseOptions {
  readonly service: Service;
  readonly urgency: SpeculativeUrgency;
  readonly onFree: (use: ServiceUse) => void;
}

/** Share one between all sessions that use the same accounts. */
export class SpeculationLimits {
  readonly #bounds: AgentSettings['speculation'];
  readonly #clock: Clock;
  /** In the order in which they began. */
  readonly #uses: Use[] = [];
  readonly #waiting: Waiting[] = [];
  #spent: { readonly atMs: number; readonly tokens: number }[] = [];
  readonly #offUntilMs: Record<Service, number> = { llm: Number.NEGATIVE_INFINITY, tts: Number.NEGATIVE_INFINITY };

  constructor(bounds: AgentSettings['speculation'], clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Begins work that somebody waits for: never refused. Speculative work makes room, if need be. */
  commit(service: Service): ServiceUse {
    const use = this.#add({ service, urgency: 'committed', onGivenUp: () => undefined });
    this.#makeRoom(service, this.#boundOf(service));
    return use;
  }

  /** Begins speculative work; undefined where there is no room for it. `tokens`: of the prompt, estimated. */
  tryBegin(
    service: Service,
    urgency: SpeculativeUrgency,
    { tokens = 0, onGivenUp }: UseOptions & { readonly tokens?: number },
  ): ServiceUse | undefined {
    const unmovable = this.#uses.filter((use) => use.service === service && RANK[use.urgency] >= RANK[urgency]).length;
    const room = this.#boundOf(service) - RESERVED;
    const isAffordable = service === 'tts' || this.#spentTokens() + tokens <= this.#bounds.tokensPerMinute;
    if (this.#isOff(service) || unmovable >= room || !isAffordable) return undefined;
    const use = this.#add({ service, urgency, onGivenUp });
    this.#makeRoom(service, room);
    return use;
  }

  /** Begins speculative work as soon as others leave room for it; the returned function gives the place in the queue up. */
  whenFree(
    service: Service,
    urgency: SpeculativeUrgency,
    options: UseOptions & { readonly onFree: (use: ServiceUse) => void },
  ): () => void {
    const waiting: Waiting = { service, urgency, ...options };
    const next = this.#waiting.findIndex((other) => RANK[other.urgency] < RANK[urgency]);
    this.#waiting.splice(next === -1 ? this.#waiting.length : next, 0, waiting);
    return () => remove(this.#waiting, waiting);
  }

  /** Tokens of any request, aborted or not: they are paid for, and count against the account's limits. */
  spend(tokens: number): void {
    this.#spent.push({ atMs: this.#clock.nowMs(), tokens });
  }

  /**
   * The service refused work because a limit of the account is reached: nothing speculative is begun for as long as it asks,
   * or for `offMs`. Where somebody waits for the work, what is speculative and under way makes room at once.
   */
  limitReached(service: Service, { retryAfterMs }: StageError, urgency: Urgency): void {
    const untilMs = this.#clock.nowMs() + (retryAfterMs ?? this.#bounds.offMs);
    this.#offUntilMs[service] = Math.max(this.#offUntilMs[service], untilMs);
    if (urgency === 'committed') this.#makeRoom(service, 0);
  }

  #isOff(service: Service): boolean {
    return this.#clock.nowMs() < this.#offUntilMs[service];
  }

  #boundOf(service: Service): number {
    return service === 'llm' ? this.#bounds.llmRequests : this.#bounds.ttsContexts;
  }

  #spentTokens(): number {
    const fromMs = this.#clock.nowMs() - WINDOW_MS;
    this.#spent = this.#spent.filter(({ atMs }) => atMs > fromMs);
    return this.#spent.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  #add(use: Use): ServiceUse {
    this.#uses.push(use);
    return {
      commit: () => {
        if (!this.#uses.includes(use)) return;
        use.urgency = 'committed';
        this.#makeRoom(use.service, this.#boundOf(use.service));
      },
      end: () => {
        if (remove(this.#uses, use)) this.#serveWaiting(use.service);
      },
    };
  }

  /**
   * Gives speculative work up until no more than `count` are under way: the least urgent first, and of these the newest,
   * which has come least far.
   */
  #makeRoom(service: Service, count: number): void {
    for (;;) {
      const uses = this.#uses.filter((use) => use.service === service);
      const [last] = uses.toReversed().toSorted((one, other) => RANK[one.urgency] - RANK[other.urgency]);
      if (uses.length <= count || last === undefined || last.urgency === 'committed') return;
      remove(this.#uses, last);
      last.onGivenUp();
    }
  }

  #serveWaiting(service: Service): void {
    for (const waiting of this.#waiting.filter((one) => one.service === service)) {
      // Whoever was served before may have taken it back.
      if (!this.#waiting.includes(waiting)) continue;
      const use = this.tryBegin(service, waiting.urgency, waiting);
      if (use === undefined) return;
      remove(this.#waiting, waiting);
      waiting.onFree(use);
    }
  }
}

function remove<T>(items: T[], item: T): boolean {
  const index = items.indexOf(item);
  if (index !== -1) items.splice(index, 1);
  return index !== -1;
}
