// The weights of Smart Turn v3.2 (8.7 MB): which file they are, and where they lie once they were fetched.
// https://github.com/pipecat-ai/smart-turn, BSD 2-Clause: LICENSE-smart-turn.txt, which is kept beside them.

import { homedir } from 'node:os';
import { join } from 'node:path';

/** The model for processors, quantised to 8 bits, as in the releases of Pipecat. */
export const WEIGHTS_FILE = 'smart-turn-v3.2-cpu.onnx';
export const WEIGHTS_SHA256 = '2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f';

/** A release of Pipecat that holds them. */
export const WEIGHTS_URL = `https://raw.githubusercontent.com/pipecat-ai/pipecat/v1.7.0/src/pipecat/audio/turn/smart_turn/data/${WEIGHTS_FILE}`;

export const weightsAdvice = 'Get them: repartee fetch-smart-turn';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where they are kept, whether they are there or not: below XDG_CACHE_HOME, or the platform's usual place. */
export function cachedWeights(
  environment: Variables = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = environment['HOME'] ?? homedir();
  const usual = join(home, platform === 'darwin' ? 'Library/Caches' : '.cache');
  const given = environment['XDG_CACHE_HOME'] ?? '';
  return join(given === '' ? usual : given, 'repartee', 'smart-turn', WEIGHTS_FILE);
}
