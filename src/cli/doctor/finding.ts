// What the doctor finds, and the HTTP requests that it finds it with.

import { systemClock, type Clock } from '../../lib/clock.ts';
import { DeadlineError } from '../../lib/errors.ts';

export interface Finding {
  /** What was looked at: `Deepgram`. */
  readonly subject: string;
  /** `absent`: not there, and not needed. */
  readonly status: 'ok' | 'failed' | 'absent';
  /** What was found, in a few words. */
  readonly says: string;
  /** What to do. */
  readonly advice?: string | undefined;
}

export interface CheckOptions {
  readonly clock?: Clock;
  /** For each request. Default 5 s. */
  readonly withinMs?: number;
}

export const checkDeadlineMs = 5_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request, redirects not followed. Rejects with a `DeadlineError`, or with what keeps the host from answering. */
export async function ask(
  url: string,
  init: RequestInit,
  { clock = systemClock, withinMs = checkDeadlineMs }: CheckOptions = {},
): Promise<Answer> {
  const giveUp = new AbortController();
  const deadline = clock.after(withinMs, () =>
    giveUp.abort(new DeadlineError(`no answer within ${Math.round(withinMs / 1000)} s`)),
  );
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: giveUp.signal });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    giveUp.signal.throwIfAborted();
    throw error;
  } finally {
    deadline.cancel();
  }
}

/** Why there was no answer: fetch hides it in the cause. */
export function silence(error: unknown): string {
  if (error instanceof DeadlineError) return error.message;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof AggregateError) return silence(cause.errors[0]);
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  return silences[code] ?? `${cause.message}${code === '' ? '' : ` (${code})`}`;
}

const silences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (connection refused)',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name can not be looked up (DNS does not answer)',
  ECONNRESET: 'it hung up (connection reset)',
  UND_ERR_SOCKET: 'it hung up',
};
