import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readWavHeader } from '../audio/wav.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { Recording, RECORDING_RATE_HZ } from './recording.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';

const FRAME = RECORDING_RATE_HZ / 50;

let folder: string;
let path: string;
let clock: VirtualClock;
let faults: Error[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repartee-recording-'));
  path = join(folder, 'call.wav');
  clock = new VirtualClock();
  faults = [];
});

afterEach(async () => {
  expect(clock.pendingTimerCount).toBe(0);
  await rm(folder, { recursive: true });
});

const create = (): Promise<Recording> => Recording.create({ path, clock, onFault: (error) => faults.push(error) });

const frame = (value: number): Int16Array => new Int16Array(FRAME).fill(value);

/** Both channels as the file has them; checks that its sizes are those of the file. */
async function recorded(): Promise<{ readonly left: readonly number[]; readonly right: readonly number[] }> {
  const bytes = await readFile(path);
  expect(readWavHeader(bytes)).toEqual({
    isPcm: true,
    channelCount: 2,
    bitsPerSample: 16,
    sampleRateHz: RECORDING_RATE_HZ,
    dataOffset: 44,
  });
  expect([bytes.readUInt32LE(4), bytes.readUInt32LE(40)]).toEqual([bytes.length - 8, bytes.length - 44]);
  expect(bytes.readUInt16LE(32), 'bytes of both channels').toBe(4);
  const values = Array.from({ length: (bytes.length - 44) / 2 }, (_, index) => bytes.readInt16LE(44 + 2 * index));
  return { left: values.filter((_, index) => index % 2 === 0), right: values.filter((_, index) => index % 2 === 1) };
}

describe('a recording', () => {
  it('has the caller left at the instant of capture and the agent right at that of playout', async () => {
    const recording = await create();
    const startAtMs = clock.nowMs();
    recording.agent(frame(2), RECORDING_RATE_HZ, startAtMs + 150);
    recording.caller(frame(1), startAtMs + 100.25);
    await clock.advance(500);
    await recording.end();
    const { left, right } = await recorded();
    expect([left.indexOf(1), left.lastIndexOf(1)]).toEqual([1604, 1604 + FRAME - 1]);
    expect([right.indexOf(2), right.lastIndexOf(2)]).toEqual([2400, 2400 + FRAME - 1]);
    expect(left).toHaveLength(500 * 16);
    expect(faults).toEqual([]);
  });

  it('is a valid file at any time, some seconds behind', async () => {
    const recording = await create();
    expect((await recorded()).left).toEqual([]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (let passed = 0; passed < 10_000; passed += 20) {
      recording.caller(frame(1), clock.nowMs());
      await clock.advance(20);
    }
    // As after a crash: nobody has ended it. The disk has no clock of ours.
    await expect.poll(async () => (await recorded()).left.length).toBe(7000 * 16);
    expect(new Set((await recorded()).left)).toEqual(new Set([1]));
    await recording.end();
    expect((await recorded()).left).toHaveLength(10_000 * 16);
  });

  it('has the agent at its own rate, at the right length', async () => {
    const recording = await create();
    for (let index = 0; index < 50; index += 1) {
      recording.agent(new Int16Array(480).fill(1000), 24_000, clock.nowMs() + 20 * index);
    }
    await clock.advance(1500);
    await recording.end();
    const loud = (await recorded()).right.filter((value) => value > 900).length;
    expect(Math.abs(loud - RECORDING_RATE_HZ)).toBeLessThan(100);
  });

  it('ends twice without harm, and takes nothing afterwards', async () => {
    const recording = await create();
    await Promise.all([recording.end(), recording.end()]);
    recording.caller(frame(1), clock.nowMs());
    expect((await recorded()).left).toEqual([]);
  });

  it('says when nothing is recorded any more', async () => {
    const told: string[] = [];
    const recording = await create();
    void recording.stopped.then(() => told.push('stopped'));
    await clock.advance(3000);
    expect(told).toEqual([]);
    await recording.end();
    expect(told).toEqual(['stopped']);
  });

  it('refuses a bad path before the call', async () => {
    path = join(folder, 'absent', 'call.wav');
    await expect(create()).rejects.toThrow(ConfigurationError);
  });
});
