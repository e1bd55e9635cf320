// The account of a turn in whole conversations: with a page that helps, with one that doesn't, and at hang-up.

import { afterEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { OPUS_LOOK_AHEAD_MS } from '../../src/latency/turn-account.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ParticipantKind } from '../../src/room/port.ts';
import { type Session, startSession } from '../../src/session/session.ts';
import type { ReportedAccount } from '../../src/session/turn-accounts.ts';
import { type CallerSide, PageRoom, windowCodec } from './page-room.ts';
import { SimCaller } from './sim-caller.ts';
import { SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let session: Session | undefined;

afterEach(async () => {
  await session?.close();
  session = undefined;
});

interface Call {
  readonly clock: VirtualClock;
  readonly room: PageRoom;
  readonly caller: SimCaller;
  readonly accounts: readonly ReportedAccount[];
}

async function call(
  side: CallerSide,
  options: AgentOptions = {},
  {
    answer = 'We open at nine.',
    kind = 'standard',
  }: { readonly answer?: string; readonly kind?: ParticipantKind } = {},
): Promise<Call> {
  const clock = new VirtualClock();
  const room = new PageRoom(clock, side);
  const accounts: ReportedAccount[] = [];
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, 'when do you open '.repeat(5).trim()),
      model: new SimModel(clock, () => answer),
      tts: new SimTextToSpeech(clock),
      codec: windowCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent(options),
    clock,
    log: silentLogger,
    onAccount: (account) => accounts.push(account),
  });
  return { clock, room, caller: new SimCaller(clock, room, 'caller', { kind }), accounts };
}

/** Speaks and has the answer; from the last sample of the one to the first audible one of the other, at the caller's side. */
async function asked({ clock, room, caller }: Call): Promise<number> {
  await caller.speak(1200);
  // A simulated packet is sent as its last sample is captured, 20 ms after the first one.
  const saidAtMs = clock.nowMs() - 20 - OPUS_LOOK_AHEAD_MS;
  await caller.rest(5000);
  return (room.heardAtMs.find((atMs) => atMs > saidAtMs) ?? NaN) + OPUS_LOOK_AHEAD_MS - saidAtMs;
}

function accountOf(reported: ReportedAccount | undefined) {
  if (reported?.kind !== 'answer') throw new Error('no account of an answer');
  return reported.account;
}

describe('the account of a turn', () => {
  it.each([
    ['with drafts', {}],
    ['without', { drafts: { policy: 'off' } }],
    ['in batch', { streaming: { stt: false, llm: false, tts: false }, parallel: false }],
  ] as const)(
    'is, %s, what the caller waited for, within its bound, where their page helps',
    async (_name, options) => {
      const { clock, room, caller, accounts } = await call('page', options);
      await caller.rest(500);
      await caller.speak(1200);
      const saidAtMs = clock.nowMs();
      await caller.rest(8000);
      const final = accounts.findLast(({ status }) => status === 'final');
      expect(final).toMatchObject({ kind: 'answer', turn: 1 });
      const account = accountOf(final);
      expect(account).toMatchObject({ basis: 'reported', unknown: [] });
      // A simulated packet is sent as its last sample is captured, 20 ms after the first one.
      const truthMs = (room.firstHeardAtMs ?? NaN) + OPUS_LOOK_AHEAD_MS - (saidAtMs - 20 - OPUS_LOOK_AHEAD_MS);
      expect(Math.abs((account.glassToGlassMs ?? NaN) - truthMs)).toBeLessThanOrEqual(account.errorMs ?? NaN);
      expect(account.errorMs).toBeLessThan(30);
      expect(account.spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(account.glassToGlassMs ?? NaN, 6);
    },
  );

  it('is told at once, again as the page tells more, and once for good', async () => {
    const { caller, accounts } = await call('page');
    await caller.rest(500);
    await caller.speak(1200);
    await caller.rest(8000);
    const [first, ...others] = accounts;
    expect([first?.status, accountOf(first).basis]).toEqual(['provisional', 'estimated']);
    expect(others.length).toBeGreaterThan(1);
    expect(others.map(({ status }) => status)).toEqual([...others.slice(1).map(() => 'amended'), 'final']);
    expect(others.every((reported) => accountOf(reported).basis === 'reported')).toBe(true);
    // Nothing that was known is lost again.
    const errorsMs = others.map((reported) => accountOf(reported).errorMs ?? Number.NaN);
    expect(errorsMs).toEqual(errorsMs.toSorted((one, other) => other - one));
  });

  it('of a long answer is as sure at its end as it was at its beginning', async () => {
    const { caller, accounts } = await call('page', {}, { answer: 'Once upon a time there was a fox. '.repeat(40) });
    await caller.rest(500);
    await caller.speak(1200);
    await caller.rest(90_000);
    expect(accounts.at(-1)?.status).toBe('final');
    expect(accountOf(accounts.at(-1)).basis).toBe('reported');
  });

  it.each<[string, CallerSide]>([
    ['a program answers without helping', 'program'],
    ['a page tells its clock, and never what it plays', 'clock'],
  ])('is estimated, with a bound that covers the truth, where %s', async (_name, side) => {
    const { clock, room, caller, accounts } = await call(side);
    await caller.rest(1000);
    await caller.speak(1200);
    const saidAtMs = clock.nowMs();
    await caller.rest(9000);
    const account = accountOf(accounts.findLast(({ status }) => status === 'final'));
    expect(account).toMatchObject({ basis: 'estimated', unknown: [] });
    const truthMs = (room.firstHeardAtMs ?? NaN) + OPUS_LOOK_AHEAD_MS - (saidAtMs - 20 - OPUS_LOOK_AHEAD_MS);
    expect(Math.abs((account.glassToGlassMs ?? NaN) - truthMs)).toBeLessThanOrEqual(account.errorMs ?? NaN);
    expect(account.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['uplink', 'downlink', 'receiver']));
    expect(account.spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(account.glassToGlassMs ?? NaN, 6);
  });

  it('of a telephone is unknown beyond what we saw: nobody tells of the network behind its bridge', async () => {
    const { caller, accounts } = await call('program', {}, { kind: 'sip' });
    await caller.speak(1200);
    await caller.rest(8000);
    expect(accountOf(accounts.at(-1))).toMatchObject({ basis: 'unknown', glassToGlassMs: undefined });
  });

  it.each<[string, (call: Call) => Promise<void>]>([
    ['the caller has published another track', async ({ caller }) => caller.republish()],
    [
      'a mute in which their timestamps went on',
      async ({ caller }) => {
        caller.mute(true);
        await caller.rest(3000);
        caller.mute(false);
      },
    ],
    [
      'a mute in which their timestamps stood still',
      async ({ caller }) => {
        caller.standsStill = true;
        caller.mute(true);
        await caller.rest(3000);
        caller.mute(false);
      },
    ],
    [
      'they have subscribed to the agent anew',
      async ({ room }) => {
        room.serverAdds = 3_111_222_333;
      },
    ],
  ])('is right, or says that it is an estimate, after %s', async (_name, change) => {
    const made = await call('page');
    const { caller, accounts } = made;
    await caller.rest(1000);
    const truths = [await asked(made)];
    await change(made);
    await caller.rest(1000);
    truths.push(await asked(made), await asked(made));
    await caller.rest(6000);
    const finals = accounts.filter(({ status }) => status === 'final').map(accountOf);
    expect(finals).toHaveLength(3);
    for (const [index, { glassToGlassMs, errorMs }] of finals.entries()) {
      expect(Math.abs((glassToGlassMs ?? NaN) - (truths[index] ?? NaN))).toBeLessThanOrEqual(errorMs ?? NaN);
    }
    // What one turn can't tell, the next one does.
    expect([finals[0]?.basis, finals[2]?.basis]).toEqual(['reported', 'reported']);
    expect(['reported', 'estimated']).toContain(finals[1]?.basis);
  });

  it('claims no gap where the page never helps, and tells the part that we saw', async () => {
    const { caller, accounts } = await call('nothing');
    await caller.speak(1200);
    await caller.rest(8000);
    const account = accountOf(accounts.at(-1));
    expect(account.glassToGlassMs).toBeUndefined();
    expect(account.unknown).toEqual(['uplink', 'downlink', 'receiver']);
    expect(account.spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(account.responseMs, 6);
    expect(account.responseMs).toBeGreaterThan(500);
  });

  it('is final at hang-up', async () => {
    const { caller, accounts } = await call('page');
    await caller.speak(1200);
    await caller.rest(2500);
    expect(accounts.at(-1)?.status).not.toBe('final');
    await session?.close();
    expect(accounts.at(-1)).toMatchObject({ kind: 'answer', status: 'final' });
  });

  it('of a greeting says what it is', async () => {
    const { caller, accounts } = await call('page', { greeting: 'Hello.' });
    await caller.rest(9000);
    expect(accounts.map(({ kind, status }) => [kind, status])).toEqual([
      ['greeting', 'provisional'],
      ['greeting', 'final'],
    ]);
  });
});
