import { describe, expect, it } from 'vitest';

import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { opusscriptCodec } from '../opus/opusscript.ts';
import { DtmfToneDetector } from './dtmf-tones.ts';

const RATE_HZ = 16_000;
const FRAME_SAMPLES = 320;
const KEYS = Array.from('123A456B789C*0#D').map((key, index) => ({
  key,
  lowHz: [697, 770, 852, 941][Math.floor(index / 4)] ?? 0,
  highHz: [1209, 1336, 1477, 1633][index % 4] ?? 0,
}));

interface Line {
  /** Of both tones, relative. */
  readonly lowOffset?: number;
  readonly highOffset?: number;
  readonly lowDbfs?: number;
  readonly highDbfs?: number;
  readonly noiseDbfs?: number;
  readonly startSample?: number;
}

/** 100 ms of a key in 200 ms, from the beginning if nothing else is said. */
function pressed({ lowHz, highHz }: { readonly lowHz: number; readonly highHz: number }, line: Line = {}): Int16Array {
  const { lowOffset = 0, highOffset = 0, lowDbfs = -15, highDbfs = -15, noiseDbfs = -120, startSample = 0 } = line;
  return Int16Array.from({ length: 3200 }, (_, n) => {
    const noise = noiseAt(n) * Math.sqrt(3 / 2) * amplitude(noiseDbfs);
    if (n < startSample || n >= startSample + 1600) return noise;
    const sine = (hz: number, dbfs: number): number => amplitude(dbfs) * Math.sin((2 * Math.PI * hz * n) / RATE_HZ);
    return noise + sine(lowHz * (1 + lowOffset), lowDbfs) + sine(highHz * (1 + highOffset), highDbfs);
  });
}

/** Of a sine. */
function amplitude(dbfs: number): number {
  return 32_768 * Math.SQRT2 * 10 ** (dbfs / 20);
}

/** Even between −1 and 1, the same in each run. */
function noiseAt(n: number): number {
  const value = Math.sin(n * 12.9898 + 4.1414) * 43_758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

function keysIn(samples: Int16Array): (string | undefined)[] {
  const detector = new DtmfToneDetector();
  return Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, frame) =>
    detector.process(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES)),
  );
}

function throughOpus(samples: Int16Array): Int16Array {
  const encoder = opusscriptCodec.createEncoder({ sampleRateHz: RATE_HZ });
  const decoder = opusscriptCodec.createDecoder({ sampleRateHz: RATE_HZ });
  const frames = Array.from({ length: samples.length / FRAME_SAMPLES }, (_, frame) =>
    decoder.decode(encoder.encode(samples.slice(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES))),
  );
  encoder.close();
  decoder.close();
  return Int16Array.from(frames.flatMap((frame) => [...frame]));
}

describe('a key', () => {
  it.each<[string, Line]>([
    ['at its frequencies', {}],
    ['1.5 % and 2 Hz above', { lowOffset: 0.0175, highOffset: 0.0165 }],
    ['1.5 % and 2 Hz below', { lowOffset: -0.0175, highOffset: -0.0165 }],
    ['off to both sides', { lowOffset: 0.015, highOffset: -0.015 }],
    ['with the upper tone 8 dB weaker', { lowDbfs: -12, highDbfs: -20 }],
    ['with the upper tone 4 dB stronger', { lowDbfs: -19, highDbfs: -15 }],
    ['faint', { lowDbfs: -38, highDbfs: -38 }],
    ['15 dB over noise', { lowDbfs: -20, highDbfs: -20, noiseDbfs: -32 }],
  ])('%s is heard in each of its frames, and nothing after it', (_, line) => {
    for (const one of KEYS) {
      const keys = keysIn(pressed(one, line));
      expect(keys.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => one.key));
      expect(keys.slice(5).every((key) => key === undefined)).toBe(true);
    }
  });

  it('that begins and ends within a frame is heard from its first whole frame to its end', () => {
    for (const one of KEYS) {
      const keys = keysIn(pressed(one, { startSample: 150 }));
      expect(keys.slice(1, 5)).toEqual(Array.from({ length: 4 }, () => one.key));
      expect(keys.slice(6).every((key) => key === undefined)).toBe(true);
    }
  });

  it('is heard through the codec', () => {
    for (const one of KEYS) {
      const keys = keysIn(throughOpus(pressed(one, { lowOffset: 0.01, highOffset: -0.01 })));
      expect(keys.filter((key) => key === one.key).length).toBeGreaterThanOrEqual(4);
      expect(keys.every((key) => key === undefined || key === one.key)).toBe(true);
    }
  });
});

describe('packets', () => {
  it.each([20, 40, 60])('of %i ms have the keys silenced, and the sound around them left', (packetMs) => {
    const speech = readFixtureWav('speech/digits-29340.wav').subarray(3200, 6080);
    const [one] = KEYS;
    const line = Int16Array.from([...speech, ...(one === undefined ? [] : pressed(one)), ...speech]);
    const detector = new DtmfToneDetector();
    const heard: number[] = [];
    for (let from = 0; from < line.length; from += packetMs * 16) {
      heard.push(...detector.silenceKeys(line.subarray(from, from + packetMs * 16)));
    }
    expect(Int16Array.from(heard.slice(0, 2880))).toEqual(speech);
    expect(heard.slice(2880, 6080).every((sample) => sample === 0)).toBe(true);
    expect(Int16Array.from(heard.slice(6080))).toEqual(speech);
  });
});

describe('no key', () => {
  it.each<[string, Line]>([
    ['tones 3.5 % off', { lowOffset: 0.035, highOffset: 0.035 }],
    ['tones 3.5 % off to the other side', { lowOffset: -0.035, highOffset: -0.035 }],
    ['the lower tone alone', { highDbfs: -60 }],
    ['the upper tone alone', { lowDbfs: -60 }],
    ['what is inaudible', { lowDbfs: -55, highDbfs: -55 }],
    ['keys under noise', { noiseDbfs: -10 }],
  ])('is %s', (_, line) => {
    for (const one of KEYS) expect(keysIn(pressed(one, line)).filter((key) => key !== undefined)).toEqual([]);
  });

  it.each(['speech/digits-29340.wav', 'speech/librivox-sense-0880.wav'])('is heard in human speech: %s', (path) => {
    const speech = readFixtureWav(path);
    for (const from of [0, 80, 160, 240]) {
      expect(keysIn(speech.subarray(from)).filter((key) => key !== undefined)).toEqual([]);
    }
  });

  it('is silence', () => {
    expect(keysIn(new Int16Array(1600)).filter((key) => key !== undefined)).toEqual([]);
  });
});
