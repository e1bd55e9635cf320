import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** @returns {string} */
export function locateForTests() {
  const path =
    process.env['REPARTEE_LIVEKIT_SERVER'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'repartee/livekit-server-1.13.5/livekit-server');
  if (!existsSync(path)) throw new Error('No LiveKit server found: run `npm test` once, which gets one.');
  return path;
}
