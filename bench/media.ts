// `npm run bench:media [-- --seconds N] [--calls 1,5,10]`: what a call costs. A real LiveKit server, pre-encoded RTP as
// load, everything of the agent real but recognition, model and voice. The agent has a core of its own where `taskset` is.

import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startLivekitServer } from '../test/e2e/livekit-server.ts';
import type { FromWorker, Load, MediaFigures, ToWorker } from './media-protocol.ts';
import { percentile } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    calls: { type: 'string', default: '1,5,10' },
  },
});
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

async function run(server: Omit<Load, 'rooms'>, calls: number): Promise<MediaFigures> {
  const rooms = Array.from({ length: calls }, (_, index) => `bench-${calls}-${index}`);
  const load: Load = { ...server, rooms };
  const agent = startWorker('./media-agent.ts', 0);
  const callers = startWorker('./media-callers.ts', 1);
  await agent.ask({ type: 'start', load }, 'ready');
  await callers.ask({ type: 'start', load }, 'ready');
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const measured = await agent.ask({ type: 'measure', durationMs }, 'measured');
  await Promise.all([agent.stop(), callers.stop()]);
  if (measured.type !== 'measured') throw new Error('the agent did not measure');
  return measured.figures;
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
    const figures = await run({ url, apiKey, apiSecret }, calls);
    rows.push({
      calls,
      'CPU s per call minute': round(figures.cpuSeconds / calls / (figures.wallSeconds / 60), 2),
      'memory MB': round(figures.residentBytes / megabyte, 1),
      'arrival → STT ms P50': round(percentile(figures.arrivalToSttMs, 0.5), 3),
      P99: round(percentile(figures.arrivalToSttMs, 0.99), 3),
      'lateness ms P50': round(percentile(figures.latenessMs, 0.5), 2),
      'P99 ': round(percentile(figures.latenessMs, 0.99), 2),
      replies: figures.replyCount,
      frames: figures.arrivalToSttMs.length,
    });
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
