import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWavHeader, wavOf } from './wav.ts';

const MONO = { isPcm: true, channelCount: 1, bitsPerSample: 16 } as const;

describe('WAV files', () => {
  it('hold the samples behind a header of 44 bytes, little endian', () => {
    const wav = wavOf(Int16Array.of(1, -2), 16_000);
    expect(Buffer.from(wav).toString('hex')).toBe(
      '52494646' +
        '28000000' +
        '57415645' + // RIFF, 40 bytes follow, WAVE
        '666d7420' +
        '10000000' +
        '0100' +
        '0100' +
        '803e0000' +
        '007d0000' +
        '0200' +
        '1000' +
        '64617461' +
        '04000000' +
        '0100' +
        'feff',
    );
    expect(readWavHeader(wav)).toEqual({ ...MONO, sampleRateHz: 16_000, dataOffset: 44 });
  });

  it('are known by any beginning of theirs', () => {
    const wav = wavOf(new Int16Array(10), 24_000);
    fc.assert(
      fc.property(fc.nat(43), (length) => {
        expect(readWavHeader(wav.subarray(0, length))).toBe('incomplete');
      }),
    );
  });

  it('may have other chunks, of odd lengths too, before the samples', () => {
    const plain = wavOf(Int16Array.of(7), 24_000);
    const list = Buffer.from('LIST\u0003\0\0\0abc\0', 'latin1');
    const wav = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)]);
    expect(readWavHeader(wav)).toEqual({ ...MONO, sampleRateHz: 24_000, dataOffset: 44 + list.length });
    expect(readWavHeader(wav.subarray(0, 40))).toBe('incomplete');
  });

  it('are nothing else', () => {
    expect(readWavHeader(Uint8Array.of(0, 0, 0, 0))).toBeUndefined();
    expect(readWavHeader(Buffer.from('RIFF\0\0\0\0AVI '))).toBeUndefined();
  });
});
