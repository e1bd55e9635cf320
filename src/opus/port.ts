// Opus behind a port (RFC 6716, RFC 7587). Implementations own native or wasm memory: call `close`.

/** Decodes one stream of packets to mono 16 bit PCM at `sampleRateHz`. Stateful: feed packets in order. */
export interface OpusDecoder {
  readonly sampleRateHz: number;
  /** Decodes one packet (2.5 to 120 ms). Throws `ReparteeError` with code CODEC on a malformed payload; the decoder stays usable. */
  decode(payload: Uint8Array): Int16Array;
  /** Makes exactly 20 ms in place of a lost packet. */
  conceal(): Int16Array;
  close(): void;
}

/** Encodes mono 16 bit PCM, 20 ms at a time. */
export interface OpusEncoder {
  readonly sampleRateHz: number;
  /** Encodes exactly 20 ms. The result belongs to the caller. */
  encode(samples: Int16Array): Uint8Array;
  close(): void;
}

export interface OpusEncoderOptions {
  /** One of 8000, 12000, 16000, 24000, 48000. */
  readonly sampleRateHz: number;
  readonly bitsPerSecond?: number;
}

/** One implementation of the codec. */
export interface OpusCodec {
  createDecoder(options: { readonly sampleRateHz: number }): OpusDecoder;
  createEncoder(options: OpusEncoderOptions): OpusEncoder;
}
