// Whether turns can be judged by their sound: the package that runs the model, the weights, and that both work.

import { existsSync } from 'node:fs';

import { smartTurn } from '../../audio/smart-turn.ts';
import { isOnnxRuntimeInstalled, runtimeAdvice } from '../../audio/smart-turn/runtime.ts';
import { cachedWeights, weightsAdvice } from '../../audio/smart-turn/weights.ts';
import type { RawEnvironment } from '../environment.ts';
import type { Finding } from './finding.ts';

const subject = 'Smart Turn';

/** Only `endpointing.soundModel` needs it, so it is never a fault. */
export async function checkSmartTurn(environment: RawEnvironment): Promise<Finding> {
  const path = cachedWeights(environment);
  const missing = [
    ...(isOnnxRuntimeInstalled() ? [] : [{ what: 'the package onnxruntime-node', advice: runtimeAdvice }]),
    ...(existsSync(path) ? [] : [{ what: 'the weights', advice: weightsAdvice }]),
  ];
  if (missing.length > 0) {
    const says = `without ${missing.map(({ what }) => what).join(' and ')}; only endpointing.soundModel needs it`;
    return { subject, status: 'absent', says, advice: `${missing.map(({ advice }) => advice).join('. ')}.` };
  }
  const model = smartTurn();
  try {
    await model.warmUp();
    return { subject, status: 'ok', says: `can judge turns by their sound (${path})` };
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { subject, status: 'absent', says: `${says} Only endpointing.soundModel needs it.` };
  } finally {
    await model.close();
  }
}
