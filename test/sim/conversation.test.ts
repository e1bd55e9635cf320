import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { SpeechToText } from '../../src/stt/port.ts';
import type { Session } from '../../src/session/session.ts';
import { startSession } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: SimRoom;
let session: Session | undefined;
let reports: TurnReport[];

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  reports = [];
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'a closed session leaves nothing behind').toBe(0);
  expect(room.closed).toBe(true);
});

async function start(stt: SpeechToText, model: SimModel, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts: new SimTextToSpeech(clock), codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent(options),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
}

const echo = (question: string): string => `You said ${question}.`;

const story = (question: string): string =>
  question.startsWith('story') ? 'Once upon a time there was a fox. '.repeat(20) : echo(question);

describe('a question', () => {
  it('is answered, captioned on both sides, and its response time is accounted for', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const caller = new SimCaller(clock, room);
    const answeredAtMs = await caller.ask(1200);

    expect(model.questions).toEqual(['when do you open']);
    expect(room.captions('caller')).toEqual(['when do you open']);
    expect(room.captions('agent')).toEqual(['You said when do you open.']);
    expect(room.activities).toEqual(['listening', 'thinking', 'speaking', 'listening']);

    const [first, last] = reports;
    expect(reports).toHaveLength(2);
    expect(last).toMatchObject({
      turn: 1,
      kind: 'reply',
      transcript: 'when do you open',
      heardText: echo('when do you open'),
    });
    // 150 ms of recognition, 350 + 20 ms a word of generation, 150 of synthesis, while the 500 ms of silence pass.
    expect(first?.responseMs).toBeGreaterThanOrEqual(650);
    expect(first?.responseMs).toBeLessThanOrEqual(800);
    expect(last?.spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(first?.responseMs ?? 0, 6);
    expect(answeredAtMs).toBeDefined();
  });

  it('is followed by others, each answered once', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'one two three four five six'), model);
    const caller = new SimCaller(clock, room);
    for (let turn = 0; turn < 3; turn += 1) await caller.ask(600);
    expect(model.questions).toEqual(['one two', 'three four', 'five six']);
    expect(room.captions('agent')).toEqual(model.questions.map(echo));
  });

  it('with pauses shorter than the endpointing wants is one question', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'a table for four on friday'), model, { endpointing: { policy: 'fixed' } });
    const caller = new SimCaller(clock, room);
    await caller.speak(900);
    await caller.rest(400);
    await caller.ask(900);
    expect(model.questions).toEqual(['a table for', 'a table for four on friday']);
    expect(room.captions('agent')).toEqual([echo('a table for four on friday')]);
  });

  it('that goes on while the reply is being prepared is one question, answered once', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'a table for four on friday'), model, {
      drafts: { policy: 'off' },
      endpointing: { policy: 'fixed' },
    });
    const caller = new SimCaller(clock, room);
    await caller.speak(900);
    await caller.rest(800);
    await caller.ask(900);
    expect(model.questions).toEqual(['a table for', 'a table for four on friday']);
    expect(room.captions('agent')).toEqual([echo('a table for four on friday')]);
    expect(model.activeCount).toBe(0);
  });
});

describe('the line', () => {
  it.each([
    ['with DTX', (caller: SimCaller) => (caller.dtx = true)],
    [
      'with loss of 3 % and jitter',
      (caller: SimCaller) => (caller.network = (index) => (index % 33 === 7 ? undefined : 10 + ((index * 7) % 30))),
    ],
    ['with reordering', (caller: SimCaller) => (caller.network = (index) => (index % 10 === 3 ? 35 : 10))],
  ])('%s: answered once', async (_name, impair) => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const caller = new SimCaller(clock, room);
    impair(caller);
    await caller.rest(1000);
    await caller.ask(1260);
    expect(model.questions).toEqual(['when do you open']);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
  });

  it('muted right after the last word: answered once', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const caller = new SimCaller(clock, room);
    await caller.speak(1220);
    caller.mute(true);
    await caller.rest(4000);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
    caller.mute(false);
    await caller.rest(1000);
    expect(model.questions).toHaveLength(1);
  });

  it('stalled for 300 ms in mid-sentence: the stall splits nothing and loses nothing', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'a table for four on friday'), model, {
      endpointing: { policy: 'fixed', silenceMs: 200 },
    });
    const caller = new SimCaller(clock, room);
    caller.network = (index) => (index >= 40 && index < 55 ? 10 + (55 - index) * 20 : 10);
    await caller.ask(1800);
    expect(model.questions).toEqual(['a table for four on friday']);
  });

  it('dead in mid-sentence: what was said is answered', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const caller = new SimCaller(clock, room);
    await caller.speak(1240);
    caller.network = () => undefined;
    await caller.rest(4000);
    expect(model.questions).toEqual(['when do you open']);
  });
});

describe('an interruption', () => {
  it('stops the reply, cancels upstream, and the history holds what was heard', async () => {
    const model = new SimModel(clock, story);
    await start(new SimSpeechToText(clock, 'story please stop it now'), model);
    const caller = new SimCaller(clock, room);
    await caller.speak(600);
    await caller.rest(5000);
    const interruptedAtMs = clock.nowMs();
    await caller.speak(900);
    const stillAudible = room.audibleAtMs.filter((atMs) => atMs > interruptedAtMs);
    expect(Math.max(...stillAudible) - interruptedAtMs).toBeLessThan(600);
    await caller.rest(4000);
    expect(model.questions).toEqual(['story please', 'stop it now']);
    const [told, answered] = room.captions('agent');
    expect(story('story please').startsWith(`${told}`)).toBe(true);
    expect(told?.length).toBeLessThan(200);
    expect(told).toMatch(/\w$|\.$/);
    expect(answered).toBe(echo('stop it now'));
    expect(reports.find(({ heardText }) => heardText === told)).toBeDefined();
  });

  it('by typed words is answered after the reply has stopped', async () => {
    const model = new SimModel(clock, story);
    await start(new SimSpeechToText(clock, 'story please'), model);
    const caller = new SimCaller(clock, room);
    await caller.speak(600);
    await caller.rest(4000);
    room.tell({ type: 'text', topic: 'lk.chat', text: 'enough', identity: caller.identity, attributes: {} });
    await caller.rest(4000);
    expect(model.questions).toEqual(['story please', 'enough']);
    expect(room.captions('agent').at(-1)).toBe(echo('enough'));
  });
});

describe('typed words', () => {
  it('that come before their author is known are answered', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, ''), model);
    room.tell({ type: 'text', topic: 'lk.chat', text: 'hello', identity: 'caller', attributes: {} });
    room.tell({ type: 'text', topic: 'lk.chat', text: 'not mine', identity: 'somebody', attributes: {} });
    const caller = new SimCaller(clock, room);
    await caller.rest(2000);
    expect(model.questions).toEqual(['hello']);
  });
});

describe('people', () => {
  it('who leave in mid-reply and come back are answered again', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const first = new SimCaller(clock, room);
    await first.speak(600);
    await first.rest(1300);
    room.leave(first.identity);
    await clock.advance(500);
    const silentFromMs = clock.nowMs();
    await clock.advance(2000);
    expect(room.audibleAtMs.filter((atMs) => atMs > silentFromMs)).toEqual([]);
    const again = new SimCaller(clock, room);
    await again.ask(600);
    expect(room.captions('agent').at(-1)).toBe(echo(model.questions.at(-1) ?? ''));
    expect(model.questions).toHaveLength(2);
  });

  it('that are not linked are neither heard nor read', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open'), model);
    const linked = new SimCaller(clock, room, 'ann');
    const other = new SimCaller(clock, room, 'bob');
    await other.ask(1200);
    room.tell({ type: 'text', topic: 'lk.chat', text: 'hello', identity: 'bob', attributes: {} });
    await linked.rest(2000);
    expect(model.questions).toEqual([]);
    expect([...room.sinks.keys()]).toEqual(['ann']);
  });

  it('are greeted where a greeting is set', async () => {
    await start(new SimSpeechToText(clock, ''), new SimModel(clock, echo), { greeting: 'Good morning.' });
    const caller = new SimCaller(clock, room);
    await caller.rest(3000);
    expect(room.captions('agent')).toEqual(['Good morning.']);
    expect(reports.at(-1)).toEqual({
      kind: 'greeting',
      spans: [],
      reply: 'Good morning.',
      heardText: 'Good morning.',
    });
  });

  it('are greeted in the words of the model where that is set, and the instruction is no part of the conversation', async () => {
    const model = new SimModel(clock, (question) =>
      question === 'Say hello.' ? 'Hello, this is Ann.' : echo(question),
    );
    await start(new SimSpeechToText(clock, 'thank you'), model, { greeting: { generate: 'Say hello.' } });
    const caller = new SimCaller(clock, room);
    await caller.rest(4000);
    expect(room.captions('agent')).toEqual(['Hello, this is Ann.']);
    await caller.ask(600);
    expect(model.questions.at(-1)).toBe('thank you');
    expect(model.histories.at(-1)).toMatchObject([
      { role: 'assistant', text: 'Hello, this is Ann.' },
      { role: 'user', text: 'thank you' },
    ]);
  });

  it('who come back are not greeted again; others are', async () => {
    await start(new SimSpeechToText(clock, ''), new SimModel(clock, echo), { greeting: 'Good morning.' });
    const ann = new SimCaller(clock, room, 'ann');
    await ann.rest(3000);
    room.leave('ann');
    await clock.advance(1000);
    await new SimCaller(clock, room, 'ann').rest(3000);
    expect(room.captions('agent')).toEqual(['Good morning.']);
    room.leave('ann');
    await clock.advance(5000);
    await new SimCaller(clock, room, 'bob').rest(3000);
    expect(room.captions('agent')).toEqual(['Good morning.', 'Good morning.']);
  });

  it('who speak are listened to in turn, where that is set, and the captions name them', async () => {
    const model = new SimModel(clock, echo);
    await start(new SimSpeechToText(clock, 'when do you open thank you'), model, {
      caller: { listenTo: 'activeSpeaker' },
    });
    const ann = new SimCaller(clock, room, 'ann');
    const bob = new SimCaller(clock, room, 'bob');
    room.tell({ type: 'activeSpeakers', identities: ['ann'] });
    await ann.speak(600);
    room.tell({ type: 'activeSpeakers', identities: ['bob'] });
    await ann.ask(600);
    expect([...room.sinks.keys()], 'not in the middle of a turn').toEqual(['bob']);
    await bob.ask(600);
    expect(model.questions).toEqual(['when do you open', 'thank you']);
    const speakers = room.texts.map(({ options }) => options.senderIdentity).filter((one) => one !== undefined);
    expect([...new Set(speakers)]).toEqual(['ann', 'bob']);
  });

  it('in mid-reply when the session is closed: the turn is reported with what was heard', async () => {
    await start(new SimSpeechToText(clock, 'story please'), new SimModel(clock, story));
    const caller = new SimCaller(clock, room);
    await caller.speak(600);
    await caller.rest(4000);
    await session?.close();
    const { reply, heardText } = reports.at(-1) ?? {};
    expect(reply).toBe(story('story please'));
    expect(heardText).toMatch(/^Once upon a time/);
    expect(reply?.startsWith(heardText ?? '-')).toBe(true);
    expect(heardText?.length).toBeLessThan(200);
  });

  it('gone for long end the session', async () => {
    await start(new SimSpeechToText(clock, ''), new SimModel(clock, echo), { caller: { leaveAfterMs: 5000 } });
    await clock.advance(5001);
    await expect(session?.ended).resolves.toEqual({ reason: 'callerGone' });
  });
});

describe('a fault', () => {
  it('of the model is answered with an apology, and the call goes on', async () => {
    let failing = true;
    const model = new SimModel(clock, (question) => {
      if (!failing) return echo(question);
      failing = false;
      throw new Error('no such model');
    });
    await start(new SimSpeechToText(clock, 'when do you open'), model, {
      apology: 'Sorry, once more please.',
      drafts: { policy: 'off' },
    });
    const caller = new SimCaller(clock, room);
    await caller.ask(600);
    expect(room.captions('agent')).toEqual(['Sorry, once more please.']);
    await caller.ask(600);
    expect(room.captions('agent').at(-1)).toBe(echo('you open'));
  });

  it('of the recogniser that persists is tried again at growing intervals', async () => {
    const stt = new SimSpeechToText(clock, 'when do you open');
    await start(stt, new SimModel(clock, echo));
    const caller = new SimCaller(clock, room);
    for (let second = 0; second < 10; second += 1) {
      stt.break();
      await caller.rest(1000);
    }
    expect(stt.openCount).toBeGreaterThan(3);
    expect(stt.openCount).toBeLessThan(8);
  });

  it('of the recogniser opens it again, and the next question is answered', async () => {
    const stt = new SimSpeechToText(clock, 'when do you open');
    const model = new SimModel(clock, echo);
    await start(stt, model);
    const caller = new SimCaller(clock, room);
    await caller.ask(600);
    stt.break();
    await caller.rest(1000);
    await caller.ask(600);
    expect(stt.openCount).toBe(2);
    expect(model.questions).toEqual(['when do', 'you open']);
  });

  it('of the recogniser in mid-sentence loses nothing and says nothing twice', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four on friday');
    const model = new SimModel(clock, echo);
    await start(stt, model);
    const caller = new SimCaller(clock, room);
    await caller.speak(900);
    stt.break();
    await caller.ask(900);
    expect(stt.openCount).toBe(2);
    expect(model.questions).toEqual(['a table for four on friday']);
    expect(room.captions('caller')).toEqual(['a table for four on friday']);
  });

  it('of the recogniser while the last words are awaited: they are asked for again', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four on friday');
    const model = new SimModel(clock, echo);
    await start(stt, model);
    const caller = new SimCaller(clock, room);
    await caller.speak(1800);
    await caller.rest(640);
    stt.break();
    await caller.rest(4000);
    expect(model.questions).toEqual(['a table for four on friday']);
  });

  it('of the recogniser that lasts is answered with an apology', async () => {
    const stt = new SimSpeechToText(clock, 'when do you open');
    const model = new SimModel(clock, echo);
    await start(stt, model, { apology: 'Sorry, I cannot hear you.' });
    const caller = new SimCaller(clock, room);
    await caller.rest(1000);
    stt.refusing = true;
    stt.break();
    await caller.ask(900);
    expect(room.captions('agent')).toEqual(['Sorry, I cannot hear you.']);
    stt.refusing = false;
    await caller.rest(10_000);
    await caller.ask(1200);
    expect(model.questions).toEqual(['when do you open']);
  });

  it('of the voice at the start leaves the room again', async () => {
    const tts = new SimTextToSpeech(clock);
    tts.warmUp = () => Promise.reject(new Error('no such voice'));
    const stages = { stt: new SimSpeechToText(clock, ''), model: new SimModel(clock, echo), tts };
    const starting = startSession({
      join: room.join,
      stages: { ...stages, codec: simCodec, createVoiceDetector: simVoiceDetector },
      settings: defineAgent(),
      clock,
      log: silentLogger,
    });
    await expect(starting).rejects.toThrow('no such voice');
  });

  it('of the room ends the session with its reason', async () => {
    await start(new SimSpeechToText(clock, ''), new SimModel(clock, echo));
    const error = new Error('the room was deleted');
    room.tell({ type: 'closed', error });
    await expect(session?.ended).resolves.toEqual({ reason: 'roomClosed', error });
  });
});
