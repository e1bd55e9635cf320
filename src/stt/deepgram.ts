// Streaming speech to text by Deepgram, live `/v1/listen`: https://developers.deepgram.com/reference/speech-to-text/listen-streaming
// Left out: Flux models, which speak `/v2/listen`; `Configure` in mid-stream; opening a stream again, which is the session's.

import { LISTENING_RATE_HZ } from '../audio/frame.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { ConfigurationError, StageError } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/log.ts';
import { Connection } from './deepgram/connection.ts';
import { DeepgramStream } from './deepgram/stream.ts';
import type { SpeechToText, SttStream } from './port.ts';

export interface DeepgramOptions {
  readonly apiKey: string;
  /** http or https; the websocket has the same host, port and path prefix. */
  readonly baseUrl?: string;
  /** https://developers.deepgram.com/docs/models-languages-overview, Flux excepted. */
  readonly model?: string;
  /** BCP 47 tag that the model knows, or `multi`. */
  readonly language?: string;
  /** Names and terms to expect: prompts for Nova-3, single words to boost for older models. */
  readonly keyTerms?: readonly string[];
  /**
   * Silence after which Deepgram makes the words before it final, unasked (https://developers.deepgram.com/docs/endpointing).
   * It doesn't end a turn. It has them final before our own endpointing, 150 ms at the least, asks, so that the answer is
   * there at once instead of a round trip later. 100 ms is longer than the closure of a stop consonant, and what Deepgram
   * recommends for several languages.
   */
  readonly endpointingMs?: number;
  /** Dates, amounts, addresses in writing (costs about 30 ms, and Deepgram holds words back until they can be formatted). */
  readonly smartFormat?: boolean;
  readonly clock?: Clock;
  readonly log?: Logger;
}

const DEFAULT_BASE_URL = 'https://api.deepgram.com';

/** Throws a `ConfigurationError` for a base URL or a model that can't work. Streams don't share anything but `close`. */
export function deepgramSpeechToText(options: DeepgramOptions): SpeechToText {
  const { model = 'nova-3' } = options;
  return new Deepgram(`deepgram ${model}`, { ...options, model });
}

class Deepgram implements SpeechToText {
  readonly name: string;
  readonly wordTimes = true;
  readonly finalsAtPauses = true;
  readonly #url: URL;
  readonly #apiKey: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #connections = new Set<Connection>();

  constructor(name: string, options: DeepgramOptions & { readonly model: string }) {
    this.name = name;
    this.#url = listenUrl(options);
    this.#apiKey = options.apiKey;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLogger;
  }

  async open({ signal }: { readonly signal: AbortSignal }): Promise<SttStream> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const options = { url: this.#url, apiKey: this.#apiKey, clock: this.#clock };
    const connection = await Connection.open(options, ending);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    if (ending.aborted) {
      connection.close();
      throw ending.reason;
    }
    this.#log.debug('deepgram connected', { requestId: connection.requestId });
    const onAbort = (): void => stream.close();
    ending.addEventListener('abort', onAbort, { once: true });
    const stream = new DeepgramStream(connection, this.#clock, () => ending.removeEventListener('abort', onAbort));
    return stream;
  }

  /** Ends the streams and waits for their sockets, a second at most. */
  async close(): Promise<void> {
    this.#closing.abort(new StageError('STT', 'Recognition by Deepgram was closed: make a new one.'));
    await Promise.all(Array.from(this.#connections, ({ closed }) => closed));
  }
}

function listenUrl({
  baseUrl = DEFAULT_BASE_URL,
  model,
  language = 'en-US',
  keyTerms = [],
  endpointingMs = 100,
  smartFormat = false,
}: DeepgramOptions & { readonly model: string }): URL {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigurationError(`DEEPGRAM_BASE_URL is no http or https address: '${baseUrl}'.`);
  }
  if (model.startsWith('flux')) {
    throw new ConfigurationError(`The Deepgram model '${model}' has another protocol than this one: choose nova-3.`);
  }
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/+$/u, '')}/v1/listen`;
  const query = new URLSearchParams({
    model,
    language,
    encoding: 'linear16',
    sample_rate: String(LISTENING_RATE_HZ),
    channels: '1',
    interim_results: 'true',
    endpointing: String(endpointingMs),
    // Full stops and question marks tell where a sentence ends.
    punctuate: 'true',
    smart_format: String(smartFormat),
  });
  // Nova-3 refuses `keywords` with 400; older models are documented with nothing else.
  // https://developers.deepgram.com/docs/keyterm, https://developers.deepgram.com/docs/keywords
  for (const term of keyTerms) query.append(model.startsWith('nova-3') ? 'keyterm' : 'keywords', term);
  url.search = query.toString();
  return url;
}
