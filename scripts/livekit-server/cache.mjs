// Where a LiveKit server that was downloaded or built is kept, and how it gets there: whole or not at all.

import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { run } from '../processes.mjs';

/** The release that is downloaded or built. One on the PATH may be another. */
export const livekitVersion = '1.13.5';

/**
 * The folder of the pinned version: below XDG_CACHE_HOME, or the platform's usual place.
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} [platform]
 */
export function cacheFolder(env, platform = process.platform) {
  const home = env['HOME'] ?? homedir();
  const caches = env['XDG_CACHE_HOME'] || join(home, platform === 'darwin' ? 'Library/Caches' : '.cache');
  return join(caches, 'repartee', `livekit-server-${livekitVersion}`);
}

/**
 * The path of the server in the cache, whether it is there or not.
 * @param {NodeJS.ProcessEnv} env
 */
export function cachedBinary(env) {
  return join(cacheFolder(env), 'livekit-server');
}

/**
 * Lets `produce` make a server in a temporary folder, tries it, and moves it into the cache in one step, so that
 * neither an interrupted run nor one beside it can leave half a program there.
 * @param {NodeJS.ProcessEnv} env
 * @param {(folder: string) => Promise<string>} produce returns the path of the program that it made in `folder`
 * @returns {Promise<string>} the path in the cache
 */
export async function placeInCache(env, produce) {
  const target = cachedBinary(env);
  await mkdir(cacheFolder(env), { recursive: true });
  const folder = await mkdtemp(join(cacheFolder(env), '.incoming-'));
  try {
    const made = await produce(folder);
    await chmod(made, 0o755);
    await versionOf(made);
    await rename(made, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}

/**
 * What a server says it is, e.g. `1.13.5`; rejects where it does not run.
 * @param {string} binary
 */
export async function versionOf(binary) {
  const output = await run(binary, ['--version'], { quiet: true });
  return /\d+\.\d+\.\d+\S*/.exec(output)?.[0] ?? 'of unknown version';
}
