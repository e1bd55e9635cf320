import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { createLogger } from '../lib/log.ts';
import { smartTurn } from './smart-turn.ts';
import type { SmartTurnOptions } from './smart-turn.ts';
import { loadOnnxRuntime } from './smart-turn/runtime.ts';
import { cachedWeights } from './smart-turn/weights.ts';
import type { SoundModel } from './sound-model.ts';

const processFile = fileURLToPath(new URL('../../test/fixtures/judging-process.ts', import.meta.url));
const never = new AbortController().signal;
const turn = (percent: number) => Int16Array.of(percent, 1, 2);

const opened: SoundModel[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.close()));
});

function opening(options: SmartTurnOptions) {
  const warnings: string[] = [];
  const log = createLogger((level, message, { reason = '' }) => {
    warnings.push(`${level}: ${message} ${String(reason)}`.trim());
  });
  const model = smartTurn({ log, ...options });
  opened.push(model);
  return { model, warnings };
}

/** With a stand-in for the process, and time that the test lets pass. */
function standIn(behaviour: string) {
  const clock = new VirtualClock();
  return { clock, ...opening({ weightsPath: behaviour, processFile, clock }) };
}

describe('Smart Turn, its process', () => {
  it('judges the turns of all calls, each by its own sound', async () => {
    const { model, clock } = standIn('answers');
    const asked = [10, 55, 99].map((percent) => model.judge(turn(percent), { signal: never }));
    expect(await Promise.all(asked)).toEqual([0.1, 0.55, 0.99]);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('gets the last 8 s of a longer turn', async () => {
    const { model } = standIn('answers');
    const long = new Int16Array(8 * 16_000 + 5).fill(20, 0, 5).fill(70, 5);
    expect(await model.judge(long, { signal: never })).toBe(0.7);
  });

  it('is not waited for after half a second; the calls are told once', async () => {
    const { model, clock, warnings } = standIn('hangs');
    await model.warmUp();
    const asked = [1, 2].map((percent) => model.judge(turn(percent), { signal: never }));
    await clock.advance(500);
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
    expect(warnings).toEqual(['warn: the sound of a pause was not judged in time; words alone decide such pauses']);
  });

  it('has at most eight turns waiting: the oldest is given up', async () => {
    const { model } = standIn('hangs');
    await model.warmUp();
    const asked = Array.from({ length: 10 }, () => model.judge(turn(1), { signal: never }));
    const pending = Promise.resolve('pending');
    await expect(asked[1]).resolves.toBeUndefined();
    expect(await Promise.race([asked[0], pending])).toBe('pending');
    expect(await Promise.race([asked[2], pending])).toBe('pending');
  });

  it('is given up when it hangs', async () => {
    const { model, clock, warnings } = standIn('hangs');
    await model.warmUp();
    void model.judge(turn(1), { signal: never });
    await clock.advance(5000);
    expect(warnings.slice(1)).toEqual(['warn: the sound model is off; words alone decide no answer within 5 s']);
    expect(await model.judge(turn(1), { signal: never })).toBeUndefined();
    // The next call begins all the same.
    await model.warmUp();
  });

  it.each([
    ['dies', 'its process ended (exit code 3)'],
    ['fails', 'out of memory'],
  ])('that %s switches it off, with one warning', async (behaviour, reason) => {
    const { model, warnings } = standIn(behaviour);
    const asked = [1, 2, 3].map((percent) => model.judge(turn(percent), { signal: never }));
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined]);
    expect(await model.judge(turn(1), { signal: never })).toBeUndefined();
    expect(warnings).toEqual([`warn: the sound model is off; words alone decide ${reason}`]);
  });

  it('that can not be used says why to whoever warms it up', async () => {
    const { model, warnings } = standIn('unusable');
    await expect(model.warmUp()).rejects.toThrow('Install something.');
    await expect(model.warmUp()).rejects.toThrow('Install something.');
    expect(warnings).toEqual([]);
  });

  it('leaves the question when the call is over', async () => {
    const { model, clock } = standIn('hangs');
    await model.warmUp();
    const call = new AbortController();
    const asked = model.judge(turn(1), { signal: call.signal });
    call.abort(new Error('hung up'));
    await expect(asked).rejects.toThrow('hung up');
    // Only that the process may hang is still looked after.
    expect(clock.pendingTimerCount).toBe(1);
  });

  it('is closed once, and answers nothing after that', async () => {
    const { model, clock, warnings } = standIn('hangs');
    await model.warmUp();
    const asked = model.judge(turn(1), { signal: never });
    await model.close();
    await model.close();
    expect(await asked).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(clock.pendingTimerCount).toBe(0);
  });
});

const isInstalled = await loadOnnxRuntime().then(
  () => true,
  () => false,
);
/** ONNX, opset 13: Sigmoid(ReduceMean(input_features)). */
const meanModel =
  'CAgSADqgAQpCCg5pbnB1dF9mZWF0dXJlcxIEbWVhbiIKUmVkdWNlTWVhbioNCgRheGVzQAFAAqABByoPCghrZWVwZGltcxgAoAECChcKBG1lYW4SBmxvZ2l0' +
  'cyIHU2lnbW9pZBIEdGlueVolCg5pbnB1dF9mZWF0dXJlcxITChEIARINCgIIAQoCCFAKAwigBmIUCgZsb2dpdHMSCgoICAESBAoCCAFCBAoAEA0=';

describe('Smart Turn without its runtime', () => {
  it('says which package is missing and how to install it', async () => {
    await expect(loadOnnxRuntime('package-that-nobody-has')).rejects.toThrow(
      /package onnxruntime-node, which is not installed\. Install it: .*npm install onnxruntime-node/,
    );
  });

  it.skipIf(isInstalled)('fails as it is warmed up', async () => {
    const { model } = opening({});
    await expect(model.warmUp()).rejects.toThrow('which is not installed');
  });
});

describe.skipIf(!isInstalled)('Smart Turn with onnxruntime-node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'repartee-'));
  const path = join(folder, 'model.onnx');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the features to the model and takes its answer', async () => {
    writeFileSync(path, Buffer.from(meanModel, 'base64'));
    const { model } = opening({ weightsPath: path });
    const [speech, silence] = [readFixtureWav('speech/librivox-sense-0880.wav'), new Int16Array(0)];
    await model.warmUp();
    // The mean of the reference features is 0.154; those of silence are (−10 + 4) / 4.
    expect(await model.judge(speech, { signal: never })).toBeCloseTo(1 / (1 + Math.exp(-0.15416)), 3);
    expect(await model.judge(silence, { signal: never })).toBeCloseTo(1 / (1 + Math.exp(1.5)), 3);
  });

  it('refuses weights that are missing or broken', async () => {
    writeFileSync(path, 'nothing of the kind');
    await expect(opening({ weightsPath: path }).model.warmUp()).rejects.toThrow('no model that onnxruntime can read');
    rmSync(path);
    await expect(opening({ weightsPath: path }).model.warmUp()).rejects.toThrow('repartee fetch-smart-turn');
  });

  it('judges a recording as the published model does', async ({ skip }) => {
    const { model } = opening({});
    await model.warmUp().catch(() => skip(`no weights at ${cachedWeights()}`));
    const speech = readFixtureWav('speech/librivox-sense-0880.wav');
    expect(await model.judge(speech, { signal: never })).toBeCloseTo(0.0992, 2);
  });
});
