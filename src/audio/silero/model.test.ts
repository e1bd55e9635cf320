import { describe, expect, it } from 'vitest';
import { readFixtureWav } from '../../../test/fixtures/wav.ts';
import { SileroModel, WINDOW_SAMPLES } from './model.ts';

/** What onnxruntime 1.x says of the same recording, window by window, with the ONNX model the weights were taken from. */
const reference = [
  0.0238462, 0.017501, 0.0132756, 0.011292, 0.0086946, 0.0068682, 0.0051517, 0.0120792, 0.7070555, 0.9608159, 0.9837578,
  0.976801, 0.9891441, 0.9985256, 0.9991943, 0.9997363, 0.9998176, 0.9996759, 0.9999287, 0.9999803, 0.9998683,
  0.9998523, 0.9998012, 0.9998153, 0.9996666, 0.9992462, 0.9988899, 0.9981474, 0.998403, 0.9993554, 0.9905717,
  0.9786729, 0.8557011, 0.3866323, 0.1394609, 0.2230848, 0.7625556, 0.7620019, 0.6996341, 0.8985587, 0.9781115,
  0.9975477, 0.9991937, 0.9987746, 0.9990693, 0.9994464, 0.9993804, 0.9998491, 0.9999545, 0.9999248, 0.9998825,
  0.9999092, 0.9968086, 0.9968938, 0.9998461, 0.999896, 0.9998971, 0.9997059, 0.9997348, 0.9996499, 0.9996878,
  0.9995663, 0.9999189, 0.9999548, 0.9994135, 0.999683, 0.9999405, 0.999981, 0.9999498, 0.9999137, 0.9999515, 0.9998511,
  0.9998006, 0.9994995, 0.9992983, 0.9998344, 0.9997355, 0.9993718, 0.9989648, 0.9949362, 0.9968098, 0.9957718,
  0.998223, 0.9989051, 0.9978065, 0.9941283, 0.9936764, 0.9890676, 0.8560227, 0.2547765, 0.0611602, 0.02505, 0.0150704,
];

function windowsOf(samples: Int16Array): Float32Array[] {
  const scaled = Float32Array.from(samples, (sample) => sample / 32_768);
  return Array.from({ length: Math.floor(scaled.length / WINDOW_SAMPLES) }, (_, index) =>
    scaled.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES),
  );
}

const speech = windowsOf(readFixtureWav('speech/librivox-sense-0880.wav'));

describe('SileroModel', () => {
  it('agrees with onnxruntime on a recorded voice', () => {
    const model = new SileroModel();
    const errors = speech.map((window, index) =>
      Math.abs(model.probability(window) - (reference[index] ?? Number.NaN)),
    );
    expect(errors).toHaveLength(reference.length);
    expect(Math.max(...errors)).toBeLessThan(2e-6);
  });

  it('starts anew after a reset', () => {
    const model = new SileroModel();
    const first = speech.map((window) => model.probability(window));
    model.reset();
    expect(speech.map((window) => model.probability(window))).toEqual(first);
  });

  it('keeps the streams of two detectors apart, though they share the weights', () => {
    const alone = new SileroModel();
    const expected = speech.map((window) => alone.probability(window));
    const one = new SileroModel();
    const other = new SileroModel();
    const interleaved = speech.map((window, index) => {
      other.probability(speech[(index * 7) % speech.length] ?? window);
      return one.probability(window);
    });
    expect(interleaved).toEqual(expected);
  });

  it('hears no voice in digital silence', () => {
    const model = new SileroModel();
    const silence = new Float32Array(WINDOW_SAMPLES);
    for (let window = 0; window < 50; window += 1) expect(model.probability(silence)).toBeLessThan(0.1);
  });
});
