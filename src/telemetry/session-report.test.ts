import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ConfigurationError } from '../lib/errors.ts';
import { Disclosure } from './disclosure.ts';
import { type ReportedTurn, SessionReportFile, sessionReportSchema } from './session-report.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';

let folder: string;
let clock: VirtualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repartee-report-'));
  clock = new VirtualClock();
});

afterEach(() => rm(folder, { recursive: true }));

const create = (path: string, disclosure?: Disclosure): Promise<SessionReportFile> =>
  SessionReportFile.create({
    path,
    room: 'support',
    identity: 'agent-1',
    settings: { language: 'en-US' },
    stages: { stt: 'deepgram nova-3', llm: 'openai gpt', tts: 'cartesia sonic-3' },
    clock,
    ...(disclosure && { disclosure }),
  });

const read = async (path: string) => sessionReportSchema.parse(JSON.parse(await readFile(path, 'utf8')));

const asked: ReportedTurn = {
  turn: 1,
  kind: 'reply',
  source: 'voice',
  transcript: 'Where can I park?',
  responseMs: 412.5,
  spans: [{ name: 'decision', ms: 412.5 }],
};
const answered: ReportedTurn = { ...asked, reply: 'Behind the house.', heardText: 'Behind the' };

describe('a session report', () => {
  it('is there from the beginning, without an end', async () => {
    const path = join(folder, 'call.json');
    await create(path);
    const report = await read(path);
    expect(report.call).toEqual({
      room: 'support',
      identity: 'agent-1',
      callers: [],
      startedAt: new Date(clock.epochMs()).toISOString(),
    });
  });

  it('holds at its end who called, each turn as last told, the faults, and why the call ended', async () => {
    const path = join(folder, 'call.json');
    const report = await create(path);
    report.addCaller('ada');
    report.addCaller('ada');
    report.addTurn({ kind: 'greeting', spans: [] });
    report.addTurn({ kind: 'greeting', spans: [], heardText: 'Hello!', reply: 'Hello!' });
    report.addTurn(asked);
    report.addTurn({ ...asked, turn: 2 });
    report.addTurn(answered);
    report.addError(new Error('the model failed'));
    await report.end('stopped');
    expect(await read(path)).toMatchObject({
      version: 1,
      call: { callers: ['ada'], endReason: 'stopped', endedAt: expect.any(String) },
      settings: { language: 'en-US' },
      stages: { stt: 'deepgram nova-3', llm: 'openai gpt', tts: 'cartesia sonic-3' },
      turns: [
        { kind: 'greeting', reply: 'Hello!', heardText: 'Hello!' },
        answered,
        { turn: 2, transcript: 'Where can I park?' },
      ],
      errors: [{ message: 'the model failed' }],
    });
    expect(await readdir(folder)).toEqual(['call.json']);
  });

  it('has of each turn what is known for good, and nothing in the place of what is not', async () => {
    const path = join(folder, 'call.json');
    const report = await create(path);
    const over = { startedAtMs: 0, endedAtMs: 5000 };
    const wasted = { wastedTokens: 412, wastedTokenBasis: 'estimated', wastedCharacters: 20 } as const;
    const drafts = { outcome: 'hit', prepared: 2, savedMs: 300, ...wasted } as const;
    report.addTurn(answered);
    report.addTurn({ ...answered, turn: 2 });
    report.addTurn({ ...answered, turn: 3 });
    report.addFinished({
      ...over,
      kind: 'answer',
      replyKind: 'reply',
      number: 1,
      ownLeg: { roundTripMs: undefined, interarrivalJitterMs: 2, fractionLost: 0 },
      account: {
        glassToGlassMs: 512.5,
        errorMs: 6,
        responseMs: 400,
        basis: 'reported',
        spans: [{ name: 'uplink', startAtMs: 7000, ms: 512.5, errorMs: 6 }],
        unknown: [],
        hidden: [{ name: 'generation', startAtMs: 6900, ms: 250 }],
        savedMs: 300,
      },
      drafts,
    });
    report.addFinished({
      ...over,
      kind: 'answer',
      replyKind: 'reply',
      number: 2,
      account: {
        glassToGlassMs: undefined,
        errorMs: undefined,
        responseMs: 410,
        basis: 'unknown',
        spans: [{ name: 'decision', startAtMs: 0, ms: 410, errorMs: 0 }],
        unknown: ['uplink', 'downlink', 'receiver'],
        hidden: [],
        savedMs: 0,
      },
    });
    report.addFinished({ ...over, kind: 'cutIn', replyKind: 'reply', number: 3 });
    report.addFinished({ ...over, kind: 'greeting', replyKind: 'greeting' });
    await report.end('stopped');
    const { turns, statistics } = await read(path);
    expect(turns[0]).toEqual({
      ...answered,
      glassToGlassMs: 512.5,
      errorMs: 6,
      responseMs: 400,
      basis: 'reported',
      spans: [{ name: 'uplink', ms: 512.5, errorMs: 6 }],
      unknown: [],
      hidden: [{ name: 'generation', startMs: -100, ms: 250 }],
      ownLeg: { interarrivalJitterMs: 2, fractionLost: 0 },
      drafts,
    });
    expect(turns[1]).toMatchObject({ kind: 'reply', basis: 'unknown', unknown: ['uplink', 'downlink', 'receiver'] });
    for (const absent of ['glassToGlassMs', 'errorMs', 'drafts']) expect(turns[1]).not.toHaveProperty(absent);
    expect(turns[2]).toMatchObject({ kind: 'cutIn', spans: [] });
    expect(turns[2]).not.toHaveProperty('responseMs');
    expect(turns).toHaveLength(3);
    expect(statistics).toEqual({
      turns: { reply: 2, cutIn: 1 },
      glassToGlassMs: { count: 1, p50: 512.5, p95: 512.5 },
      responseMs: { count: 2, p50: 400, p95: 410 },
      drafts: { hit: 1, miss: 0 },
    });
  });

  it.each([
    ['keeps back what was said and who called', new Disclosure({ content: false }), undefined, [], '(not disclosed)'],
    [
      'has it as the hook makes it',
      new Disclosure({ content: true, redact: (text) => text.replaceAll(/park|ada/g, '…') }),
      'Where can I …?',
      ['…'],
      'no … any more',
    ],
  ])('%s, where it is told to', async (_name, disclosure, transcript, callers, message) => {
    const path = join(folder, 'call.json');
    const report = await create(path, disclosure);
    report.addCaller('ada');
    report.addTurn(answered);
    report.addError(new Error('no park any more'));
    await report.end('stopped');
    const written = await read(path);
    expect(written.turns[0]?.transcript).toBe(transcript);
    expect(written.turns[0]?.responseMs).toBe(412.5);
    expect(written.call.callers).toEqual(callers);
    expect(written.errors.map((error) => error.message)).toEqual([message]);
    expect(JSON.stringify(written).includes('park')).toBe(false);
  });

  it("is for its owner's eyes alone", async () => {
    const path = join(folder, 'call.json');
    await (await create(path)).end('stopped');
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
  });

  it('is as the published JSON schema says', async () => {
    const path = join(folder, 'call.json');
    const report = await create(path);
    report.addTurn(answered);
    await report.end('stopped');
    const text = await readFile(new URL('../../docs/session-report.schema.json', import.meta.url), 'utf8');
    const published = z.fromJSONSchema(JSON.parse(text));
    const written = JSON.parse(await readFile(path, 'utf8'));
    expect(published.parse(written)).toEqual(written);
    expect(published.safeParse({ ...written, turns: [{ ...answered, glassToGlassMs: '412' }] }).success).toBe(false);
    expect(published.safeParse({ ...written, statistics: undefined }).success).toBe(false);
  });

  it('keeps an apology beside the reply that it is for, and a second greeting beside the first', async () => {
    const report = await create(join(folder, 'call.json'));
    report.addTurn({ ...asked, heardText: '', error: 'the model failed' });
    report.addTurn({ ...asked, kind: 'apology', heardText: 'Sorry.' });
    report.addTurn({ kind: 'greeting', spans: [], heardText: 'Hello!' });
    report.addTurn({ kind: 'greeting', spans: [], heardText: 'Hello again!' });
    expect(report.turnCount).toBe(4);
  });

  it('follows a symbolic link and leaves the link in place', async () => {
    const link = join(folder, 'latest.json');
    await writeFile(join(folder, 'real.json'), '');
    await symlink(join(folder, 'real.json'), link);
    await (await create(link)).end('stopped');
    expect((await read(join(folder, 'real.json'))).call.endReason).toBe('stopped');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });

  it('says so when the folder is gone at the end', async () => {
    await mkdir(join(folder, 'short-lived'));
    const report = await create(join(folder, 'short-lived', 'call.json'));
    await rm(join(folder, 'short-lived'), { recursive: true });
    await expect(report.end('stopped')).rejects.toThrow(/can't be written to .*call\.json: there is no such folder\./);
  });

  it('refuses a bad path before the call', async () => {
    await mkdir(join(folder, 'reports'));
    await writeFile(join(folder, 'file'), '');
    for (const [path, reason] of [
      [join(folder, 'absent', 'call.json'), /there is no such folder/],
      [join(folder, 'reports'), /no regular file/],
      [join(folder, 'file', 'call.json'), /can't be written/],
      ['/dev/null', /no regular file/],
    ] as const) {
      await expect(create(path)).rejects.toThrow(ConfigurationError);
      await expect(create(path)).rejects.toThrow(reason);
    }
    expect((await readdir(folder)).sort()).toEqual(['file', 'reports']);
  });
});
