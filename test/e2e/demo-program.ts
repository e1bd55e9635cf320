// The demo as a user starts it: `repartee demo`, a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

import type { TestLivekitServer } from './livekit-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface DemoProgram {
  /** Of the page. */
  readonly url: string;
  /** All that it has printed so far. */
  output(): string;
  /** Ctrl-C; resolves with the exit code. Idempotent. */
  stop(): Promise<number | null>;
}

export interface EndedProgram {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Builds the page as `npm run demo` does. */
export async function buildPage(): Promise<void> {
  await build({ root: `${root}web-demo`, logLevel: 'warn' });
}

/**
 * Starts the demo on a free port and waits for its page; rejects with its output when it ends instead. Offline, unless
 * `environment` holds keys.
 */
export async function startDemo(
  { url, apiKey, apiSecret }: TestLivekitServer,
  environment: Readonly<Record<string, string>> = {},
): Promise<DemoProgram> {
  const { child, output, exited } = runDemo({
    ...environment,
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    REPARTEE_PAGE_PORT: '0',
  });
  const listening = Promise.withResolvers<string>();
  child.stdout.on('data', () => {
    const address = /Repartee is listening: (\S+)/.exec(output())?.[1];
    if (address !== undefined) listening.resolve(address);
  });
  void exited.then((exitCode) => listening.reject(new Error(`the demo ended (${exitCode}): ${output()}`)));
  return {
    url: await listening.promise,
    output,
    stop: () => {
      child.kill('SIGINT');
      return exited;
    },
  };
}

/** Runs the demo with this environment only, until it ends by itself. */
export async function demoUntilItEnds(environment: Readonly<Record<string, string>>): Promise<EndedProgram> {
  const { output, exited } = runDemo({ REPARTEE_PAGE_PORT: '0', ...environment });
  return { exitCode: await exited, output: output() };
}

function runDemo(environment: Readonly<Record<string, string>>) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [`${root}src/cli/main.ts`, 'demo'], {
    // Away from the `.env` of whoever runs the tests.
    cwd: tmpdir(),
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (printed += text));
  }
  const exited = once(child, 'close').then(() => {
    process.removeListener('exit', killWithUs);
    return child.exitCode;
  });
  return { child, output: () => printed, exited };
}
