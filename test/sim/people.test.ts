// Several people in a room: one is listened to at a time, and what belongs to them goes with them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: SimRoom;
let model: SimModel;
let stt: SimSpeechToText;
let session: Session;
let ann: SimCaller;
let bob: SimCaller;

const reply = (question: string): string =>
  question.includes('story') ? 'Once upon a time there was a fox. '.repeat(20).trim() : `You said ${question}.`;

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, reply);
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount, 'no request is left running').toBe(0);
});

async function start(script: string, options: AgentOptions = {}): Promise<void> {
  stt = new SimSpeechToText(clock, script, { finalsAtPauses: true });
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts: new SimTextToSpeech(clock), codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({ ...options, endpointing: { policy: 'fixed', ...options.endpointing } }),
    clock,
    log: silentLogger,
  });
  ann = new SimCaller(clock, room, 'ann');
  bob = new SimCaller(clock, room, 'bob');
}

const listenedTo = (): readonly string[] => [...room.sinks.keys()];

/** Whose words the captions show. */
function speakers(): readonly string[] {
  const named = room.texts.map(({ options }) => options.senderIdentity).filter((one) => one !== undefined);
  return [...new Set(named)];
}

const speaks = (...identities: string[]): void => room.tell({ type: 'activeSpeakers', identities });

describe('the one who is listened to', () => {
  it('leaves in mid-turn: what they had said is nobody’s, and after the grace time the next one is heard', async () => {
    await start('a table for when do you open');
    await ann.speak(900);
    await ann.rest(300);
    expect(model.activeCount, 'a draft').toBe(1);
    room.leave('ann');
    await bob.rest(20);
    expect(model.activeCount, 'is given up').toBe(0);
    await bob.rest(2880);
    expect(listenedTo(), 'she might come back').toEqual([]);
    await bob.rest(200);
    expect(listenedTo()).toEqual(['bob']);
    await bob.ask(1200);
    expect(model.histories.at(-1)).toEqual([{ role: 'user', text: 'when do you open' }]);
    expect(room.captions('caller')).toEqual(['when do you open']);
    expect(speakers()).toEqual(['ann', 'bob']);
  });

  it('leaves while the agent speaks: it falls silent, and the next one is not told the rest', async () => {
    await start('tell the story thank you');
    await ann.speak(900);
    await ann.rest(3000);
    room.leave('ann');
    const leftAtMs = clock.nowMs();
    await bob.rest(5000);
    expect(room.audibleAtMs.filter((atMs) => atMs > leftAtMs + 80)).toEqual([]);
    await bob.ask(600);
    expect(room.captions('agent').at(-1)).toBe(reply('thank you'));
  });

  it('comes back within the grace time, and nobody else was heard meanwhile', async () => {
    await start('when do you open');
    await ann.rest(500);
    room.leave('ann');
    await bob.speak(1000);
    const back = new SimCaller(clock, room, 'ann');
    await back.ask(1200);
    expect(listenedTo()).toEqual(['ann']);
    expect(model.questions).toEqual(['when do you open']);
  });

  it('is the only one who is subscribed, however many are there', async () => {
    await start('when do you open');
    const others = Array.from({ length: 5 }, (_, n) => new SimCaller(clock, room, `other${n}`));
    await others[3]?.ask(900);
    expect(listenedTo()).toEqual(['ann']);
    expect(stt.openCount).toBe(1);
    expect(model.questions).toEqual([]);
  });
});

describe('the active speaker', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['while the other one speaks', () => ann.speak(900)],
    ['in a pause of the other one', () => ann.speak(900).then(() => ann.rest(300))],
    ['while the other one is answered', () => ann.speak(900).then(() => ann.rest(1300))],
  ])('is not listened to %s, but afterwards', async (_, middle) => {
    await start('tell me more thank you very much', { caller: { listenTo: 'activeSpeaker' } });
    speaks('ann');
    await middle();
    speaks('bob');
    expect(listenedTo()).toEqual(['ann']);
    await ann.rest(6000);
    expect(listenedTo()).toEqual(['bob']);
    await bob.ask(600);
    expect(model.questions.at(0)).toBe('tell me more');
    expect(model.questions.at(-1)).toBe('thank you');
    expect(speakers()).toEqual(['ann', 'bob']);
    expect(room.captions('caller')).toEqual(['tell me more', 'thank you']);
  });
});
