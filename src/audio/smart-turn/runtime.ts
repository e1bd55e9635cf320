// onnxruntime-node, where it is installed: the package is an optional peer dependency (docs/decisions/0006-smart-turn.md).
// Its interface: https://onnxruntime.ai/docs/api/js/

import { createRequire } from 'node:module';

import { ConfigurationError } from '../../lib/errors.ts';

interface Tensor {
  readonly data: unknown;
}

interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

interface SessionOptions {
  readonly intraOpNumThreads: number;
  readonly interOpNumThreads: number;
  /** 3: errors only. */
  readonly logSeverityLevel: 3;
}

/** As much of it as is used. */
export interface OnnxRuntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: SessionOptions): Promise<InferenceSession>;
  };
}

const packageName = 'onnxruntime-node';

/** How to install it. Its install script only fetches libraries for graphics cards, hundreds of megabytes. */
export const runtimeAdvice = `Install it: ONNXRUNTIME_NODE_INSTALL=skip npm install ${packageName}@1.30.0`;

export function isOnnxRuntimeInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    // What can't be resolved is not there; why doesn't matter.
    return false;
  }
}

/** Rejects with a `ConfigurationError` where it is not installed, or can't run on this machine. */
export async function loadOnnxRuntime(specifier: string = packageName): Promise<OnnxRuntime> {
  let loaded: unknown;
  try {
    // Not a literal: the types are checked without the package.
    loaded = await import(specifier);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const says = isMissing ? `is not installed. ${runtimeAdvice}` : `can't be loaded: ${messageOf(cause)}`;
    throw new ConfigurationError(`Smart Turn needs the package ${packageName}, which ${says}`, { cause });
  }
  if (!isOnnxRuntime(loaded)) {
    throw new ConfigurationError(`The package ${packageName} is not one that Smart Turn knows. ${runtimeAdvice}`);
  }
  return loaded;
}

function isOnnxRuntime(loaded: unknown): loaded is OnnxRuntime {
  return typeof loaded === 'object' && loaded !== null && 'Tensor' in loaded && 'InferenceSession' in loaded;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
