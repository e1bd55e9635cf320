// The model itself: weights that are read and checked, and one inference.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { ConfigurationError } from '../../lib/errors.ts';
import { FRAME_COUNT, MEL_COUNT, smartTurnFeatures } from './features.ts';
import type { OnnxRuntime } from './runtime.ts';
import { weightsAdvice } from './weights.ts';

/** The probability that the turn is complete. */
export type Judge = (samples: Int16Array) => Promise<number>;

/** Rejects with a `ConfigurationError` where the weights are missing, broken or those of another model. */
export async function loadJudge(
  { Tensor, InferenceSession }: OnnxRuntime,
  weightsPath: string,
  sha256: string | undefined,
): Promise<Judge> {
  const weights = await readWeights(weightsPath, sha256);
  // One thread: the machine has calls to carry, and two are hardly quicker.
  const session = await InferenceSession.create(weights, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw new ConfigurationError(`${weightsPath} is no model that onnxruntime can read.`, { cause });
  });
  const [input, output] = [session.inputNames[0], session.outputNames[0]];
  if (input === undefined || output === undefined) {
    throw new ConfigurationError(`${weightsPath} is not a Smart Turn model: it has no input or no output.`);
  }
  return async (samples) => {
    const tensor = new Tensor('float32', smartTurnFeatures(samples), [1, MEL_COUNT, FRAME_COUNT]);
    const results = await session.run({ [input]: tensor });
    return probabilityIn(results[output]?.data);
  };
}

async function readWeights(path: string, sha256: string | undefined): Promise<Uint8Array> {
  let weights: Uint8Array;
  try {
    weights = await readFile(path);
  } catch (cause) {
    throw new ConfigurationError(`The weights of Smart Turn are not at ${path}. ${weightsAdvice}`, { cause });
  }
  if (sha256 !== undefined && createHash('sha256').update(weights).digest('hex') !== sha256) {
    throw new ConfigurationError(`${path} is broken, or another model. ${weightsAdvice}`);
  }
  return weights;
}

function probabilityIn(data: unknown): number {
  const probability = data instanceof Float32Array ? data[0] : undefined;
  if (probability === undefined || !(probability >= 0 && probability <= 1)) {
    throw new ConfigurationError(`This is not a Smart Turn model: it answers ${String(data)}, not with a probability.`);
  }
  return probability;
}
