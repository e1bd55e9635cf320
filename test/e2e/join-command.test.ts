// `repartee join` as a person starts it: the real binary, a real LiveKit server, a caller who shares no code with it.

import { RoomServiceClient } from 'livekit-server-sdk';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { readWavHeader } from '../../src/audio/wav.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { answer } from '../../src/llm/front-desk/front-desk.ts';
import { type SessionReport, sessionReportSchema } from '../../src/telemetry/session-report.ts';
import { OtlpCollector, straySpans } from '../fixtures/otlp-collector.ts';
import { parsePrometheusText } from '../fixtures/prometheus-text.ts';
import { type Caller, connectCaller } from './caller.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { livekitEnvironment, printed, repartee, type RunningProgram, runProgram } from './repartee-program.ts';
import { synthesise } from './speech.ts';

const QUESTION = 'Where can I park?';
const patience = { timeout: 20_000, interval: 50 };

let livekit: TestLivekitServer;
let folder: string;
let reportPath: string;
let roomCount = 0;
const running: RunningProgram[] = [];
const callers: Caller[] = [];

beforeAll(async () => {
  livekit = await startLivekitServer();
  folder = await mkdtemp(join(tmpdir(), 'repartee-join-'));
  reportPath = join(folder, 'call.json');
});

afterEach(async () => {
  await Promise.all(callers.splice(0).map(async (caller) => caller.leave()));
  await Promise.all(running.splice(0).map(async (program) => program.kill()));
  await rm(reportPath, { force: true });
});

afterAll(async () => {
  await livekit?.close();
  await rm(folder, { recursive: true });
});

function newRoom(): string {
  roomCount += 1;
  return `join-command-${roomCount}`;
}

/** Starts `command` with the server in its environment. */
function run(command: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningProgram {
  const program = runProgram(command, { folder, environment: { ...livekitEnvironment(livekit), ...environment } });
  running.push(program);
  return program;
}

const joinCommand = (room: string, ...options: readonly string[]): readonly string[] => [
  ...repartee,
  'join',
  room,
  ...options,
];

async function call(room: string, identity = 'ada'): Promise<Caller> {
  const caller = await connectCaller({ ...livekit, room, identity });
  callers.push(caller);
  await caller.waitForAgent();
  return caller;
}

/** The loudest sample of one channel of a stereo file. */
function peakOf(recording: Buffer, channel: 0 | 1): number {
  let peak = 0;
  for (let at = 44 + 2 * channel; at + 2 <= recording.length; at += 4) {
    peak = Math.max(peak, Math.abs(recording.readInt16LE(at)));
  }
  return peak;
}

const report = async (): Promise<SessionReport> =>
  sessionReportSchema.parse(JSON.parse(await readFile(reportPath, 'utf8')));

describe('repartee join', () => {
  it('answers a caller, tells each turn, and leaves a report of the call at SIGTERM', async () => {
    const room = newRoom();
    const collector = await OtlpCollector.start();
    const recordingPath = join(folder, 'call.wav');
    const telling = ['--otlp', collector.url, '--metrics', '0', '--record', recordingPath];
    const agent = run(joinCommand(room, '--identity', 'desk', '--report', reportPath, ...telling));
    await printed(agent, /^Joined\./m);
    const caller = await call(room);
    const heard = await caller.ask(await synthesise(QUESTION));
    expect(heard.samples.length).toBeGreaterThan(0);
    await printed(agent, /^1 .*park.* → ".*" +\d+ ms$/im);
    const [, metricsUrl = ''] = /^Figures for Prometheus: (\S+)$/m.exec(agent.stdout()) ?? [];
    const families = parsePrometheusText(await (await fetch(metricsUrl)).text());
    expect(families.get('repartee_active_calls')?.samples[0]?.value).toBe(1);
    agent.signal('SIGTERM');
    expect(await agent.exitCode).toBe(0);

    await collector.close();
    expect(collector.faults).toEqual([]);
    expect(straySpans(collector.spans)).toEqual([]);
    expect(collector.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['call', 'turn', 'synthesis']));
    const recording = await readFile(recordingPath);
    await rm(recordingPath);
    expect(readWavHeader(recording)).toMatchObject({ channelCount: 2, sampleRateHz: 16_000, dataOffset: 44 });
    expect(recording.readUInt32LE(40)).toBe(recording.length - 44);
    // Both sides are heard.
    expect(Math.min(peakOf(recording, 0), peakOf(recording, 1))).toBeGreaterThan(1000);

    const { call: told, turns, errors, stages, settings } = await report();
    expect(told).toMatchObject({ room, identity: 'desk', callers: ['ada'], endReason: 'stopped' });
    expect(Date.parse(told.endedAt ?? '')).toBeGreaterThan(Date.parse(told.startedAt));
    expect(stages).toEqual({ stt: 'offline', llm: expect.stringContaining('front-desk'), tts: 'offline slt' });
    expect(turns).toHaveLength(1);
    const [turn] = turns;
    const expected = answer([QUESTION], systemClock);
    expect(turn).toMatchObject({ turn: 1, kind: 'reply', source: 'voice', reply: expected, heardText: expected });
    expect(turn?.transcript).toMatch(/where can i park/i);
    const spansMs = turn?.spans.reduce((sum, { ms }) => sum + ms, 0);
    // This caller's page does not help: an estimate, of spans that add up to it.
    expect(turn?.basis).toBe('estimated');
    expect(turn?.glassToGlassMs).toBeCloseTo(spansMs ?? 0, 3);
    expect(turn?.glassToGlassMs).toBeGreaterThan(turn?.responseMs ?? Infinity);
    expect(errors).toEqual([]);
    expect(JSON.stringify(settings)).not.toContain(livekit.apiSecret);
    expect(await readdir(folder)).toEqual(['call.json']);
    expect(agent.stderr()).toBe('');
  });

  it('says goodbye to the room at Ctrl-C while it still speaks; the turn is in the report', async () => {
    const room = newRoom();
    const agent = run(joinCommand(room, '--report', reportPath));
    await printed(agent, /^Joined\./m);
    const caller = await call(room);
    const { endedAtMs } = await caller.say(await synthesise('Tell me a long story.'));
    await caller.heard.waitForSound({ after: endedAtMs });
    agent.signal('SIGINT');
    agent.signal('SIGINT'); // as Ctrl-C comes through npx
    expect(await agent.exitCode).toBe(0);
    expect((await report()).turns).toEqual([
      expect.objectContaining({ turn: 1, source: 'voice', heardText: expect.any(String), reply: expect.any(String) }),
    ]);
  });

  it('ends with the room, which is no fault', async () => {
    const room = newRoom();
    const agent = run(joinCommand(room, '--report', reportPath));
    await printed(agent, /^Joined\./m);
    await new RoomServiceClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret).deleteRoom(room);
    expect(await agent.exitCode).toBe(0);
    expect(agent.stdout()).toMatch(/The call is over: the room was deleted\.\n$/);
    expect(agent.stderr()).toBe('');
    const { call: told, errors } = await report();
    expect(told.endReason).toBe('roomClosed');
    expect(errors).toEqual([]);
  });

  it('ends with the shell that npx starts it in, which passes no signal on', async () => {
    const room = newRoom();
    const quoted = joinCommand(room, '--report', reportPath)
      .map((word) => `'${word}'`)
      .join(' ');
    const agent = run(['sh', '-c', `${quoted}; true`], { npm_command: 'exec' });
    await printed(agent, /^Joined\./m);
    agent.signal('SIGTERM');
    await expect.poll(async () => (await report()).call.endReason, patience).toBe('stopped');
  });

  it('a bug has its stack trace and exit code 1; what came before is in the report', async () => {
    const bug = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("a bug")})';
    const [node = '', ...args] = joinCommand(newRoom(), '--report', reportPath, '--identity', 'desk');
    const agent = run([node, '--import', bug, ...args]);
    await printed(agent, /^Joined\./m);
    agent.signal('SIGUSR2');
    expect(await agent.exitCode).toBe(1);
    expect(agent.stderr()).toMatch(/Error: a bug\n +at /);
    expect(await report()).toMatchObject({
      call: { identity: 'desk', endReason: 'failed' },
      errors: [{ message: 'a bug' }],
    });
  });

  it('a wrong key is one line and exit code 1, and in the report', async () => {
    const agent = run(joinCommand(newRoom(), '--report', reportPath), { LIVEKIT_API_SECRET: 'x'.repeat(32) });
    expect(await agent.exitCode).toBe(1);
    expect(agent.stderr()).toMatch(/^repartee: .*refused the token.*\n$/);
    const { call: told, errors } = await report();
    expect(told.endReason).toBe('failed');
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('refused the token') })]);
  });
});

describe('repartee doctor', () => {
  it('finds a server that takes the keys and lets media through', async () => {
    const doctor = run([...repartee, 'doctor'], { REPARTEE_PAGE_PORT: '0' });
    expect(await doctor.exitCode).toBe(0);
    expect(doctor.stdout()).toMatch(/✓ LiveKit server/);
    expect(doctor.stdout()).toMatch(/✓ Media/);
  });

  it('says that the server refuses the keys', async () => {
    const doctor = run([...repartee, 'doctor'], { LIVEKIT_API_SECRET: 'x'.repeat(32) });
    expect(await doctor.exitCode).toBe(1);
    expect(doctor.stdout()).toMatch(/✗ LiveKit server .*refuses the key pair/);
  });
});
