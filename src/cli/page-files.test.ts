import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ConfigurationError } from '../lib/errors.ts';
import { readPageFiles } from './page-files.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'repartee-page-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function etagOf(content: string) {
  await writeFile(join(directory, 'index.html'), content);
  return (await readPageFiles(directory)).get('/')?.etag;
}

describe('page files', () => {
  it('are found by the path that a browser asks for, index.html at /', async () => {
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), '<!doctype html>');
    await writeFile(join(directory, 'assets', 'main-abc.js'), 'export {};');
    const files = await readPageFiles(directory);
    expect([...files.keys()].sort()).toEqual(['/', '/assets/main-abc.js']);
    expect(files.get('/')).toMatchObject({ contentType: 'text/html; charset=utf-8', cacheControl: 'no-cache' });
    expect(files.get('/assets/main-abc.js')?.cacheControl).toContain('immutable');
  });

  it('have a validator that changes with the content', async () => {
    const first = await etagOf('one');
    expect(first).toMatch(/^"[\w-]+"$/);
    expect(await etagOf('two')).not.toBe(first);
    expect(await etagOf('one')).toBe(first);
  });

  it('that were never built are an error that says how to build them', async () => {
    await expect(readPageFiles(directory)).rejects.toThrow(ConfigurationError);
    await expect(readPageFiles(join(directory, 'absent'))).rejects.toThrow(/vite build web-demo/);
  });
});
