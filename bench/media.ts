// `npm run bench:media [-- --seconds N] [--calls 1,5,10] [--profile] [--without account]`: what a call costs. A real LiveKit
// server, pre-encoded RTP as load, everything of the agent real but recognition, model and voice. The agent has a core of its
// own where `taskset` is. `--profile` says where the time goes. `--without account` has a second agent that makes no accounts
// of turns serve as many calls at the same time on the same core, and prints the difference.

import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startLivekitServer } from '../test/e2e/livekit-server.ts';
import type { Account, Call, FromWorker, Load, MediaFigures, ToWorker } from './media-protocol.ts';
import { percentile } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    calls: { type: 'string', default: '1,5,10' },
    profile: { type: 'boolean', default: false },
    without: { type: 'string' },
  },
});
if (options.without !== undefined && options.without !== 'account') throw new Error('--without knows only: account');
const durationMs = Number(options.seconds) * 1000;
const callCounts = options.calls.split(',').map(Number);
/** Joining, codecs, the first rounds, and compiling what they have made hot are not what a further minute of a call costs. */
const WARM_UP_MS = 20_000;
const pins = spawnSync('taskset', ['--version']).status === 0;

interface Worker {
  ask(message: ToWorker, answer: FromWorker['type']): Promise<FromWorker>;
  stop(): Promise<void>;
}

function startWorker(file: string, core: number): Worker {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child: ChildProcess = fork(path, { stdio: 'inherit' });
  if (pins && child.pid !== undefined) spawnSync('taskset', ['-a', '-cp', String(core), String(child.pid)]);
  const ask: Worker['ask'] = (message, answer) =>
    new Promise((resolve, reject) => {
      const onMessage = (reply: FromWorker): void => {
        if (reply.type !== answer) return;
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(reply);
      };
      const onExit = (code: number | null): void => reject(new Error(`${file} ended with code ${code}`));
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(message);
    });
  return {
    ask,
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      await ask({ type: 'stop' }, 'stopped');
      await exited;
    },
  };
}

/** An agent for each kind of account, all at the same time on one core. */
async function run(
  server: Omit<Load, 'calls'>,
  callCount: number,
  accounts: readonly Account[],
): Promise<readonly MediaFigures[]> {
  const loads = accounts.map((account): Load => {
    const call = (number: number): Call => ({ roomName: `bench-${account}-${callCount}-${number}`, number, account });
    return { ...server, calls: Array.from({ length: callCount }, (_, number) => call(number)) };
  });
  const agents = loads.map(() => startWorker('./media-agent.ts', 0));
  const callers = startWorker('./media-callers.ts', 1);
  await Promise.all(agents.map((agent, n) => agent.ask({ type: 'start', load: loads[n] ?? fail() }, 'ready')));
  const allCalls = loads.flatMap(({ calls }) => calls);
  await callers.ask({ type: 'start', load: { ...server, calls: allCalls } }, 'ready');
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const measure: ToWorker = { type: 'measure', durationMs, profiled: options.profile };
  const measured = await Promise.all(agents.map((agent) => agent.ask(measure, 'measured')));
  await Promise.all([...agents, callers].map((worker) => worker.stop()));
  return measured.map((told) => (told.type === 'measured' ? told.figures : fail()));
}

function fail(): never {
  throw new Error('the agent did not measure');
}

/** What one call costs in CPU seconds a minute. */
function perCallMinute(seconds: number, callCount: number, { wallSeconds }: MediaFigures): number {
  return seconds / callCount / (wallSeconds / 60);
}

const server = await startLivekitServer();
const { url, apiKey, apiSecret } = server;
const megabyte = 1024 * 1024;
try {
  const pinned = pins ? 'agent pinned to core 0' : 'not pinned: no taskset here';
  process.stdout.write(
    `media path, ${durationMs / 1000} s each after a warm-up of ${WARM_UP_MS / 1000} s, ${pinned}\n`,
  );
  const rows = [];
  for (const calls of callCounts) {
    const accounts: readonly Account[] = options.without === undefined ? ['alone'] : ['withPage', 'none'];
    const [figures = fail(), without] = await run({ url, apiKey, apiSecret }, calls, accounts);
    const cpuSeconds = perCallMinute(figures.cpuSeconds, calls, figures);
    rows.push({
      calls,
      'CPU s per call minute': round(cpuSeconds, 2),
      'memory MB': round(figures.residentBytes / megabyte, 1),
      'arrival → STT ms P50': round(percentile(figures.arrivalToSttMs, 0.5), 3),
      P99: round(percentile(figures.arrivalToSttMs, 0.99), 3),
      'lateness ms P50': round(percentile(figures.latenessMs, 0.5), 2),
      'P99 ': round(percentile(figures.latenessMs, 0.99), 2),
      replies: figures.replyCount,
      frames: figures.arrivalToSttMs.length,
    });
    for (const [part, seconds] of figures.secondsByPart ?? []) {
      process.stdout.write(`  ${perCallMinute(seconds, calls, figures).toFixed(2)} s  ${part}\n`);
    }
    if (without !== undefined) {
      const cpuWithout = perCallMinute(without.cpuSeconds, calls, without);
      const percent = ((cpuSeconds - cpuWithout) / 60) * 100;
      process.stdout.write(
        `${calls} calls without accounts of turns: ${round(cpuWithout, 2)} s. The account, with a page that helps: ` +
          `${round(cpuSeconds - cpuWithout, 2)} s a call minute, ${round(percent, 2)} % of a core for each call\n`,
      );
    }
  }
  console.table(rows);
  const first = rows[0];
  const last = rows.at(-1);
  if (first !== undefined && last !== undefined && last.calls > first.calls) {
    const perCall = (last['memory MB'] - first['memory MB']) / (last.calls - first.calls);
    process.stdout.write(`memory of each further call: ${round(perCall, 1)} MB\n`);
  }
} finally {
  await server.close();
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
