// How Deepgram answers the request for a live stream before it is one: path, key, query, and the bodies of its errors.
// https://developers.deepgram.com/docs/errors; `dg-error` and `dg-request-id` headers:
// https://developers.deepgram.com/docs/stt-troubleshooting-websocket-data-and-net-errors

import type { IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const refusals = {
  unauthorized: { status: 401, code: 'INVALID_AUTH', message: 'Invalid credentials.' },
  noCredit: {
    status: 402,
    code: 'ASR_PAYMENT_REQUIRED',
    message: 'Project does not have enough credits for an ASR request and does not have an overage agreement.',
  },
  notFound: { status: 404, code: 'NOT_FOUND', message: 'The requested resource could not be found.' },
  tooMany: {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    message: 'Too many requests. Please try again later',
    headers: { 'retry-after': '2' },
  },
  fault: { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error.' },
} as const satisfies Record<string, Refusal>;

const badRequest = (message: string): Refusal => ({
  status: 400,
  code: 'Bad Request',
  message: `Bad Request: ${message}`,
});

const ENCODINGS = [
  'linear16',
  'linear32',
  'flac',
  'alaw',
  'mulaw',
  'amr-nb',
  'amr-wb',
  'opus',
  'ogg-opus',
  'speex',
  'g729',
];
const MODELS = /^(nova(-[23])?|enhanced|base)(-[a-z]+)*$/u;
const BOOLEANS = ['interim_results', 'punctuate', 'smart_format', 'numerals', 'vad_events'];

export interface LiveSettings {
  /** Pause after which words become final; undefined where that is switched off. */
  readonly endpointingMs: number | undefined;
  readonly interimResults: boolean;
  readonly model: string;
}

/** The settings of a stream, or why there will be none. */
export function readRequest(request: IncomingMessage, apiKey: string): LiveSettings | Refusal {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!url.pathname.endsWith('/v1/listen')) return refusals.notFound;
  return keyRefusal(request, apiKey) ?? readQuery(url.searchParams);
}

/** What a wrong key gets. The scheme is `Token`, not `Bearer`: https://developers.deepgram.com/guides/fundamentals/authenticating */
export function keyRefusal(request: IncomingMessage, apiKey: string): Refusal | undefined {
  const [scheme = '', key = ''] = request.headers.authorization?.split(' ') ?? [];
  return scheme.toLowerCase() === 'token' && key === apiKey ? undefined : refusals.unauthorized;
}

function readQuery(query: URLSearchParams): LiveSettings | Refusal {
  const model = query.get('model') ?? 'base';
  if (!MODELS.test(model)) return badRequest(`no such model/language/tier combination found: ${model}`);
  const encoding = query.get('encoding');
  if (encoding !== null && !ENCODINGS.includes(encoding)) return badRequest(`unsupported encoding '${encoding}'`);
  if (encoding === 'linear16' && !/^\d+$/u.test(query.get('sample_rate') ?? '')) {
    return badRequest('sample_rate is needed with raw audio');
  }
  for (const name of BOOLEANS) {
    if (!['true', 'false', null].includes(query.get(name))) return badRequest(`'${name}' must be true or false`);
  }
  // https://github.com/deepgram/deepgram-js-sdk/issues/474
  if (model.startsWith('nova-3') && query.has('keywords')) {
    return badRequest('Keywords are not supported for Nova-3 models. Please use keyterm.');
  }
  const endpointing = query.get('endpointing') ?? '10';
  if (!/^(\d+|true|false)$/u.test(endpointing))
    return badRequest('endpointing must be a number of milliseconds or false');
  const endpointingMs = endpointing === 'true' ? 10 : Number(endpointing);
  return {
    endpointingMs: endpointing === 'false' ? undefined : endpointingMs,
    interimResults: query.get('interim_results') === 'true',
    model,
  };
}

/** A refusal as HTTP text: Deepgram repeats its message in a header, for clients that can't see the body. */
export function refusalText({ status, code, message, headers = {} }: Refusal, requestId: string): string {
  const body = JSON.stringify({ err_code: code, err_msg: message, request_id: requestId });
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'dg-request-id': requestId,
    'dg-error': message,
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${code.replaceAll('_', ' ')}\r\n${lines.join('')}\r\n${body}`;
}
