import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoiseSuppressor, SUPPRESSOR_DELAY_SAMPLES } from './noise-suppressor.ts';

const RATE_HZ = 16_000;

/** Uniform noise, seeded. */
function noise(length: number, amplitude: number): Int16Array {
  let seed = 1;
  return Int16Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((seed / 2 ** 31 - 1) * amplitude);
  });
}

/** A gliding voice: harmonics of 120 to 180 Hz in syllables of 150 ms with pauses of 100 ms. */
function voice(length: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length }, (_, n) => {
    phase += (2 * Math.PI * (150 + 30 * Math.sin((2 * Math.PI * n) / RATE_HZ))) / RATE_HZ;
    const place = (n % 4000) / 2400;
    const envelope = place < 1 ? Math.sin(Math.PI * place) : 0;
    const sum = [1, 2, 3, 4, 5, 6, 7, 8].reduce((total, harmonic) => total + Math.sin(harmonic * phase) / harmonic, 0);
    return Math.round(5000 * envelope * sum);
  });
}

function levelDb(samples: Int16Array): number {
  return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 1e-9) / samples.length);
}

/** dB by which `wanted` stands above what differs from it. */
function likenessDb(wanted: Int16Array, got: Int16Array): number {
  return levelDb(wanted) - levelDb(wanted.map((sample, index) => sample - (got[index] ?? 0)));
}

function added(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((sample, index) => sample + (b[index] ?? 0));
}

describe('NoiseSuppressor', () => {
  it('attenuates steady noise by more than 12 dB', () => {
    const samples = noise(3 * RATE_HZ, 1000);
    const out = new NoiseSuppressor().process(samples);
    expect(levelDb(samples) - levelDb(out.subarray(RATE_HZ))).toBeGreaterThan(12);
  });

  it('leaves clean speech as it is', () => {
    const samples = new Int16Array(4 * RATE_HZ);
    samples.set(voice(3 * RATE_HZ), RATE_HZ);
    const out = new NoiseSuppressor().process(samples);
    const same = samples.subarray(0, samples.length - SUPPRESSOR_DELAY_SAMPLES);
    expect(likenessDb(same.subarray(RATE_HZ), out.subarray(RATE_HZ + SUPPRESSOR_DELAY_SAMPLES))).toBeGreaterThan(20);
    expect(Math.abs(levelDb(same) - levelDb(out.subarray(SUPPRESSOR_DELAY_SAMPLES)))).toBeLessThan(1);
  });

  it('brings speech out of noise', () => {
    const speech = new Int16Array(4 * RATE_HZ);
    speech.set(voice(3 * RATE_HZ), RATE_HZ);
    const mixed = added(speech, noise(speech.length, 1500));
    const out = new NoiseSuppressor().process(mixed);
    const wanted = speech.subarray(RATE_HZ, speech.length - SUPPRESSOR_DELAY_SAMPLES);
    const before = likenessDb(wanted, mixed.subarray(RATE_HZ));
    const after = likenessDb(wanted, out.subarray(RATE_HZ + SUPPRESSOR_DELAY_SAMPLES));
    expect(after - before).toBeGreaterThan(5);
  });

  it('learns noise that begins after a mute within two seconds', () => {
    const samples = new Int16Array(4 * RATE_HZ);
    samples.set(noise(3 * RATE_HZ, 3000), RATE_HZ);
    const out = new NoiseSuppressor().process(samples);
    expect(levelDb(samples.subarray(3 * RATE_HZ)) - levelDb(out.subarray(3 * RATE_HZ))).toBeGreaterThan(12);
  });

  it('keeps digital silence silent', () => {
    expect(levelDb(new NoiseSuppressor().process(new Int16Array(RATE_HZ)))).toBeLessThan(-80);
  });

  it('gives the same whatever the size of the frames', () => {
    const samples = added(voice(4000), noise(4000, 500));
    const whole = new NoiseSuppressor().process(samples);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const suppressor = new NoiseSuppressor();
        const out: number[] = [];
        for (const size of [...sizes, samples.length]) {
          const frame = samples.subarray(out.length, out.length + size);
          const result = suppressor.process(frame);
          expect(result).toHaveLength(frame.length);
          out.push(...result);
        }
        expect(out).toEqual(Array.from(whole));
      }),
      { numRuns: 20 },
    );
  });

  it('tells what it holds back, as if silence followed, and goes on as if it had not', () => {
    const samples = added(voice(8000), noise(8000, 500));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: samples.length }), (askedAt) => {
        const suppressor = new NoiseSuppressor();
        const before = suppressor.process(samples.subarray(0, askedAt));
        const held = suppressor.held();
        const after = suppressor.process(samples.subarray(askedAt));

        const silenced = Int16Array.from({ length: askedAt + SUPPRESSOR_DELAY_SAMPLES }, (_, n) =>
          n < askedAt ? (samples[n] ?? 0) : 0,
        );
        expect([...before, ...held]).toEqual([...new NoiseSuppressor().process(silenced)]);
        expect([...before, ...after]).toEqual([...new NoiseSuppressor().process(samples)]);
      }),
      { numRuns: 20 },
    );
  });

  it('survives full scale, in bursts', () => {
    const samples = Int16Array.from({ length: RATE_HZ }, (_, n) =>
      n % 3200 < 800 ? (n % 2 === 0 ? 32_767 : -32_768) : 0,
    );
    const suppressor = new NoiseSuppressor();
    suppressor.process(samples);
    // Anything that isn't a number inside would stay, and come out as 0.
    const speech = voice(2 * RATE_HZ);
    expect(Math.abs(levelDb(suppressor.process(speech)) - levelDb(speech))).toBeLessThan(1.5);
  });
});
