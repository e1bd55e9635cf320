// What the agent says of its turns to callers whose side does not help with it, on a real LiveKit server: rtc-node, which answers
// no ping. What they say is checked for what it claims; how near it is to the truth is a measurement.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { AccountedTurn } from '../../src/latency/account-ledger.ts';
import type { TurnAccount } from '../../src/latency/turn-account.ts';
import { faultsOfAccount, faultsOfBargeIn } from '../sim/account-invariants.ts';
import { type Agents, createAgents } from './agent.ts';
import { type Caller, type CallerOptions, connectCaller } from './caller.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { silence } from './pcm.ts';
import { synthesise } from './speech.ts';

const QUESTION = 'Where can I park?';
/** Accounts are final five seconds after the reply. */
const FINAL_WITHIN_MS = 15_000;

let server: TestLivekitServer;
let agents: Agents;
let caller: Caller;
let told: AccountedTurn[];
let roomCount = 0;

beforeAll(async () => {
  server = await startLivekitServer();
  agents = createAgents();
});

afterEach(async () => {
  await caller.leave();
  await agents.endSessions();
});

afterAll(async () => {
  await agents.close();
  await server.close();
});

async function call(options: Partial<CallerOptions> = {}): Promise<void> {
  roomCount += 1;
  const room = `accounts-${roomCount}`;
  told = [];
  const onAccount = (account: AccountedTurn): void => void told.push(account);
  [caller] = await Promise.all([
    connectCaller({ ...server, room, identity: 'caller', ...options }),
    agents.start(server, room, {}, { onAccount }),
  ]);
}

const isFinal = ({ status }: AccountedTurn): boolean => status === 'final';

/** Of the replies to spoken turns that are final, in order. */
const finals = (): readonly TurnAccount[] =>
  told.filter(isFinal).flatMap((turn) => (turn.kind === 'answer' ? [turn.account] : []));

async function finalAccounts(count: number): Promise<readonly TurnAccount[]> {
  await expect.poll(() => finals().length, { timeout: FINAL_WITHIN_MS }).toBe(count);
  return finals();
}

describe('a caller whose program does not help', () => {
  it('has the first turn, a second after joining, estimated from end to end', async () => {
    await call();
    await caller.waitForAgent();
    await caller.say(silence(1000, 16_000));
    await caller.ask(await synthesise(QUESTION));
    const [account] = await finalAccounts(1);
    if (account === undefined) throw new Error('no account');
    expect(faultsOfAccount(account)).toEqual([]);
    expect(account).toMatchObject({ basis: 'estimated', unknown: [] });
    const names = account.spans.map(({ name }) => name);
    expect([names[1], ...names.slice(-3)]).toEqual(['uplink', 'downlink', 'receiver', 'codec look-ahead']);
    // Not with what nobody told: neither 0 nor as sure as with a page.
    expect(account.glassToGlassMs).toBeGreaterThan(account.responseMs);
    expect(account.errorMs).toBeGreaterThan(50);
  });

  it('has each turn right after publishing anew, after a mute, and after subscribing to the agent anew', async () => {
    await call();
    await caller.waitForAgent();
    const question = await synthesise(QUESTION);
    await caller.ask(question);
    await caller.republish();
    await caller.ask(question);
    caller.mute();
    await caller.say(silence(1500, 16_000));
    caller.unmute();
    await caller.ask(question);
    await caller.resubscribe();
    await caller.ask(question);
    const accounts = await finalAccounts(4);
    expect(accounts.flatMap(faultsOfAccount)).toEqual([]);
    expect(accounts.map(({ basis }) => basis)).toEqual(['estimated', 'estimated', 'estimated', 'estimated']);
  });

  it('who breaks in has an account of it', async () => {
    await call();
    await caller.waitForAgent();
    const { endedAtMs } = await caller.say(await synthesise('Tell me a long story.'));
    await caller.heard.waitForSound({ after: endedAtMs });
    await caller.say(silence(2000, 16_000));
    await caller.ask(await synthesise(QUESTION, 'awb'));
    await finalAccounts(2);
    const bargeIns = told.filter(isFinal).flatMap(({ bargeIn }) => bargeIn ?? []);
    expect(bargeIns).toHaveLength(1);
    expect(bargeIns.flatMap(faultsOfBargeIn)).toEqual([]);
    expect(bargeIns[0]).toMatchObject({ basis: 'estimated' });
  });

  it('on a telephone has what we saw, and nothing claimed of what lies behind the bridge', async () => {
    await call({ kind: 'sip', red: false });
    await caller.waitForAgent();
    await caller.ask(await synthesise(QUESTION));
    const [account] = await finalAccounts(1);
    expect(account).toMatchObject({
      basis: 'unknown',
      glassToGlassMs: undefined,
      errorMs: undefined,
      unknown: ['uplink', 'downlink', 'receiver'],
    });
    expect(account === undefined ? ['no account'] : faultsOfAccount(account)).toEqual([]);
  });
});
