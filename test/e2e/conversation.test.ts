// Conversations with the agent on a real LiveKit server, as an independent caller hears them. All media passes a relay.
// Orders and counts are asserted; milliseconds belong to the benchmarks.

import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { AgentOptions } from '../../src/agent.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { answer } from '../../src/llm/front-desk/front-desk.ts';
import { UNINTELLIGIBLE } from '../../src/turns/history.ts';
import { AGENT_IDENTITY, type Agents, createAgents } from './agent.ts';
import { type Caller, type CallerOptions, connectCaller } from './caller.ts';
import { type ImpairedServer, startImpairedServer } from './impaired-server.ts';
import { concatenate, durationMs, type Pcm, silence, trimmed } from './pcm.ts';
import type { HeardAnswer } from './recording.ts';
import { CALLER_VOICES, synthesise } from './speech.ts';
import { transcribe } from './transcribe.ts';
import { readWav } from './wav.ts';

const PARKING = 'Where can I park?';
const CARD = 'Can I pay by card?';
const QUESTIONS = [PARKING, CARD, 'Are dogs allowed?', "What's your phone number?", 'Are you a robot?'];
const STORY = 'Tell me a long story.';
/** What the front desk says to each, as the first thing in a conversation. */
const answerTo = (text: string): string => answer([text], systemClock);
/** The recogniser chooses between all of these, and none. */
const ANSWERS = [...QUESTIONS, UNINTELLIGIBLE].map(answerTo);

let impaired: ImpairedServer;
let agents: Agents;
let roomCount = 0;
const callers: Caller[] = [];

beforeAll(async () => {
  impaired = await startImpairedServer();
  agents = createAgents();
});

afterEach(async () => {
  await Promise.all(callers.splice(0).map(async (caller) => caller.leave()));
  await agents.endSessions();
});

afterAll(async () => {
  await agents.close();
  await impaired.close();
});

function newRoom(): string {
  roomCount += 1;
  return `conversation-${roomCount}`;
}

async function join(room: string, options: Partial<CallerOptions> = {}): Promise<Caller> {
  const caller = await connectCaller({ ...impaired.server, room, identity: 'caller', ...options });
  callers.push(caller);
  return caller;
}

/** A caller in a room of its own with an agent that listens. */
async function call(options: Partial<CallerOptions> = {}, agentOptions: AgentOptions = {}): Promise<Caller> {
  const room = newRoom();
  const [caller] = await Promise.all([join(room, options), agents.start(impaired.server, room, agentOptions)]);
  await caller.waitForAgent();
  return caller;
}

async function said(heard: Pcm, ...alternatives: readonly string[]): Promise<string | undefined> {
  return await transcribe(heard, [...ANSWERS, ...alternatives]);
}

/** The turns that the agent reported, each once, as their last reports tell them. */
function turnsOf({ turnReports }: Caller): readonly { readonly transcript: string | undefined }[] {
  const turns = new Map(turnReports.map(({ value }) => [value.turn, value]));
  return [...turns.values()].map(({ transcript }) => ({ transcript }));
}

/** What the agent's captions say that the caller has said, finals only. */
function finalWords({ captions, identity }: Caller): readonly string[] {
  return captions.of(identity).flatMap(({ final, text }) => (final ? [plain(text)] : []));
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z' ]/gu, '');
}

interface Exchange {
  /** What was said in answer, as the recogniser understood it. */
  readonly said: string | undefined;
  readonly answerCount: number;
  readonly turnCount: number;
  /** Final transcripts of the caller. */
  readonly finalCount: number;
}

/** What came of everything said since `after`, the first that was said in this call. */
async function exchange(caller: Caller, heard: HeardAnswer, after: number): Promise<Exchange> {
  return {
    said: await said(heard),
    answerCount: caller.heard.answers({ after, quietMs: 1500 }).length,
    turnCount: turnsOf(caller).length,
    finalCount: finalWords(caller).length,
  };
}

const answeredOnce = (question: string): Exchange => ({
  said: answerTo(question),
  answerCount: 1,
  turnCount: 1,
  finalCount: 1,
});

async function fixture(name: string): Promise<Pcm> {
  return await readWav(fileURLToPath(new URL(`../fixtures/speech/${name}`, import.meta.url)));
}

describe('a conversation', () => {
  it('answers a spoken question, once, with the right words, and captions both sides', async () => {
    const caller = await call();
    const { startedAtMs, endedAtMs } = await caller.say(await synthesise(PARKING));
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 1500 });
    expect(await exchange(caller, heard, startedAtMs)).toEqual(answeredOnce(PARKING));
    expect(finalWords(caller)).toEqual([plain(PARKING)]);
    const spoken = await caller.until(() => caller.captions.of(AGENT_IDENTITY).find(({ complete }) => complete), {
      timeoutMs: 5000,
      what: "the agent's caption",
    });
    expect(spoken.text.trim()).toBe(answerTo(PARKING));
    expect(spoken.text).toContain('car park');
  });

  it('shows what it does: listening, thinking, speaking, listening', async () => {
    const caller = await call();
    const { endedAtMs } = await caller.say(await synthesise(PARKING));
    await caller.waitForAnswer({ after: endedAtMs });
    const states = caller.agentStates.map(({ value }) => value);
    expect(states.slice(states.indexOf('listening'))).toEqual(['listening', 'thinking', 'speaking', 'listening']);
  });

  it('answers five questions in a row, from different voices', async () => {
    const caller = await call();
    for (const [index, question] of QUESTIONS.entries()) {
      const voice = CALLER_VOICES[index % CALLER_VOICES.length];
      expect(await said(await caller.ask(await synthesise(question, voice)))).toBe(answerTo(question));
    }
    expect(turnsOf(caller)).toHaveLength(QUESTIONS.length);
  });

  it('answers a typed question aloud', async () => {
    const caller = await call();
    const after = systemClock.nowMs();
    await caller.sendText(PARKING);
    expect(await said(await caller.waitForAnswer({ after }))).toBe(answerTo(PARKING));
    expect(caller.turnReports.at(-1)?.value).toMatchObject({ source: 'text' });
  });
});

describe('a caller who interrupts', () => {
  it('silences the long story and has the next question answered; the rest of the story is gone', async () => {
    const caller = await call();
    const asked = await caller.say(await synthesise(STORY));
    const storyFromMs = await caller.heard.waitForSound({ after: asked.endedAtMs });
    await caller.until(() => (durationMs(caller.heard.since(storyFromMs)) > 3000 ? true : undefined), {
      timeoutMs: 10_000,
      what: 'three seconds of the story',
    });
    const { endedAtMs } = await caller.say(await synthesise(PARKING, 'awb'));
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 2000 });
    expect(await said(heard)).toBe(answerTo(PARKING));
    const [told] = caller.captions.of(AGENT_IDENTITY, storyFromMs - 1000);
    const story = answerTo(STORY);
    expect(story.startsWith(told?.text.trim() ?? 'nothing')).toBe(true);
    expect(told?.text.length).toBeLessThan(story.length / 2);
    expect(caller.heard.answers({ after: endedAtMs, quietMs: 1500 })).toHaveLength(1);
  });
});

describe('recordings of people', () => {
  it('read from a book: the agent says that it did not get that', async () => {
    const caller = await call();
    const heard = await caller.ask(trimmed(await fixture('librivox-sense-0880.wav')));
    expect(answerTo(UNINTELLIGIBLE)).toContain("I didn't get that");
    expect(await said(heard)).toBe(answerTo(UNINTELLIGIBLE));
  });

  it('say a number: the agent repeats it', async () => {
    const caller = await call();
    const digits = trimmed(await fixture('digits-29340.wav'));
    const spoken = concatenate(await synthesise('My number is', 'awb'), silence(50, 16_000), digits);
    const expected = answerTo('My number is two nine three four zero');
    // Not "five": in flite's mouth, two sentences that differ by "four" and "five" are too near for the recogniser.
    const other = answerTo('My number is two nine three seven zero');
    expect(await said(await caller.ask(spoken), expected, other)).toBe(expected);
    expect(turnsOf(caller)).toEqual([{ transcript: 'my number is two nine three four zero' }]);
  });
});

describe('coming and going', () => {
  it('a caller who leaves and comes back is answered', async () => {
    const room = newRoom();
    const first = await join(room);
    await agents.start(impaired.server, room);
    await first.waitForAgent();
    expect(await said(await first.ask(await synthesise(PARKING)))).toBe(answerTo(PARKING));
    await first.leave();
    const again = await join(room);
    await again.waitForAgent();
    expect(await said(await again.ask(await synthesise('Are dogs allowed?')))).toBe(answerTo('Are dogs allowed?'));
  });

  it('a caller who hangs up while the agent speaks leaves it ready for the next call', async () => {
    const room = newRoom();
    const first = await join(room);
    await agents.start(impaired.server, room);
    await first.waitForAgent();
    const { endedAtMs } = await first.say(await synthesise(STORY));
    await first.heard.waitForSound({ after: endedAtMs });
    await first.leave();
    const again = await join(room);
    await again.waitForAgent();
    expect(await said(await again.ask(await synthesise(PARKING)))).toBe(answerTo(PARKING));
  });

  it('two rooms at once are two conversations', async () => {
    const [one, two] = await Promise.all([call(), call()]);
    const [parking, card] = await Promise.all([synthesise(PARKING, 'rms'), synthesise(CARD, 'awb')]);
    // One is answered while the other asks. Both at once is more recognition than two busy cores have time for.
    const { endedAtMs } = await one.say(parking);
    await one.heard.waitForSound({ after: endedAtMs });
    const [first, second] = await Promise.all([one.waitForAnswer({ after: endedAtMs }), two.ask(card)]);
    expect([await said(first), await said(second)]).toEqual([answerTo(PARKING), answerTo(CARD)]);
    expect([turnsOf(one).length, turnsOf(two).length]).toEqual([1, 1]);
  });

  it('other agents in the room are not listened to', async () => {
    const room = newRoom();
    const otherAgent = await join(room, { identity: 'other-agent', kind: 'agent' });
    const caller = await join(room, { hears: ({ identity }) => identity === AGENT_IDENTITY });
    await agents.start(impaired.server, room);
    await caller.waitForAgent();
    await otherAgent.say(await synthesise('Are dogs allowed?'));
    const { startedAtMs, endedAtMs } = await caller.say(await synthesise(PARKING));
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 1500 });
    expect(await exchange(caller, heard, startedAtMs)).toEqual(answeredOnce(PARKING));
  });
});

describe('each is answered exactly once', () => {
  it.each<{ who: string; options: Partial<CallerOptions> }>([
    { who: 'a caller with DTX', options: { dtx: true } },
    { who: 'a caller without DTX and redundancy', options: { dtx: false, red: false } },
    { who: 'a caller on the telephone', options: { kind: 'sip' } },
  ])('$who', async ({ options }) => {
    const caller = await call(options);
    const { startedAtMs, endedAtMs } = await caller.say(await synthesise(PARKING));
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 1500 });
    expect(await exchange(caller, heard, startedAtMs)).toEqual(answeredOnce(PARKING));
  });

  it('a caller who mutes right after the last word, and again after unmuting', async () => {
    const caller = await call();
    const { startedAtMs, endedAtMs } = await caller.sayThenMute(await synthesise(PARKING));
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 1500 });
    expect(await exchange(caller, heard, startedAtMs)).toEqual(answeredOnce(PARKING));
    caller.unmute();
    expect(await said(await caller.ask(await synthesise('Are dogs allowed?')))).toBe(answerTo('Are dogs allowed?'));
  });

  it('a caller whose network stalls for 300 ms in mid-sentence: the stall splits nothing', async () => {
    // A pause as long as the stall would end the turn.
    const caller = await call({}, { endpointing: { policy: 'fixed', silenceMs: 250 } });
    const { head, tail } = halves(await synthesise(PARKING));
    const beginning = caller.say(head);
    const ending = caller.say(tail);
    const { startedAtMs } = await beginning;
    impaired.relay.up.stall(300);
    const { endedAtMs } = await ending;
    const heard = await caller.waitForAnswer({ after: endedAtMs, quietMs: 1500 });
    expect(await exchange(caller, heard, startedAtMs)).toEqual(answeredOnce(PARKING));
    expect(finalWords(caller)).toEqual([plain(PARKING)]);
  });
});

/** Cut in two in the middle. */
function halves(pcm: Pcm): { readonly head: Pcm; readonly tail: Pcm } {
  const middle = Math.floor(pcm.samples.length / 2);
  const { sampleRateHz } = pcm;
  return {
    head: { samples: pcm.samples.slice(0, middle), sampleRateHz },
    tail: { samples: pcm.samples.slice(middle), sampleRateHz },
  };
}
