// Opus by npm `opusscript`: nothing to compile, runs wherever Node runs. RFC 6716, RFC 7587.
// Leaves out: in-band FEC, which this build of libopus has no call for.

import { ConfigurationError, ReparteeError } from '../lib/errors.ts';
import { FRAME_MS } from '../rtp/packet.ts';
import { concealmentToc } from '../rtp/opus-payload.ts';
import { LONGEST_PACKET_BYTES, NativeCodec } from './opusscript-native.ts';
import type { OpusCodec, OpusDecoder, OpusEncoder, OpusEncoderOptions } from './port.ts';

/** RFC 6716 section 2: the rates at which libopus can decode and encode. */
const SAMPLE_RATES_HZ = [8000, 12_000, 16_000, 24_000, 48_000];
/** RFC 7587 section 3.1.1: 16 to 20 kb/s is wideband speech, 28 to 40 fullband; above 32 nobody hears more of one voice. */
const DEFAULT_BITS_PER_SECOND = 32_000;
/** Of 0 to 10: half the time of the default 9, at 32 kb/s no difference that could be heard in speech. */
const COMPLEXITY = 5;
/** SILK wideband, 20 ms: what is concealed before the first packet, as silence. */
const TOC_BEFORE_FIRST_PACKET = 9 << 3;

/** opus_defines.h */
const SET_BITRATE = 4002;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;
const SIGNAL_VOICE = 3001;

export const opusscriptCodec: OpusCodec = {
  createDecoder: ({ sampleRateHz }) => new OpusscriptDecoder(sampleRateHz),
  createEncoder: (options) => new OpusscriptEncoder(options),
};

class OpusscriptDecoder implements OpusDecoder {
  readonly sampleRateHz: number;
  readonly #native: NativeCodec;
  #lastToc = TOC_BEFORE_FIRST_PACKET;

  constructor(sampleRateHz: number) {
    this.sampleRateHz = supportedRate(sampleRateHz);
    this.#native = new NativeCodec(sampleRateHz);
  }

  decode(payload: Uint8Array): Int16Array {
    const toc = payload[0];
    if (toc === undefined || payload.length > LONGEST_PACKET_BYTES) {
      throw malformed(`${payload.length} bytes are no Opus packet`);
    }
    const samples = this.#native.decode(payload);
    if (typeof samples === 'number')
      throw malformed(`libopus refuses a packet of ${payload.length} bytes (${samples})`);
    this.#lastToc = toc;
    return samples;
  }

  conceal(): Int16Array {
    // An empty call would make 60 ms or more; a packet whose one frame is empty makes what its first byte says.
    const samples = this.#native.decode(Uint8Array.of(concealmentToc(this.#lastToc)));
    if (typeof samples === 'number') throw new Error(`libopus could not conceal (${samples})`);
    return samples;
  }

  close(): void {
    this.#native.close();
  }
}

class OpusscriptEncoder implements OpusEncoder {
  readonly sampleRateHz: number;
  readonly #frameSamples: number;
  readonly #native: NativeCodec;

  constructor({ sampleRateHz, bitsPerSecond = DEFAULT_BITS_PER_SECOND }: OpusEncoderOptions) {
    this.sampleRateHz = supportedRate(sampleRateHz);
    this.#frameSamples = (sampleRateHz * FRAME_MS) / 1000;
    this.#native = new NativeCodec(sampleRateHz);
    this.#native.controlEncoder(SET_BITRATE, bitsPerSecond);
    this.#native.controlEncoder(SET_VBR, 1);
    this.#native.controlEncoder(SET_COMPLEXITY, COMPLEXITY);
    this.#native.controlEncoder(SET_SIGNAL, SIGNAL_VOICE);
    // Playout decides when nothing is sent; it knows when a reply is over, the encoder can only guess.
    this.#native.controlEncoder(SET_DTX, 0);
  }

  encode(samples: Int16Array): Uint8Array {
    if (samples.length !== this.#frameSamples) {
      throw new Error(
        `an Opus frame at ${this.sampleRateHz} Hz has ${this.#frameSamples} samples, not ${samples.length}`,
      );
    }
    const packet = this.#native.encode(samples);
    if (typeof packet === 'number') throw new ReparteeError('CODEC', `libopus could not encode (${packet})`);
    return packet;
  }

  close(): void {
    this.#native.close();
  }
}

function supportedRate(sampleRateHz: number): number {
  if (SAMPLE_RATES_HZ.includes(sampleRateHz)) return sampleRateHz;
  throw new ConfigurationError(`Opus runs at ${SAMPLE_RATES_HZ.join(', ')} Hz, not at ${sampleRateHz}: resample first`);
}

function malformed(message: string): ReparteeError {
  return new ReparteeError('CODEC', `${message}: drop it and conceal`);
}
