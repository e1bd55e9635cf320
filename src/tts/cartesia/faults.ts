// What can go wrong between us and Cartesia, as errors that say what to do about it.

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import { StageError } from '../../lib/errors.ts';
import { serviceError, type ServiceRefusal } from '../../lib/service-error.ts';
import { problemSchema, saidBy } from './protocol.ts';

const MAX_REFUSAL_BYTES = 4096;
const CARTESIA = { stage: 'TTS', service: 'Cartesia', keyName: 'CARTESIA_API_KEY' } as const;

/** No connection came about. */
export function unreached(cause: unknown, clock: Clock): StageError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return error({ status: undefined, said, cause }, clock);
}

/** The handshake was answered with another status than 101. */
export async function refused(response: IncomingMessage, clock: Clock): Promise<StageError> {
  const { statusCode: status = 500, headers } = response;
  return error({ status, said: saidInBody(await bodyOf(response)), retryAfter: headers['retry-after'] }, clock);
}

/** The service reports an error on the websocket. */
export function reported(
  { status, said }: { readonly status: number; readonly said: string },
  clock: Clock,
): StageError {
  return error({ status, said }, clock);
}

/** A connection that stood is gone. */
export function lost(cause: unknown, why = cause instanceof Error ? cause.message : 'no reason given'): StageError {
  return new StageError('TTS', `The connection to Cartesia was lost (${why}): try again, it is opened anew.`, {
    retryable: true,
    cause,
  });
}

/** `problem`: what was sent instead of a message. */
export function notUnderstood(problem: string): StageError {
  return new StageError('TTS', `Cartesia sent ${problem}. Try again; if it stays so, check the base URL.`, {
    retryable: true,
  });
}

function error(refusal: Omit<ServiceRefusal, keyof typeof CARTESIA>, clock: Clock): StageError {
  return serviceError({ ...CARTESIA, ...refusal }, clock.epochMs());
}

function saidInBody(body: string): string {
  try {
    const problem = problemSchema.safeParse(JSON.parse(body));
    return problem.success ? saidBy(problem.data) : body;
  } catch {
    return body;
  }
}

/** As much of it as comes and is worth reading; the deadline for opening bounds the wait. */
async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const part of response) {
      body += String(part);
      if (body.length >= MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // What came before the connection broke is what there is.
  }
  return body;
}
