// Gets the pinned official release of livekit-server: the archive for this machine, checked against the checksums
// published beside it. LiveKit publishes Linux archives; where there is none for this machine, the checksums say so.

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { run } from '../processes.mjs';
import { livekitVersion, placeInCache } from './cache.mjs';

const officialReleases = 'https://github.com/livekit/livekit/releases/download';
/** Go's names of processors, which the archives carry. */
const goArchitectures = /** @type {Record<string, string>} */ ({ x64: 'amd64', arm64: 'arm64', arm: 'armv7' });

/**
 * @typedef {object} Deadlines
 * @property {number} responseMs until a request is answered: short, the next way is waiting
 * @property {number} stallMs without a byte of an answer that has begun
 */

/**
 * Downloads the release into the cache. REPARTEE_LIVEKIT_RELEASES replaces the address below which the folder
 * `v<version>` lies, for mirrors.
 * @param {import('./locate.mjs').Search} search
 * @param {Deadlines} [deadlines]
 * @returns {Promise<string>} the path in the cache; rejects with the reason
 */
export async function downloadRelease({ env, say, signal }, deadlines = { responseMs: 5_000, stallMs: 15_000 }) {
  const folderUrl = `${env['REPARTEE_LIVEKIT_RELEASES'] || officialReleases}/v${livekitVersion}`;
  const archive = `livekit_${livekitVersion}_${process.platform}_${goArchitectures[process.arch] ?? process.arch}.tar.gz`;

  const checksums = await request(`${folderUrl}/checksums.txt`, deadlines, signal);
  const expected = checksumOf(archive, await text(checksums.body));
  if (expected === undefined) {
    const brew = process.platform === 'darwin' ? ' (Homebrew has one: brew install livekit)' : '';
    throw new Error(`the release has no ${archive}${brew}`);
  }

  return placeInCache(env, async (folder) => {
    const { body, totalBytes } = await request(`${folderUrl}/${archive}`, deadlines, signal);
    say(`downloading ${archive}${totalBytes === undefined ? '' : ` (${Math.ceil(totalBytes / 1e6)} MB)`}`);
    const file = join(folder, archive);
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(body, hashing, createWriteStream(file));
    const actual = hash.digest('hex');
    if (actual !== expected) throw new Error(`${archive} has SHA-256 ${actual} instead of ${expected}: not used`);
    await run('tar', ['-xzf', file, '-C', folder, 'livekit-server'], { quiet: true, signal });
    return join(folder, 'livekit-server');
  });
}

/**
 * The SHA-256 of a file in the format of sha256sum: `<hex>  <name>` on each line.
 * @param {string} fileName
 * @param {string} checksums
 * @returns {string | undefined}
 */
function checksumOf(fileName, checksums) {
  const entries = checksums.split('\n').map((line) => line.trim().split(/\s+\*?/));
  return entries.find(([hex, name]) => name === fileName && /^[0-9a-f]{64}$/.test(hex ?? ''))?.[0];
}

/**
 * @param {AsyncIterable<Uint8Array>} body
 * @returns {Promise<string>} decoded as UTF-8
 */
async function text(body) {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * GET with deadlines on the answer and on each pause in it.
 * @param {string} url
 * @param {Deadlines} deadlines
 * @param {AbortSignal} signal
 * @returns {Promise<{ body: AsyncIterable<Uint8Array>, totalBytes: number | undefined }>}
 */
async function request(url, { responseMs, stallMs }, signal) {
  const tooSlow = new AbortController();
  const giveUp = (/** @type {number} */ ms, /** @type {string} */ what) =>
    setTimeout(() => tooSlow.abort(new Error(`${url}: ${what} within ${ms} ms`)), ms);
  let timer = giveUp(responseMs, 'no answer');
  const response = await fetch(url, { signal: AbortSignal.any([signal, tooSlow.signal]) })
    .catch((error) => {
      throw tooSlow.signal.aborted ? error : new Error(`${url}: ${error.cause?.code ?? error.message}`);
    })
    .finally(() => clearTimeout(timer));
  if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`);
  const source = response.body;

  async function* read() {
    timer = giveUp(stallMs, 'no data');
    try {
      for await (const chunk of source) {
        timer.refresh();
        yield chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  }
  const length = response.headers.get('content-length');
  return { body: read(), totalBytes: length === null ? undefined : Number(length) };
}
