import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { OPUS_LOOK_AHEAD_MS } from '../latency/turn-account.ts';
import { ConfigurationError, ReparteeError } from '../lib/errors.ts';
import { opusscriptCodec } from './opusscript.ts';
import type { OpusDecoder, OpusEncoder } from './port.ts';

const frameSamples = (sampleRateHz: number): number => sampleRateHz / 50;

function tone(sampleRateHz: number, frequencyHz: number, milliseconds: number): Int16Array {
  return Int16Array.from({ length: (sampleRateHz * milliseconds) / 1000 }, (_, n) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * n) / sampleRateHz)),
  );
}

/** The sample nearest to an instant; silence beyond the end. */
function sampleAt(signal: Int16Array, sampleRateHz: number, ms: number): number {
  return signal[Math.round((ms * sampleRateHz) / 1000)] ?? 0;
}

function encodeAll(encoder: OpusEncoder, samples: Int16Array): Uint8Array[] {
  const size = frameSamples(encoder.sampleRateHz);
  return Array.from({ length: Math.floor(samples.length / size) }, (_, index) =>
    encoder.encode(samples.subarray(index * size, (index + 1) * size)),
  );
}

function decodeAll(decoder: OpusDecoder, packets: readonly Uint8Array[]): Int16Array {
  return Int16Array.from(packets.flatMap((packet) => [...decoder.decode(packet)]));
}

/** How many samples a payload yields; 0 where the decoder refuses it as it should. */
function samplesOrFault(decoder: OpusDecoder, payload: Uint8Array): number {
  try {
    return decoder.decode(payload).length;
  } catch (error) {
    if (error instanceof ReparteeError && error.code === 'CODEC') return 0;
    throw error;
  }
}

const rms = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** How much of the signal's energy lies at one frequency (Goertzel 1958), 0 to 1. */
function shareAt(samples: Int16Array, sampleRateHz: number, frequencyHz: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((sample, n) => {
    re += sample * Math.cos((2 * Math.PI * frequencyHz * n) / sampleRateHz);
    im += sample * Math.sin((2 * Math.PI * frequencyHz * n) / sampleRateHz);
  });
  return (2 * (re * re + im * im)) / samples.length ** 2 / rms(samples) ** 2;
}

describe('opusscriptCodec', () => {
  it.each([8000, 12_000, 16_000, 24_000, 48_000])('carries a tone from %i Hz to 16 kHz', (sampleRateHz) => {
    const encoder = opusscriptCodec.createEncoder({ sampleRateHz });
    const decoder = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    const heard = decodeAll(decoder, encodeAll(encoder, tone(sampleRateHz, 500, 400)));
    expect(heard).toHaveLength(6400);
    expect(shareAt(heard.subarray(3200), 16_000, 500)).toBeGreaterThan(0.98);
    expect(rms(heard.subarray(3200))).toBeGreaterThan(6000);
    encoder.close();
    decoder.close();
  });

  it('keeps to its bit rate within speech', () => {
    const encoder = opusscriptCodec.createEncoder({ sampleRateHz: 16_000, bitsPerSecond: 24_000 });
    const packets = encodeAll(encoder, readFixtureWav('speech/librivox-sense-0880.wav'));
    const bitsPerSecond = (packets.reduce((sum, packet) => sum + packet.length, 0) * 8 * 50) / packets.length;
    expect(bitsPerSecond).toBeGreaterThan(12_000);
    expect(bitsPerSecond).toBeLessThan(32_000);
  });

  it('runs 200 codecs in one process, each right', () => {
    const input = tone(16_000, 500, 100);
    const codecs = Array.from({ length: 100 }, () => ({
      encoder: opusscriptCodec.createEncoder({ sampleRateHz: 16_000 }),
      decoder: opusscriptCodec.createDecoder({ sampleRateHz: 16_000 }),
    }));
    // Frame by frame through all of them, so that none can live on memory that is another's.
    const heard = codecs.map((): number[] => []);
    for (let at = 0; at < input.length; at += frameSamples(16_000)) {
      const packets = codecs.map(({ encoder }) => encoder.encode(input.subarray(at, at + frameSamples(16_000))));
      codecs.forEach(({ decoder }, index) => heard[index]?.push(...decoder.decode(packets[index] ?? new Uint8Array())));
    }
    const [expected = [], ...others] = heard;
    expect(rms(Int16Array.from(expected))).toBeGreaterThan(3000);
    for (const samples of others) expect(samples).toEqual(expected);
    for (const { encoder, decoder } of codecs) {
      encoder.close();
      decoder.close();
    }
  });

  it('conceals exactly 20 ms, before the first packet and after any', () => {
    const encoder = opusscriptCodec.createEncoder({ sampleRateHz: 16_000 });
    const decoder = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    expect(decoder.conceal()).toEqual(new Int16Array(320));
    decodeAll(decoder, encodeAll(encoder, tone(16_000, 300, 200)));
    const concealed = Array.from({ length: 6 }, () => decoder.conceal());
    expect(concealed.map((samples) => samples.length)).toEqual([320, 320, 320, 320, 320, 320]);
    expect(rms(concealed[0] ?? new Int16Array(1))).toBeGreaterThan(1000);
  });

  it('refuses a malformed payload and goes on as if it had not come', () => {
    const packets = encodeAll(opusscriptCodec.createEncoder({ sampleRateHz: 16_000 }), tone(16_000, 500, 200));
    const undisturbed = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    const disturbed = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    for (const packet of packets) {
      for (const garbage of [[], [0xff, 0xff, 1, 2], [0x03], [0x02, 0xff]]) {
        expect(() => disturbed.decode(Uint8Array.from(garbage))).toThrow(ReparteeError);
      }
      expect(() => disturbed.decode(new Uint8Array(60_000))).toThrow(expect.objectContaining({ code: 'CODEC' }));
      expect(disturbed.decode(packet)).toEqual(undisturbed.decode(packet));
    }
  });

  it('survives any bytes, and decodes speech afterwards', () => {
    const decoder = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
        expect(samplesOrFault(decoder, payload)).toBeLessThanOrEqual(1920);
      }),
      { numRuns: 2000 },
    );
    const packets = encodeAll(opusscriptCodec.createEncoder({ sampleRateHz: 16_000 }), tone(16_000, 500, 400));
    expect(shareAt(decodeAll(decoder, packets).subarray(3200), 16_000, 500)).toBeGreaterThan(0.98);
  });

  it.each([
    [48_000, 48_000],
    [24_000, 48_000],
    [16_000, 16_000],
    [48_000, 16_000],
  ])(
    'gives back what it got by the look-ahead that accounts state later, at %d and %d Hz',
    (encodingHz, decodingHz) => {
      const samples = readFixtureWav('speech/librivox-sense-0880.wav');
      const spoken = Int16Array.from({ length: encodingHz }, (_, n) =>
        sampleAt(samples, 16_000, 500 + (n * 1000) / encodingHz),
      );
      const packets = encodeAll(opusscriptCodec.createEncoder({ sampleRateHz: encodingHz }), spoken);
      const heard = decodeAll(opusscriptCodec.createDecoder({ sampleRateHz: decodingHz }), packets);
      const likeness = (lagMs: number): number => {
        let sum = 0;
        for (let ms = 100; ms < 900; ms += 0.05)
          sum += sampleAt(spoken, encodingHz, ms) * sampleAt(heard, decodingHz, ms + lagMs);
        return sum;
      };
      const lagsMs = Array.from({ length: 97 }, (_, index) => index / 8);
      const best = lagsMs.reduce((one, other) => (likeness(other) > likeness(one) ? other : one));
      expect(Math.abs(best - OPUS_LOOK_AHEAD_MS)).toBeLessThanOrEqual(0.25);
    },
  );

  it('says which rates it can do', () => {
    expect(() => opusscriptCodec.createEncoder({ sampleRateHz: 22_050 })).toThrow(ConfigurationError);
    expect(() => opusscriptCodec.createDecoder({ sampleRateHz: 44_100 })).toThrow(/16000/);
  });

  it('can be closed twice, and is of no use afterwards', () => {
    const decoder = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    decoder.close();
    decoder.close();
    expect(() => decoder.conceal()).toThrow(/closed/);
  });
});
