// Finds a LiveKit server, or gets one: each way is tried in order and says what came of it.

import { findProgram, isExecutableFile } from '../find-program.mjs';
import { cachedBinary, livekitVersion, versionOf } from './cache.mjs';
import { launchImage, pullImage } from './docker.mjs';
import { goInstall } from './go-install.mjs';
import { downloadRelease } from './release.mjs';
import { launchBinary } from './run.mjs';

/**
 * What every way of getting a server is given.
 * @typedef {object} Search
 * @property {NodeJS.ProcessEnv} env
 * @property {(line: string) => void} say one line of progress
 * @property {AbortSignal} signal
 */

/**
 * A server that somebody else runs.
 * @typedef {object} ExternalServer
 * @property {string} url
 * @property {string} apiKey
 * @property {string} apiSecret
 */

/** Stands for the image where a path is expected. */
const dockerReference = 'docker';

/**
 * The ways to a server on this machine. Each returns a path, or `docker`; or rejects with why it can't.
 * @type {ReadonlyArray<readonly [name: string, way: (search: Search) => Promise<string>]>}
 */
const ways = [
  ['on the PATH', onPath],
  ['in the cache', inCache],
  ['official release', downloadRelease],
  ['go install', goInstall],
  ['docker', async (search) => pullImage(search).then(() => dockerReference)],
];

/**
 * The server that LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET name; undefined without LIVEKIT_URL.
 * @param {NodeJS.ProcessEnv} env
 * @returns {ExternalServer | undefined} throws where a key is missing
 */
export function externalServer(env) {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  if (!url) return undefined;
  if (!apiKey || !apiSecret) {
    throw new Error(
      'LIVEKIT_URL is set, but LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not. Set both (in the environment or in ' +
        '.env), or unset LIVEKIT_URL to have a server started here.',
    );
  }
  return { url, apiKey, apiSecret };
}

/**
 * Finds or gets a server program: on the PATH, in the cache, the official release, by `go install`, by docker.
 * @param {Search} search
 * @returns {Promise<string>} a reference for `launcherOf`; rejects with all that was tried, and what to do
 */
export async function locateLivekitServer(search) {
  /** @type {string[]} */
  const tried = [];
  for (const [name, way] of ways) {
    const say = (/** @type {string} */ line) => search.say(`LiveKit server, ${name}: ${line}`);
    try {
      const reference = await way({ ...search, say });
      say(reference);
      return reference;
    } catch (error) {
      search.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      say(reason);
      tried.push(`${name}: ${reason}`);
    }
  }
  throw new Error(
    `No LiveKit server could be found or got. Tried:\n${tried.map((line) => `  - ${line}\n`).join('')}` +
      'Do one of these and try again:\n' +
      '  - macOS: brew install livekit; Linux: curl -sSL https://get.livekit.io | bash\n' +
      `  - put livekit-server ${livekitVersion} at ${cachedBinary(search.env)}\n` +
      '  - set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a server that runs elsewhere (the demo only)',
  );
}

/**
 * How to start what `locateLivekitServer` found.
 * @param {string} reference
 * @returns {import('./run.mjs').LaunchCommand}
 */
export function launcherOf(reference) {
  return reference === dockerReference ? launchImage : launchBinary(reference);
}

/**
 * What is on this machine already, without getting anything: REPARTEE_LIVEKIT_SERVER, the PATH, the cache.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} throws with what to do
 */
export function installedLivekitServer(env = process.env) {
  const reference = env['REPARTEE_LIVEKIT_SERVER'] || findProgram('livekit-server', env) || cachedBinary(env);
  if (reference === dockerReference || isExecutableFile(reference)) return reference;
  throw new Error(`No LiveKit server at ${reference}. Run \`npm test\` once: it gets one.`);
}

/** @type {(search: Search) => Promise<string>} */
async function onPath({ env, say }) {
  const path = findProgram('livekit-server', env);
  if (path === undefined) throw new Error('no');
  const version = await versionOf(path);
  if (version !== livekitVersion) say(`version ${version}; this project is tested with ${livekitVersion}`);
  return path;
}

/** @type {(search: Search) => Promise<string>} */
async function inCache({ env }) {
  const path = cachedBinary(env);
  if (!isExecutableFile(path)) throw new Error('no');
  await versionOf(path);
  return path;
}
