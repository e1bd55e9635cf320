// Faults a user can do something about. Loss, DTX and barge-in are values, not errors; bugs are assertions.

/** Stable names for programs; the message is for people and says what to do. */
export type ErrorCode =
  | 'CONFIGURATION'
  | 'ROOM_UNREACHABLE'
  | 'ROOM_UNAUTHORIZED'
  | 'ROOM_CLOSED'
  | 'ROOM_PROTOCOL'
  | 'CODEC'
  | 'STT'
  | 'LLM'
  | 'TTS'
  | 'TIMEOUT';

export interface ErrorDetails {
  /** Whether the same call may succeed later without anyone changing anything. */
  readonly retryable?: boolean;
  /** How long the service asks us to wait before we try again. */
  readonly retryAfterMs?: number | undefined;
  /** A limit of the account is reached: fewer requests at a time, or fewer tokens a minute, would have been served. */
  readonly limitReached?: boolean;
  readonly cause?: unknown;
}

/** Base of every fault Repartee reports. */
export class ReparteeError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly limitReached: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { retryable = false, retryAfterMs, limitReached = false, cause } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.limitReached = limitReached;
  }
}

/** The settings are incomplete or contradict each other. */
export class ConfigurationError extends ReparteeError {
  constructor(message: string, details?: ErrorDetails) {
    super('CONFIGURATION', message, details);
  }
}

/** Getting into a room, or staying in it, failed. */
export class RoomError extends ReparteeError {
  constructor(
    code: 'ROOM_UNREACHABLE' | 'ROOM_UNAUTHORIZED' | 'ROOM_CLOSED' | 'ROOM_PROTOCOL',
    message: string,
    details?: ErrorDetails,
  ) {
    super(code, message, details);
  }
}

/** A speech or language stage failed; `stage` says which. */
export class StageError extends ReparteeError {
  constructor(stage: 'STT' | 'LLM' | 'TTS', message: string, details?: ErrorDetails) {
    super(stage, message, details);
  }
}

/** A wait ended at its deadline. */
export class DeadlineError extends ReparteeError {
  constructor(message: string, details?: ErrorDetails) {
    super('TIMEOUT', message, { retryable: true, ...details });
  }
}

/** Marks a place that only a bug can reach; makes switches exhaustive at compile time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
