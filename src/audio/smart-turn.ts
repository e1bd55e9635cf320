// Smart Turn v3 (Daily, BSD 2-Clause), a model of the sound of complete turns, in a process of its own: one for all calls.
// What it can't say in time it doesn't say; after a fault it says nothing any more, and the calls go on by words alone.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../lib/clock.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { ConfigurationError, DeadlineError, unreachable } from '../lib/errors.ts';
import { silentLogger } from '../lib/log.ts';
import type { Logger } from '../lib/log.ts';
import { HEARD_SAMPLES } from './smart-turn/features.ts';
import type { JudgingRequest, JudgingResponse } from './smart-turn/protocol.ts';
import { cachedWeights, WEIGHTS_SHA256 } from './smart-turn/weights.ts';
import type { SoundModel } from './sound-model.ts';

export interface SmartTurnOptions {
  /** Of weights of one's own, which aren't checked. Default: those that `repartee fetch-smart-turn` has put into the cache. */
  readonly weightsPath?: string | undefined;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** The process to run instead; tests have theirs. */
  readonly processFile?: string;
}

/** A judgement that comes later decides little: most turns end within 600 ms of silence, 100 of which are over. */
const DEADLINE_MS = 500;
/** As many as can be judged within the deadline, at about 60 ms each. */
const QUEUE_BOUND = 8;
/** A process that is silent for longer hangs. */
const HANG_MS = 5000;
const LOAD_WITHIN_MS = 10_000;

// Built code holds the body of the process as JavaScript; Node runs the sources as they are.
const PROCESS_FILE = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './smart-turn/judge-process.ts' : './smart-turn/judge-process.js',
    import.meta.url,
  ),
);

/** One process for all its calls, started with the first use; make one model per process. */
export function smartTurn(options: SmartTurnOptions = {}): SoundModel {
  return new SmartTurn(options);
}

interface Job {
  readonly samples: Int16Array;
  /** Resolves the promise that was given out; later calls do nothing. */
  readonly settle: (probability: number | undefined) => void;
  settled: boolean;
}

type State =
  | { readonly kind: 'unstarted' }
  | { readonly kind: 'loading'; readonly child: ChildProcess; readonly loaded: PromiseWithResolvers<void> }
  | { readonly kind: 'waiting'; readonly child: ChildProcess }
  | { readonly kind: 'judging'; readonly child: ChildProcess; readonly job: Job; readonly hang: Timer }
  /** After a fault, or closed. `error`: why there is no use in warming it up again. */
  | { readonly kind: 'off'; readonly error: ConfigurationError | undefined };

class SmartTurn implements SoundModel {
  readonly name = 'smart-turn v3.2';
  readonly #options: SmartTurnOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: Job[] = [];
  #state: State = { kind: 'unstarted' };
  #lateCount = 0;

  constructor(options: SmartTurnOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLogger;
  }

  async warmUp(): Promise<void> {
    if (this.#state.kind === 'unstarted') this.#start();
    const state = this.#state;
    if (state.kind === 'off' && state.error !== undefined) throw state.error;
    if (state.kind !== 'loading') return;
    await withDeadline(state.loaded.promise, {
      clock: this.#clock,
      withinMs: LOAD_WITHIN_MS,
      expired: () => new DeadlineError(`Smart Turn could not be loaded within ${LOAD_WITHIN_MS / 1000} s.`),
    });
  }

  async judge(samples: Int16Array, { signal }: { readonly signal: AbortSignal }): Promise<number | undefined> {
    signal.throwIfAborted();
    if (this.#state.kind === 'off') return undefined;
    const judged = Promise.withResolvers<number | undefined>();
    const job: Job = {
      samples: samples.subarray(-HEARD_SAMPLES),
      settled: false,
      settle: (probability) => {
        job.settled = true;
        judged.resolve(probability);
      },
    };
    const onAbort = (): void => {
      job.settled = true;
      judged.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const deadline = this.#clock.after(DEADLINE_MS, () => this.#tooLate(job));
    this.#queue.push(job);
    if (this.#queue.length > QUEUE_BOUND) this.#tooLate(this.#queue.shift());
    if (this.#state.kind === 'unstarted') this.#start();
    this.#next();
    try {
      return await judged.promise;
    } finally {
      deadline.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'off') return;
    const child = this.#turnOff(new ConfigurationError('Smart Turn was closed: make a new one.'));
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    await once(child, 'exit');
  }

  #start(): void {
    const { weightsPath, processFile = PROCESS_FILE } = this.#options;
    // Samples go as they are ('advanced'); the program's own flags (`--input-type` …) aren't for this process.
    const child = fork(processFile, {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const loaded = Promise.withResolvers<void>();
    // Whoever warms it up waits for this; after that nobody may.
    loaded.promise.catch(() => undefined);
    this.#state = { kind: 'loading', child, loaded };
    child.on('message', (message) => {
      if (isResponse(message)) this.#onResponse(message);
    });
    child.on('error', (error) => this.#fail(error.message, error));
    child.on('exit', (code, signal) => this.#fail(`its process ended (${signal ?? `exit code ${code}`})`));
    // A process that nobody needs doesn't keep its owner alive.
    child.unref();
    child.channel?.unref();
    const sha256 = weightsPath === undefined ? WEIGHTS_SHA256 : undefined;
    this.#post(child, { type: 'load', weightsPath: weightsPath ?? cachedWeights(), sha256 });
  }

  #onResponse(response: JudgingResponse): void {
    const state = this.#state;
    switch (response.type) {
      case 'ready':
        if (state.kind !== 'loading') return;
        state.loaded.resolve();
        this.#state = { kind: 'waiting', child: state.child };
        this.#next();
        return;
      case 'judged':
        if (state.kind !== 'judging') return;
        state.hang.cancel();
        state.job.settle(response.probability);
        this.#state = { kind: 'waiting', child: state.child };
        this.#next();
        return;
      case 'unusable':
      case 'failed':
        this.#fail(response.message);
        return;
      default:
        unreachable(response);
    }
  }

  /** Gives the process the oldest turn that somebody still waits for. */
  #next(): void {
    const state = this.#state;
    if (state.kind !== 'waiting') return;
    let job = this.#queue.shift();
    while (job?.settled === true) job = this.#queue.shift();
    if (job === undefined) return;
    const hang = this.#clock.after(HANG_MS, () => this.#fail(`no answer within ${HANG_MS / 1000} s`));
    this.#state = { kind: 'judging', child: state.child, job, hang };
    this.#post(state.child, { type: 'judge', samples: job.samples });
  }

  #tooLate(job: Job | undefined): void {
    if (job === undefined || job.settled) return;
    job.settle(undefined);
    this.#lateCount += 1;
    if (this.#lateCount === 1) {
      this.#log.warn('the sound of a pause was not judged in time; words alone decide such pauses', {
        soundModel: this.name,
        withinMs: DEADLINE_MS,
      });
    }
  }

  #fail(message: string, cause?: unknown): void {
    const { kind } = this.#state;
    if (kind === 'off') return;
    const isLoading = kind === 'loading';
    // Who loads it gets the error, and needs no warning.
    const isTold = isLoading && this.#queue.length === 0;
    this.#turnOff(isLoading ? new ConfigurationError(message, { cause }) : undefined);
    if (!isTold)
      this.#log.warn('the sound model is off; words alone decide', { soundModel: this.name, reason: message });
  }

  /** Returns the process, which is being ended. */
  #turnOff(error: ConfigurationError | undefined): ChildProcess | undefined {
    const state = this.#state;
    this.#state = { kind: 'off', error };
    for (const job of this.#queue.splice(0)) job.settle(undefined);
    if (state.kind === 'loading') state.loaded.reject(error);
    if (state.kind === 'judging') {
      state.hang.cancel();
      state.job.settle(undefined);
    }
    if (state.kind === 'unstarted' || state.kind === 'off') return undefined;
    state.child.kill('SIGKILL');
    return state.child;
  }

  #post(child: ChildProcess, request: JudgingRequest): void {
    child.send(request, (error) => {
      if (error !== null) this.#fail(error.message, error);
    });
  }
}

/** The process speaks no other language. */
function isResponse(message: unknown): message is JudgingResponse {
  return typeof message === 'object' && message !== null && 'type' in message;
}
