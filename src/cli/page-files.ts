// The built page, read once at the start: requests are looked up among the files that exist, so no path can lead out.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

import { ConfigurationError } from '../lib/errors.ts';

export interface PageFile {
  readonly body: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Strong validator, quotes included (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

/** By URL path; the start page is at `/`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Reads a directory made by `vite build`. Throws a `ConfigurationError` where there is none. */
export async function readPageFiles(directory: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  for (const path of await filesUnder(directory)) {
    const urlPath = `/${relative(directory, path).split(sep).join('/')}`;
    files.set(urlPath === '/index.html' ? '/' : urlPath, describeFile(urlPath, await readFile(path)));
  }
  if (!files.has('/')) throw notBuilt(directory);
  return files;
}

async function filesUnder(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (cause) {
    throw notBuilt(directory, cause);
  }
}

function notBuilt(directory: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`There is no page in ${directory}. Build it with "npx vite build web-demo".`, {
    cause,
  });
}

function describeFile(urlPath: string, body: Buffer): PageFile {
  return {
    body,
    contentType: contentTypes[extname(urlPath)] ?? 'application/octet-stream',
    // Names under /assets/ carry a hash of their content.
    cacheControl: urlPath.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}
