import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { describeVariables, livekitSettings, loadEnvFile, readEnvironment } from './environment.ts';

const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };

describe('the environment', () => {
  it('may be empty: the page has its defaults, all else is absent', () => {
    expect(readEnvironment({})).toEqual({ REPARTEE_PAGE_HOST: '127.0.0.1', REPARTEE_PAGE_PORT: 3000 });
  });

  it('takes an empty or blank variable for an absent one', () => {
    expect(readEnvironment({ DEEPGRAM_API_KEY: '', OPENAI_BASE_URL: '  ' })).toEqual(readEnvironment({}));
  });

  it('takes slashes off the end of base addresses, and blanks off keys', () => {
    const given = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1//', CARTESIA_API_KEY: ' sk \n' };
    expect(readEnvironment(given)).toMatchObject({
      OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1',
      CARTESIA_API_KEY: 'sk',
    });
  });

  it.each([
    [{ LIVEKIT_URL: 'localhost:7880' }, /^LIVEKIT_URL must be an address like ws:/],
    [{ LIVEKIT_PUBLIC_URL: 'calls' }, /^LIVEKIT_PUBLIC_URL must be an address/],
    [{ REPARTEE_PAGE_PORT: 'http' }, /^REPARTEE_PAGE_PORT must be a port number/],
    [{ REPARTEE_PAGE_PORT: '70000' }, /^REPARTEE_PAGE_PORT must be a port number/],
    [{ DEEPGRAM_BASE_URL: 'api.deepgram.com' }, /^DEEPGRAM_BASE_URL must be an address like https:/],
    [{ DEEPGRAM_BASE_URL: 'wss://api.deepgram.com' }, /begin with http.*try https:\/\/api\.deepgram\.com\.$/],
    [{ CARTESIA_BASE_URL: 'ws://127.0.0.1:9' }, /try http:\/\/127\.0\.0\.1:9\.$/],
    [{ OPENAI_BASE_URL: 'http://127.0.0.1:11434/' }, /must end in \/v1: try http:\/\/127\.0\.0\.1:11434\/v1\.$/],
  ])('refuses %o in one line that says what to set', (wrong, message) => {
    expect(() => readEnvironment({ ...livekit, ...wrong })).toThrow(message);
    expect(() => readEnvironment({ ...livekit, ...wrong })).toThrow(/^.*$/);
  });

  it('names all that is wrong at once', () => {
    const wrong = { LIVEKIT_URL: 'x', CARTESIA_BASE_URL: 'y' };
    expect(() => readEnvironment(wrong)).toThrow(/LIVEKIT_URL must .* CARTESIA_BASE_URL must/);
  });

  it('explains each variable, and its default where there is one', () => {
    const described = describeVariables();
    expect(Object.values(described)).not.toContain('');
    expect(described['DEEPGRAM_BASE_URL']).toMatch(/Default: https:\/\/api\.deepgram\.com\.$/);
    expect(described['REPARTEE_PAGE_PORT']).toMatch(/Default: 3000\.$/);
  });
});

describe('the LiveKit server', () => {
  it('is told to browsers by another address where there is one', () => {
    expect(livekitSettings(readEnvironment(livekit)).publicUrl).toBe('ws://127.0.0.1:7880');
    const LIVEKIT_PUBLIC_URL = 'wss://calls.example.com';
    expect(livekitSettings(readEnvironment({ ...livekit, LIVEKIT_PUBLIC_URL }))).toEqual({
      url: 'ws://127.0.0.1:7880',
      publicUrl: LIVEKIT_PUBLIC_URL,
      apiKey: 'key',
      apiSecret: 'secret',
    });
  });

  it('names all that is missing at once, and where to get it', () => {
    const environment = readEnvironment({ LIVEKIT_URL: livekit.LIVEKIT_URL, LIVEKIT_API_KEY: '' });
    expect(() => livekitSettings(environment)).toThrow(
      /^LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set: .*cloud\.livekit\.io.*npm run demo/,
    );
  });
});

describe('the file .env', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repartee-env-'));
  });

  afterEach(async () => {
    delete process.env['REPARTEE_TEST_GIVEN'];
    delete process.env['REPARTEE_TEST_FILE'];
    await rm(folder, { recursive: true });
  });

  it('adds what is not set yet; being absent is no fault', async () => {
    const path = join(folder, '.env');
    loadEnvFile(path);
    await writeFile(path, 'REPARTEE_TEST_GIVEN=file\nREPARTEE_TEST_FILE=file\n');
    process.env['REPARTEE_TEST_GIVEN'] = 'environment';
    loadEnvFile(path);
    expect([process.env['REPARTEE_TEST_GIVEN'], process.env['REPARTEE_TEST_FILE']]).toEqual(['environment', 'file']);
  });
});
