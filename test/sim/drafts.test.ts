// Replies that are prepared before the turn is decided: how fast they make an answer, and what becomes of them when the
// caller goes on, the words change, or a stage fails.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let tts: SimTextToSpeech;
let session: Session;
let reports: TurnReport[];

const echo = (question: string): string => `You said ${question}. Is that right?`;

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, echo);
  tts = new SimTextToSpeech(clock);
  reports = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount).toBe(0);
});

/** The silence is fixed: what is tested doesn't depend on the words. */
async function start(stt: SimSpeechToText, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts, codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({
      anticipation: { source: 'off' },
      ...options,
      endpointing: { policy: 'fixed', ...options.endpointing },
    }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
}

const responseMs = (): number | undefined => reports.find((report) => report.responseMs !== undefined)?.responseMs;

describe('a draft', () => {
  it('is ready when the turn is decided, and the answer comes as soon as the stages allow', async () => {
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }));
    await caller.ask(1200);
    expect(model.questions).toEqual(['when do you open']);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
    // The floor of these stages is 650 ms: 150 + 350 + 150. The rest is the first clause, and ticks of 20 ms.
    expect(responseMs()).toBeLessThanOrEqual(760);
    expect(reports[0]?.spans.map(({ name }) => name)).toEqual(['recognition', 'generation', 'synthesis']);
  });

  it('waits for the decision where a longer silence is wanted, and then plays at once', async () => {
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }), {
      endpointing: { silenceMs: 1200 },
      drafts: { leadMs: 1200 },
    });
    await caller.ask(1200);
    expect(responseMs()).toBeGreaterThanOrEqual(1190);
    expect(responseMs()).toBeLessThanOrEqual(1240);
    expect(reports[0]?.spans.map(({ name }) => name)).toContain('decision');
  });

  it('has so much spoken while it is held that it does not run dry before the rest of it comes', async () => {
    model = new SimModel(clock, () => 'Yes, we are open until nine. Come in whenever you like, there is room for all.');
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }), {
      endpointing: { silenceMs: 2000 },
      drafts: { leadMs: 2000 },
    });
    await caller.speak(1200);
    await caller.rest(1900);
    expect(tts.said).toEqual(['Yes, ', 'we are open until nine. ']);
    await caller.rest(6000);
    expect(tts.said.join('')).toBe(reports.at(-1)?.reply);
    expect(room.captions('agent')).toEqual([reports.at(-1)?.reply]);
  });

  it('is begun only as early as its lead', async () => {
    await start(new SimSpeechToText(clock, 'my number is five five', { finalsAtPauses: true }), {
      endpointing: { silenceMs: 1600 },
    });
    await caller.speak(900);
    await caller.rest(800);
    expect(model.questions).toEqual([]);
    await caller.ask(600);
    expect(model.questions).toEqual(['my number is five five']);
  });

  it('on words that change is dropped, and the whole question is answered once', async () => {
    await start(new SimSpeechToText(clock, 'a table for four on friday', { finalsAtPauses: true }));
    await caller.speak(900);
    await caller.rest(450);
    await caller.ask(900);
    expect(model.questions).toEqual(['a table for', 'a table for four on friday']);
    expect(room.captions('agent')).toEqual([echo('a table for four on friday')]);
  });

  it('survives a cough: the words have not changed', async () => {
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }));
    await caller.speak(1200);
    await caller.rest(400);
    await caller.speak(100);
    await caller.rest(5000);
    expect(model.questions).toEqual(['when do you open']);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
  });

  it('costs no more than its budget however often the caller goes on', async () => {
    await start(new SimSpeechToText(clock, 'one two three four five six seven eight', { finalsAtPauses: true }), {
      drafts: { perTurn: 3 },
    });
    for (let part = 0; part < 7; part += 1) {
      await caller.speak(320);
      await caller.rest(440);
    }
    await caller.ask(320);
    expect(model.questions).toHaveLength(4);
    expect(room.captions('agent')).toEqual([echo(model.questions.at(-1) ?? '')]);
  });

  it('that failed leaves the turn to an ordinary answer', async () => {
    model.faults.push(new StageError('LLM', 'no'));
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }));
    await caller.ask(1200);
    expect(model.questions).toHaveLength(2);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
  });

  it('that is never ready holds the answer back only so long', async () => {
    model.faults.push('silence', 'silence', 'silence');
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }), {
      llm: { firstTokenDeadlineMs: 3000 },
      drafts: { waitMs: 1000 },
    });
    await caller.speak(1200);
    await caller.rest(10_000);
    expect(room.captions('agent')).toEqual(['Sorry, something went wrong here. Could you say that again?']);
  });

  it('has its first clause spoken, and the rest once it is the answer', async () => {
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }), {
      endpointing: { silenceMs: 2000 },
      drafts: { leadMs: 2000 },
    });
    await caller.speak(1200);
    await caller.rest(1800);
    expect(tts.said.join('')).toBe('You said when do you open. ');
    await caller.rest(5000);
    expect(tts.said.join('')).toBe(echo('when do you open'));
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
  });

  it('is never made where drafts are off', async () => {
    await start(new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: true }), {
      drafts: { policy: 'off' },
    });
    await caller.ask(1200);
    expect(responseMs()).toBeGreaterThanOrEqual(1000);
    expect(room.captions('agent')).toEqual([echo('when do you open')]);
  });
});

describe('the final', () => {
  it('that only differs in writing keeps the draft, and the history takes the final', async () => {
    const stt = new SimSpeechToText(clock, 'when do you open', { finalsAtPauses: false });
    stt.finalOf = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}?`;
    await start(stt);
    await caller.ask(1200);
    expect(model.questions).toEqual(['when do you open']);
    expect(room.captions('caller')).toEqual(['When do you open?']);
  });

  it('that differs from the draft has it replaced before anything is heard', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four', { finalsAtPauses: false });
    stt.finalOf = () => 'a table for five';
    await start(stt);
    await caller.ask(1200);
    expect(model.questions).toEqual(['a table for four', 'a table for five']);
    expect(room.captions('agent')).toEqual([echo('a table for five')]);
  });

  it('that comes too late and differs: what was said is answered again, and what was heard stays', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four', { finalsAtPauses: true, finalLagMs: 1900 });
    stt.finalOf = () => 'a table for five';
    await start(stt);
    await caller.speak(1200);
    await caller.rest(8000);
    expect(model.questions).toEqual(['a table for four', 'a table for five']);
    const [told, answered] = room.captions('agent');
    expect(echo('a table for four').startsWith(`${told}`)).toBe(true);
    expect(answered).toBe(echo('a table for five'));
  });

  it('that comes late and says the same changes nothing', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four', { finalsAtPauses: true, finalLagMs: 1500 });
    await start(stt);
    await caller.speak(1200);
    await caller.rest(8000);
    expect(model.questions).toEqual(['a table for four']);
    expect(room.captions('agent')).toEqual([echo('a table for four')]);
  });
});
