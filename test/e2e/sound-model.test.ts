// `repartee join` with Smart Turn: where its runtime and its weights are there, in a call; else what it says.

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { isOnnxRuntimeInstalled } from '../../src/audio/smart-turn/runtime.ts';
import { cachedWeights } from '../../src/audio/smart-turn/weights.ts';
import { connectCaller } from './caller.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { livekitEnvironment, printed, repartee, type RunningProgram, runProgram } from './repartee-program.ts';
import { synthesise } from './speech.ts';

const ROOM = 'sound-model';
const weightsPath = cachedWeights();
const canJudge = isOnnxRuntimeInstalled() && existsSync(weightsPath);

let livekit: TestLivekitServer;
let folder: string;
let agent: RunningProgram | undefined;

beforeAll(async () => {
  livekit = await startLivekitServer();
  folder = await mkdtemp(join(tmpdir(), 'repartee-sound-'));
  await writeFile(join(folder, 'sound.json'), JSON.stringify({ endpointing: { soundModel: 'smart-turn' } }));
});

afterEach(() => agent?.kill());

afterAll(async () => {
  await livekit?.close();
  await rm(folder, { recursive: true });
});

function joinRoom(): RunningProgram {
  const command = [...repartee, 'join', ROOM, '--config', 'sound.json', '--log-level', 'debug'];
  const caches = dirname(dirname(dirname(weightsPath)));
  agent = runProgram(command, { folder, environment: { ...livekitEnvironment(livekit), XDG_CACHE_HOME: caches } });
  return agent;
}

describe('repartee join with Smart Turn', () => {
  it.skipIf(!canJudge)('judges the pause of a caller, answers, and ends with its process', async () => {
    const program = joinRoom();
    await printed(program, /^Joined\./m);
    const caller = await connectCaller({ ...livekit, room: ROOM, identity: 'ada' });
    await caller.waitForAgent();
    await caller.ask(await synthesise('Where can I park?'));
    await caller.leave();
    await printed(program, /^1 .*park.* → /im);
    expect(program.stderr()).toMatch(/the sound of a pause was judged {2}complete=0\.\d+ heardMs=\d+/);
    expect(program.stderr()).not.toMatch(/^(warn|error)/m);
    program.signal('SIGINT');
    expect(await program.exitCode).toBe(0);
  });

  it.skipIf(canJudge)('says what is missing, and does not talk to anybody without it', async () => {
    const program = joinRoom();
    expect(await program.exitCode).toBe(1);
    expect(program.stderr()).toMatch(/^repartee: .*(npm install onnxruntime-node|repartee fetch-smart-turn)/m);
    expect(program.stdout()).not.toMatch(/^Joined/m);
  });
});
