// The `repartee` command as a person starts it: the real binary in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Changes } from './changes.ts';
import type { TestLivekitServer } from './livekit-server.ts';

/** What begins each command line. */
export const repartee: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../bin/repartee.mjs', import.meta.url)),
];

export interface RunningProgram {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Told of each piece of output. */
  readonly output: Changes;
  /** The exit code once all of its output is there; null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  /** Working directory: no .env of the repository is read. */
  readonly folder: string;
  /** All that it sees beside the PATH. */
  readonly environment: Readonly<Record<string, string>>;
}

export function runProgram(command: readonly string[], { folder, environment }: ProgramOptions): RunningProgram {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const output = new Changes();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output.notify();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    output.notify();
  });
  const exitCode = once(child, 'close').then(() => child.exitCode);
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    output,
    exitCode,
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL');
      await exitCode;
    },
  };
}

export function livekitEnvironment({ url, apiKey, apiSecret }: TestLivekitServer): Readonly<Record<string, string>> {
  return { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
}

/** Waits for a line on standard output; rejects with all output when it doesn't come, or the program ends before. */
export async function printed({ stdout, stderr, output, exitCode }: RunningProgram, pattern: RegExp): Promise<void> {
  const ended = exitCode.then((code) => Promise.reject(new Error(`it ended with exit code ${code}`)));
  const what = `${String(pattern)} on standard output`;
  const seen = output.until(() => (pattern.test(stdout()) ? true : undefined), { timeoutMs: 20_000, what });
  try {
    await Promise.race([seen, ended]);
  } catch (cause) {
    throw new Error(`no ${String(pattern)} on standard output:\n${stdout()}${stderr()}`, { cause });
  }
}
