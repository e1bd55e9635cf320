// `npm run demo` as a person meets it: its script, the LiveKit server and the agent that it starts, and how it ends.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));
const startDeadline = { timeout: 60_000, interval: 100 };

interface RunningDemo {
  readonly pid: number;
  output(): string;
  /** Does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  readonly exitCode: Promise<number | null>;
}

const running: RunningDemo[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const demo of running.splice(0)) {
    demo.kill('SIGTERM');
    await demo.exitCode;
  }
  for (const server of servers.splice(0)) server.close();
});

function runDemo(environment: Record<string, string> = {}): RunningDemo {
  // A server of its own, whatever the environment of the tests names.
  const env = { ...process.env, LIVEKIT_URL: '', REPARTEE_PAGE_PORT: '0', ...environment };
  const child = spawn('node', [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = once(child, 'close').then(() => child.exitCode);
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  const demo = { pid: child.pid ?? 0, output: () => output, kill, exitCode };
  running.push(demo);
  return demo;
}

/** The addresses that it prints. */
async function started(demo: RunningDemo): Promise<{ page: string; livekit: string }> {
  const printed = (pattern: RegExp): string | undefined => pattern.exec(demo.output())?.[1];
  const ended = demo.exitCode.then((code) => {
    throw new Error(`the demo ended with exit code ${code}:\n${demo.output()}`);
  });
  const page = await Promise.race([vi.waitUntil(() => printed(/Repartee is listening: (\S+)/), startDeadline), ended]);
  return { page, livekit: printed(/LiveKit server: ws(\S+)/)?.replace(/^/, 'http') ?? '' };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

/** Takes a TCP port; it is just as busy where somebody else has it. */
async function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise((resolve) => {
    server.once('error', resolve).listen(port, '127.0.0.1', () => resolve(undefined));
  });
}

describe('npm run demo', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves the page, and leaves nothing behind at %s', async (signal) => {
    const demo = runDemo();
    const { page, livekit } = await started(demo);
    expect(await answers(page)).toBe(true);
    expect(await answers(livekit)).toBe(true);
    demo.kill(signal);
    demo.kill(signal); // as Ctrl-C comes through npm
    expect(await demo.exitCode).toBe(0);
    expect(await answers(page)).toBe(false);
    expect(await answers(livekit)).toBe(false);
  });

  it('takes other ports where its own are busy, and says so', async () => {
    await occupy(7880);
    const demo = runDemo();
    const { livekit } = await started(demo);
    expect(demo.output()).toContain('Port 7880 is busy');
    expect(await answers(livekit)).toBe(true);
  });

  it('ends with a message when the agent dies, and takes the server with it', async () => {
    const demo = runDemo();
    const { livekit } = await started(demo);
    const agent = execFileSync('pgrep', ['-P', `${demo.pid}`, '-f', 'src/cli/main.ts'], { encoding: 'utf8' });
    process.kill(Number(agent), 'SIGKILL');
    expect(await demo.exitCode).toBe(1);
    expect(demo.output()).toContain('The agent ended (signal SIGKILL)');
    expect(await answers(livekit)).toBe(false);
  });

  it('refuses a LiveKit server without its keys', async () => {
    const demo = runDemo({ LIVEKIT_URL: 'wss://example.invalid', LIVEKIT_API_KEY: '', LIVEKIT_API_SECRET: '' });
    expect(await demo.exitCode).toBe(1);
    expect(demo.output()).toContain('LIVEKIT_API_KEY');
  });
});
