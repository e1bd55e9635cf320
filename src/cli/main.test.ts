// The real binary in a process of its own, in an empty folder with an empty environment.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const binary = fileURLToPath(new URL('../../bin/repartee.mjs', import.meta.url));

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repartee-cli-'));
});

afterAll(() => rm(folder, { recursive: true }));

function repartee(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } };
    execFile(process.execPath, [...nodeOptions, binary, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const livekit = ['--url', 'ws://127.0.0.1:9', '--api-key', 'APIkey', '--api-secret', 'x'.repeat(32)];

describe('repartee', () => {
  it.each([
    [['--help'], /repartee COMMAND/],
    [['help', 'join'], /repartee join ROOM/],
    [['join', '--help'], /--report FILE/],
    [['demo', '--help'], /REPARTEE_PAGE_PORT/],
    [['doctor', '--help'], /Exit codes/],
    [['fetch-smart-turn', '--help'], /--from FILE\|URL/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j is answered on standard output', async (args, shown) => {
    const { code, stdout, stderr } = await repartee(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(shown);
  });

  it('runs on the Node of node_modules where its own knows no TypeScript', async () => {
    const { code, stdout } = await repartee(['--version'], {}, ['--no-experimental-strip-types']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong = await repartee(['join'], {}, ['--no-experimental-strip-types']);
    expect(wrong.code).toBe(2);
  });

  it.each([
    [['dance'], /There is no command "dance"/],
    [['join'], /ROOM is missing/],
    [['join', 'a', '--colour', 'red'], /Unknown option '--colour'/],
    [['join', 'a', '--stt', 'parrot'], /--stt must be one of deepgram, openai, offline/],
    [['join', 'a', '--batch', 'stt,ears'], /"ears" is none of them/],
    [['join', 'a', '--language', 'English!'], /language: must be a language tag/],
    [['join', 'a', '--metrics', 'here'], /--metrics takes a port/],
    [['doctor', 'now'], /"now" is one argument too many/],
  ])('%j is wrong usage: exit code 2, one line, no stack trace', async (args, message) => {
    const { code, stdout, stderr } = await repartee(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^repartee: .*\n$/);
  });

  it.each([
    [['join', 'a', '--otlp', 'collector:4318'], {}, /OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http/],
    [['join', 'a'], {}, /LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set.*cloud\.livekit\.io/],
    [['demo'], { LIVEKIT_URL: 'ws://127.0.0.1:9' }, /LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set/],
    [['join', 'a', ...livekit, '--stt', 'deepgram'], {}, /DEEPGRAM_API_KEY not set.*console\.deepgram\.com/],
    [['join', 'a', ...livekit], { OPENAI_BASE_URL: 'http://127.0.0.1:9' }, /OPENAI_BASE_URL must end in \/v1/],
    [
      ['join', 'a', ...livekit, '--llm', 'openai'],
      { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
      /OPENAI_MODEL not set/,
    ],
    [['join', 'a', ...livekit, '--voice', 'basso'], {}, /no "basso": choose one of/],
    [['join', 'a', ...livekit, '--report', 'absent/call.json'], {}, /can't be written.*there is no such folder/],
    [['join', 'a', ...livekit, '--config', 'absent.json'], {}, /absent\.json can't be read/],
    [['fetch-smart-turn', '--from', 'absent.onnx'], {}, /absent\.onnx can't be read/],
    [['join', 'a', ...livekit], {}, /no LiveKit server answers at 127\.0\.0\.1:9/],
  ])('%j with %j can not run: exit code 1, what to do, no stack trace', async (args, env, message) => {
    const { code, stderr } = await repartee(args, env);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('says where a settings file is wrong', async () => {
    await writeFile(join(folder, 'wrong.json'), '{ "bufferFrames": "many", "colour": "red" }');
    const { code, stderr } = await repartee(['join', 'a', ...livekit, '--config', 'wrong.json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^repartee: wrong\.json: bufferFrames: .*colour.*\n$/);
  });

  it('doctor: exit code 1 where nothing is set, with advice', async () => {
    const { code, stdout, stderr } = await repartee(['doctor'], { REPARTEE_PAGE_PORT: '0' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/✓ Node/);
    expect(stdout).toMatch(/✗ LiveKit server/);
  });
});
