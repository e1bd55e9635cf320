// What the refusal of a web service means, and what to do about it: for HTTP answers and for websocket handshakes that were
// answered with HTTP (RFC 9110 sections 10.2.3 and 15).

import { StageError } from './errors.ts';

export interface ServiceRefusal {
  readonly stage: 'STT' | 'LLM' | 'TTS';
  /** As people know it: `Deepgram`. */
  readonly service: string;
  /** HTTP status; undefined where there was no answer at all. */
  readonly status: number | undefined;
  /** What the service said; long texts are cut. */
  readonly said?: string | undefined;
  /** Its own name for the fault, which may tell more than the status. */
  readonly code?: string | undefined;
  /** The header of that name: seconds, or an HTTP date. */
  readonly retryAfter?: string | null | undefined;
  /** The environment variable that holds the key: `DEEPGRAM_API_KEY`. */
  readonly keyName: string;
  readonly cause?: unknown;
}

const LONGEST_SAID = 300;
/** Sent as 429 although waiting doesn't help: https://platform.openai.com/docs/guides/error-codes */
const NO_CREDIT = 'insufficient_quota';

/** Retryable: no answer, 408, 409, 425, 429 (but for an account without credit) and 5xx. `epochMs`: now, for dates in `retryAfter`. */
export function serviceError(refusal: ServiceRefusal, epochMs: number): StageError {
  const { stage, service, status, said = '', retryAfter, cause } = refusal;
  const answered = status === undefined ? 'could not be reached' : `answered ${status}`;
  const quoted = said.trim() === '' ? '' : `: ${said.trim().slice(0, LONGEST_SAID)}`;
  return new StageError(stage, `${service} ${answered}${quoted}. ${advice(refusal)}`, {
    retryable: isRetryable(refusal),
    retryAfterMs: retryAfterMs(retryAfter, epochMs),
    limitReached: status === 429,
    cause,
  });
}

function isRetryable({ status, code }: ServiceRefusal): boolean {
  if (code === NO_CREDIT) return false;
  return status === undefined || status >= 500 || [408, 409, 425, 429].includes(status);
}

function advice({ service, status, code, keyName }: ServiceRefusal): string {
  if (code === NO_CREDIT) return noCredit(service);
  switch (status) {
    case undefined:
      return 'Check the network and the base URL.';
    case 401:
    case 403:
      return `Check ${keyName}.`;
    case 402:
      return noCredit(service);
    case 404:
      return 'Check the names of model and voice, and the base URL.';
    case 429:
      return `The limit of the account at ${service} is reached: wait, or ask for a higher one.`;
    default:
      return status >= 500 ? 'The service has a fault: try again.' : 'Check the settings that concern it.';
  }
}

function noCredit(service: string): string {
  return `The account at ${service} has no credit left: top it up.`;
}

/** RFC 9110 section 10.2.3. Undefined where the header says nothing usable. */
export function retryAfterMs(header: string | null | undefined, epochMs: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - epochMs);
}
