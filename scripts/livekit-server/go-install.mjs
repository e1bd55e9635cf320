// Builds the pinned livekit-server with the machine's Go.

import { join } from 'node:path';

import { findProgram } from '../find-program.mjs';
import { run } from '../processes.mjs';
import { livekitVersion, placeInCache } from './cache.mjs';

const module = `github.com/livekit/livekit-server/cmd/server@v${livekitVersion}`;

/**
 * @param {import('./locate.mjs').Search} search
 * @returns {Promise<string>} the path in the cache; rejects with the reason
 */
export async function goInstall({ env, say, signal }) {
  const go = findProgram('go', env);
  if (go === undefined) throw new Error('no go on the PATH');
  say(`building it: go install ${module} (a few minutes, once)`);
  return placeInCache(env, async (folder) => {
    await run(go, ['install', module], { env: { ...env, GOBIN: folder }, signal });
    return join(folder, 'server');
  });
}
