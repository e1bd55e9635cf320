// `repartee fetch-smart-turn`: puts the weights of Smart Turn into the cache, from the release of Pipecat that holds them or
// from a copy; checked against the known checksum, and whole or not at all.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { cachedWeights, WEIGHTS_SHA256, WEIGHTS_URL } from '../audio/smart-turn/weights.ts';
import { systemClock } from '../lib/clock.ts';
import { ConfigurationError, DeadlineError } from '../lib/errors.ts';
import { silence } from './doctor/finding.ts';

export interface FetchOptions {
  /** A file or an http(s) address. Default: the release. */
  readonly from?: string | undefined;
  /** Where to put them. Default: where they are looked for. */
  readonly path?: string;
  /** What they must be. Default: the model that Smart Turn is tested with. */
  readonly sha256?: string;
  readonly print: (line: string) => void;
}

/** 8.7 MB on a line of 1 Mbit/s, with time to spare. */
const DOWNLOAD_WITHIN_MS = 120_000;
const NOTICE_FILE = 'LICENSE-smart-turn.txt';
const notice = new URL(`../audio/smart-turn/${NOTICE_FILE}`, import.meta.url);

/** Rejects with a `ConfigurationError` that says what else can be done. */
export async function fetchSmartTurn(options: FetchOptions): Promise<void> {
  const { from = WEIGHTS_URL, path = cachedWeights(), sha256 = WEIGHTS_SHA256, print } = options;
  print(`Getting the weights of Smart Turn (8.7 MB, BSD 2-Clause, Daily) from ${from}`);
  const weights = /^https?:/.test(from) ? await download(from) : await read(from);
  const actual = createHash('sha256').update(weights).digest('hex');
  if (actual !== sha256) {
    throw new ConfigurationError(`${from} has SHA-256 ${actual} instead of ${sha256}: not used.`);
  }
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const incoming = await mkdtemp(join(folder, '.incoming-'));
  try {
    const file = join(incoming, 'weights');
    await writeFile(file, weights);
    await copyFile(notice, join(folder, NOTICE_FILE));
    await rename(file, path);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
  print(`They are at ${path}`);
}

async function download(url: string): Promise<Uint8Array> {
  const tooSlow = new AbortController();
  const deadline = systemClock.after(DOWNLOAD_WITHIN_MS, () =>
    tooSlow.abort(new DeadlineError(`it took longer than ${DOWNLOAD_WITHIN_MS / 1000} s`)),
  );
  try {
    const response = await fetch(url, { signal: tooSlow.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await response.bytes();
  } catch (cause) {
    const elsewhere =
      'The same file is in the Python package pipecat-ai, in pipecat/audio/turn/smart_turn/data: give it with --from.';
    throw new ConfigurationError(`${url}: ${silence(cause)}. ${elsewhere}`, { cause });
  } finally {
    deadline.cancel();
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ConfigurationError(`${path} can't be read: ${silence(cause)}.`, { cause });
  }
}
