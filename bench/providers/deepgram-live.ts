// One live stream of the Deepgram stand-in: audio and control messages in, Results out.
// https://developers.deepgram.com/reference/speech-to-text/listen-streaming and the pages finalize, audio-keep-alive,
// close-stream, endpointing, interim-results under https://developers.deepgram.com/docs/

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { type HeardWord, isVoice, type Recognizer } from './deepgram-recognition.ts';
import type { LiveSettings } from './deepgram-request.ts';

const BLOCK_SAMPLES = (LISTENING_RATE_HZ * 20) / 1000;
const samplesOf = (ms: number): number => (ms * LISTENING_RATE_HZ) / 1000;
const secondsOf = (samples: number): number => Number((samples / LISTENING_RATE_HZ).toFixed(6));
/** Without a pause, Deepgram is sure of what lies some seconds back. */
const LONGEST_SEGMENT_SAMPLES = samplesOf(5000);

export interface LiveOptions {
  readonly settings: LiveSettings;
  readonly recognizer: Recognizer;
  readonly requestId: string;
  readonly interimEveryMs: number;
  readonly finalizeMinimumMs: number;
  readonly voiceDbfs?: number;
  readonly send: (message: object) => void;
}

export class LiveStream {
  readonly #options: LiveOptions;
  #position = 0;
  #segmentStart = 0;
  #interimAt = 0;
  #quietSamples = 0;
  #segmentHasVoice = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Samples received. */
  get sampleCount(): number {
    return this.#position;
  }

  hear(samples: Int16Array): void {
    for (let start = 0; start < samples.length; start += BLOCK_SAMPLES) {
      this.#hearBlock(samples.subarray(start, start + BLOCK_SAMPLES));
    }
  }

  /** Answers only where a noticeable amount of audio is buffered, as the service says of itself. */
  finalize(): void {
    const buffered = this.#position - this.#segmentStart;
    if (buffered > 0 && buffered >= samplesOf(this.#options.finalizeMinimumMs)) this.#final({ fromFinalize: true });
  }

  end(): void {
    if (this.#position > this.#segmentStart) this.#final({ fromFinalize: false, asked: true });
    const { send, requestId } = this.#options;
    send({
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: requestId,
      sha256: '0'.repeat(64),
      created: '2026-01-01T00:00:00.000Z',
      duration: secondsOf(this.#position),
      channels: 1,
    });
  }

  #hearBlock(block: Int16Array): void {
    const { settings, recognizer, interimEveryMs, voiceDbfs } = this.#options;
    recognizer.hear(block);
    this.#position += block.length;
    const voiced = isVoice(block, voiceDbfs);
    this.#quietSamples = voiced ? 0 : this.#quietSamples + block.length;
    this.#segmentHasVoice ||= voiced;
    const { endpointingMs } = settings;
    const paused = endpointingMs !== undefined && this.#quietSamples >= Math.max(1, samplesOf(endpointingMs));
    if (paused && this.#segmentHasVoice) this.#final({ fromFinalize: false, speechFinal: true });
    else if (this.#position - this.#segmentStart >= LONGEST_SEGMENT_SAMPLES) this.#final({ fromFinalize: false });
    else if (this.#position - this.#interimAt >= samplesOf(interimEveryMs)) this.#interim();
  }

  #interim(): void {
    this.#interimAt = this.#position;
    const { settings, recognizer, send } = this.#options;
    if (settings.interimResults)
      send(this.#results(recognizer.interim(), { is_final: false, speech_final: false, from_finalize: false }));
  }

  #final({
    fromFinalize,
    speechFinal = false,
    asked = fromFinalize,
  }: {
    fromFinalize: boolean;
    speechFinal?: boolean;
    asked?: boolean;
  }): void {
    const words = this.#options.recognizer.final(asked);
    this.#options.send(
      this.#results(words, { is_final: true, speech_final: speechFinal, from_finalize: fromFinalize }),
    );
    this.#segmentStart = this.#position;
    this.#interimAt = this.#position;
    this.#segmentHasVoice = false;
  }

  #results(
    words: readonly HeardWord[],
    flags: { readonly is_final: boolean; readonly speech_final: boolean; readonly from_finalize: boolean },
  ): object {
    const { requestId, settings } = this.#options;
    return {
      type: 'Results',
      channel_index: [0, 1],
      duration: secondsOf(this.#position - this.#segmentStart),
      start: secondsOf(this.#segmentStart),
      ...flags,
      channel: {
        alternatives: [
          {
            transcript: words.map(({ text }) => text).join(' '),
            confidence: words.length === 0 ? 0 : 0.99,
            words: words.map(({ text, startSample, endSample }) => ({
              word: text.toLowerCase().replaceAll(/[^\p{L}\p{N}']/gu, ''),
              start: secondsOf(startSample),
              end: secondsOf(endSample),
              confidence: 0.99,
              punctuated_word: text,
            })),
          },
        ],
      },
      metadata: {
        request_id: requestId,
        model_info: { name: `general-${settings.model}`, version: '2026-01-01.0', arch: settings.model },
        model_uuid: '00000000-0000-4000-8000-000000000000',
      },
    };
  }
}
