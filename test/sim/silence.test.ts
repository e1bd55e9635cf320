// A caller who says nothing: asked again, then left with a goodbye. On the phone, that is; and on any kind of line.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const PROMPT = 'Are you still there?';
const GOODBYE = 'I have to end our call now. Goodbye!';

let clock: VirtualClock;
let room: SimRoom;
let model: SimModel;
let session: Session;
let reports: TurnReport[];

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, (question) => `You said ${question}.`);
  reports = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
});

async function start(script: string, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, script),
      model,
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent(options),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
}

const onPhone = (): SimCaller => new SimCaller(clock, room, 'sip_+4930123456', { kind: 'sip' });

describe('a caller on the phone', () => {
  it.each<[string, (caller: SimCaller) => unknown]>([
    ['who is silent', () => undefined],
    ['on a line with DTX', (caller) => (caller.dtx = true)],
    ['who has muted', (caller) => caller.mute(true)],
    ['whose line is dead', (caller) => (caller.network = () => undefined)],
  ])('%s is asked again after ten seconds, and left after half a minute', async (_, silence) => {
    await start('when do you open');
    const caller = onPhone();
    await caller.ask(1200);
    silence(caller);
    const lastHeardAtMs = room.audibleAtMs.at(-1) ?? 0;
    await caller.rest(11_000);
    const askedAfterMs = (room.audibleAtMs.find((atMs) => atMs > lastHeardAtMs) ?? 0) - lastHeardAtMs;
    expect(askedAfterMs).toBeGreaterThanOrEqual(10_000);
    expect(askedAfterMs).toBeLessThanOrEqual(10_700);
    expect(room.captions('agent')).toEqual(['You said when do you open.', PROMPT]);
    await caller.rest(30_000);
    expect(room.captions('agent').slice(1)).toEqual([PROMPT, PROMPT, GOODBYE]);
    await expect(session.ended).resolves.toEqual({ reason: 'silence' });
    expect(room.closed).toBe(true);
  });

  it('who is asked again and answers goes on with the call', async () => {
    await start('yes I am when do you open', { greeting: 'Good morning.' });
    const caller = onPhone();
    await caller.rest(12_500);
    expect(room.captions('agent')).toEqual(['Good morning.', PROMPT]);
    await caller.ask(900);
    await caller.ask(1200);
    expect(room.captions('agent').slice(2)).toEqual(['You said yes I am.', 'You said when do you open.']);
    expect(model.histories.at(-1)).toMatchObject([
      { role: 'assistant', text: 'Good morning.' },
      { role: 'assistant', text: PROMPT },
      { role: 'user', text: 'yes I am' },
      { role: 'assistant' },
      { role: 'user', text: 'when do you open' },
    ]);
  });

  it('who listens to a long answer is not silent', async () => {
    model = new SimModel(clock, () => 'Once upon a time there was a fox. '.repeat(20));
    await start('story please');
    const caller = onPhone();
    await caller.speak(600);
    await caller.rest(35_000);
    expect(clock.nowMs() - (room.audibleAtMs.at(-1) ?? 0)).toBeLessThan(5000);
    expect(room.captions('agent')).not.toContain(PROMPT);
  });

  it('is asked what is set, as often as is set; that is no answer in the reports', async () => {
    await start('', { silence: { repromptAfterMs: 4000, reprompts: 1, reprompt: 'Hello?' }, goodbye: 'Bye.' });
    const caller = onPhone();
    await caller.rest(12_000);
    expect(room.captions('agent')).toEqual(['Hello?', 'Bye.']);
    expect(reports.filter(({ heardText }) => heardText !== undefined)).toEqual([
      { kind: 'reprompt', spans: [], reply: 'Hello?', heardText: 'Hello?' },
      { kind: 'goodbye', spans: [], reply: 'Bye.', heardText: 'Bye.' },
    ]);
    await expect(session.ended).resolves.toEqual({ reason: 'silence' });
  });

  it('is asked in the words of the model where that is set', async () => {
    await start('', { silence: { reprompt: { generate: 'Ask whether they are there.' } } });
    const caller = onPhone();
    await caller.rest(15_000);
    expect(room.captions('agent')).toEqual(['You said Ask whether they are there..']);
  });
});

describe('in a video room', () => {
  it('people are left in peace, unless it is set otherwise', async () => {
    await start('');
    const caller = new SimCaller(clock, room);
    await caller.rest(60_000);
    expect(room.captions('agent')).toEqual([]);
    await session.close();

    room = new SimRoom(clock);
    await start('', { silence: { mode: 'always' } });
    await new SimCaller(clock, room).rest(12_000);
    expect(room.captions('agent')).toEqual([PROMPT]);
  });
});
