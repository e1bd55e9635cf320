// Replies that are prepared before the caller begins to speak: how soon they answer, what they cost, and that nothing is
// heard of them where something else was said, or happens.

import { tool } from 'ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import type { ReplyModel } from '../../src/llm/port.ts';
import type { Anticipate } from '../../src/session/anticipation.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { ScriptedModel } from './scripted-model.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector, wait } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const REQUEST = 'a table tonight';
const QUESTION = 'There is one at seven. Shall I book that for you?';
const REQUEST_MS = 900;
const WORD_MS = 320;

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let stt: SimSpeechToText;
let tts: SimTextToSpeech;
let session: Session;
let reports: TurnReport[];

/** Names what it answers, so that a reply to other words is known. */
const answer = (question: string): string => (question === REQUEST ? QUESTION : `To ${question} I say fine.`);

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, answer);
  tts = new SimTextToSpeech(clock);
  reports = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(20_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount, 'no request goes on').toBe(0);
});

interface Setup {
  readonly options?: AgentOptions;
  readonly anticipate?: Anticipate;
  readonly finalOf?: (text: string) => string;
  readonly finalLagMs?: number;
  readonly replies?: ReplyModel;
}

/** The caller has said their request, and hears the question. `answerWords`: what they say to it. */
async function start(answerWords: string, setup: Setup = {}): Promise<void> {
  const { options, anticipate, finalOf, finalLagMs, replies = model } = setup;
  stt = new SimSpeechToText(clock, `${REQUEST} ${answerWords}`, {
    finalsAtPauses: true,
    ...(finalLagMs !== undefined && { finalLagMs }),
  });
  if (finalOf !== undefined) stt.finalOf = finalOf;
  session = await startSession({
    join: room.join,
    stages: { stt, model: replies, tts, codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({ silence: { mode: 'never' }, ...options }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
    ...(anticipate !== undefined && { anticipate }),
  });
  caller = new SimCaller(clock, room);
  await caller.speak(REQUEST_MS);
  await caller.rest(5000);
}

const heard = (): readonly string[] => room.captions('agent');
/** What the model was asked after the request and the answers that were foreseen. */
const asked = (): readonly string[] => model.questions.slice(1);
const lastReport = (): TurnReport | undefined => reports.at(-1);

describe('an answer that was foreseen', () => {
  it('is answered at once, by the reply that was prepared for it', async () => {
    await start('yes');
    expect(asked(), 'while the question is heard').toEqual(['Yes, please.', 'No, thank you.']);
    await caller.ask(WORD_MS);
    expect(heard()).toEqual([QUESTION, 'To Yes, please. I say fine.']);
    expect(asked()).toHaveLength(2);
    expect(lastReport()).toMatchObject({ transcript: 'yes', anticipated: true });
    // Recognition alone takes 250 ms: 150 from the pause on, which the detector tells after 100.
    expect(lastReport()?.responseMs).toBeLessThanOrEqual(330);
  });

  it('may have fillers and politeness around it', async () => {
    await start('uh yeah please');
    await caller.ask(3 * WORD_MS);
    expect(heard().at(-1)).toBe('To Yes, please. I say fine.');
    expect(lastReport()).toMatchObject({ transcript: 'uh yeah please', anticipated: true });
    expect(asked()).toHaveLength(2);
  });

  it('is answered by the reply that was prepared for it as soon as that is ready', async () => {
    const slow: ReplyModel = {
      name: 'slow',
      reply: async function* (messages, options) {
        if (messages.length > 1) await wait(clock, 4500, options.signal);
        if (!options.signal.aborted) yield* model.reply(messages, options);
      },
    };
    await start('yes', { replies: slow });
    expect(asked()).toEqual([]);
    await caller.ask(WORD_MS);
    expect(heard().at(-1)).toBe('To Yes, please. I say fine.');
    expect(lastReport()?.anticipated).toBe(true);
    expect(lastReport()?.responseMs).toBeLessThan(1500);
  });

  it('enters the history in the words that were said', async () => {
    await start('yeah and');
    await caller.ask(WORD_MS);
    await caller.ask(WORD_MS);
    expect(model.histories.at(-1)?.map((message) => message.role !== 'tool' && message.text)).toEqual([
      REQUEST,
      QUESTION,
      'yeah',
      'To Yes, please. I say fine.',
      'and',
    ]);
  });

  it('is known to the word where it is an alternative of the question', async () => {
    model = new SimModel(clock, (question) =>
      question === REQUEST ? 'Would you like a window or an aisle seat?' : `To ${question} I say fine.`,
    );
    await start('the window please');
    expect(asked()).toEqual(['window', 'aisle']);
    await caller.ask(3 * WORD_MS);
    expect(heard().at(-1)).toBe('To window I say fine.');
  });
});

describe('an answer that was not foreseen', () => {
  it('is answered as any other', async () => {
    await start('perhaps tomorrow then');
    await caller.ask(REQUEST_MS);
    expect(heard().at(-1)).toBe('To perhaps tomorrow then I say fine.');
    expect(lastReport()?.anticipated).toBeUndefined();
  });

  it.each([
    ['that has a negation', 'yes not today'],
    ['that has a number', 'yes four please'],
    ['that has a name', 'yes ann please'],
    ['that has a date', 'yes friday please'],
  ])('%s: nothing of what was prepared is heard', async (_, words) => {
    await start(words);
    await caller.ask(REQUEST_MS);
    expect(heard()).toEqual([QUESTION, `To ${words} I say fine.`]);
  });

  it.each(['four', 'anna'])('differs in one word from what was foreseen (%s)', async (word) => {
    await start(`for ${word}`, { anticipate: () => ['for five', 'for anne'] });
    await caller.ask(2 * WORD_MS);
    expect(heard()).toEqual([QUESTION, `To for ${word} I say fine.`]);
  });
});

describe('a caller who goes on', () => {
  it('without a pause is answered to all of it', async () => {
    await start('yes but not tonight');
    await caller.ask(4 * WORD_MS);
    expect(heard()).toEqual([QUESTION, 'To yes but not tonight I say fine.']);
  });

  // Up to the very moment in which the reply would be heard.
  it.each([80, 140, 180, 220, 260])('after %d ms hears nothing of what was prepared', async (pauseMs) => {
    await start('yes but not tonight');
    await caller.speak(WORD_MS);
    await caller.rest(pauseMs);
    await caller.ask(3 * WORD_MS);
    expect(heard()).toEqual([QUESTION, 'To yes but not tonight I say fine.']);
  });
});

describe('the final', () => {
  it('that says the contrary of the interim is answered, and only that', async () => {
    await start('yes', { finalOf: (text) => (text === 'yes' ? 'no' : text) });
    await caller.ask(WORD_MS);
    expect(heard()).toEqual([QUESTION, 'To No, thank you. I say fine.']);
  });

  it('that differs in a number is answered, and only that', async () => {
    await start('four', { anticipate: () => ['four', 'five'], finalOf: (text) => text.replace('four', 'for me') });
    await caller.ask(WORD_MS);
    expect(heard()).toEqual([QUESTION, 'To for me I say fine.']);
  });

  it('that comes after the answer, and differs: it stops, and the right words are answered', async () => {
    await start('yes', { finalLagMs: 1500, finalOf: (text) => (text === 'yes' ? 'no' : text) });
    await caller.ask(WORD_MS);
    expect(heard().at(-1)).toBe('To no I say fine.');
    expect('To Yes, please. I say fine.'.startsWith(heard().at(-2) ?? '?')).toBe(true);
  });
});

describe('what is prepared is given up', () => {
  it('where the question is interrupted', async () => {
    await start('wait stop please yes', { options: { bargeIn: { suspendAfterMs: 100 } } });
    await caller.ask(REQUEST_MS);
    const before = model.questions.length;
    // The next reply asks nothing.
    expect(model.activeCount).toBe(0);
    await caller.ask(WORD_MS);
    expect(model.questions.length).toBe(before + 1);
    expect(heard().at(-1)).toBe('To yes I say fine.');
  });

  it('in the middle of the question', async () => {
    stt = new SimSpeechToText(clock, `${REQUEST} no wait yes`, { finalsAtPauses: true });
    session = await startSession({
      join: room.join,
      stages: { stt, model, tts, codec: simCodec, createVoiceDetector: simVoiceDetector },
      settings: defineAgent({ silence: { mode: 'never' } }),
      clock,
      log: silentLogger,
    });
    caller = new SimCaller(clock, room);
    await caller.speak(REQUEST_MS);
    await caller.rest(2000);
    expect(asked()).toEqual(['Yes, please.', 'No, thank you.']);
    expect(heard()[0]?.length).toBeLessThan(QUESTION.length);
    await caller.ask(2 * WORD_MS);
    expect(asked().slice(2)).toEqual(['no wait']);
    expect(heard().at(-1)).toBe('To no wait I say fine.');
  });

  it('when the caller leaves', async () => {
    await start('yes');
    room.leave('caller');
    await clock.advance(10_000);
    expect(model.activeCount).toBe(0);
    expect(heard()).toEqual([QUESTION]);
  });

  it('when words are typed', async () => {
    await start('yes');
    room.tell({ type: 'text', topic: 'lk.chat', text: 'never mind', identity: 'caller', attributes: {} });
    await clock.advance(5000);
    expect(heard()).toEqual([QUESTION, 'To never mind I say fine.']);
    await caller.ask(WORD_MS);
    expect(heard().at(-1)).toBe('To yes I say fine.');
  });
});

describe('how much is prepared', () => {
  const bounds: readonly (readonly [string, AgentOptions, readonly string[]])[] = [
    ['nothing where it is off', { anticipation: { source: 'off' } }, []],
    ['nothing where drafts are off', { drafts: { policy: 'off' } }, []],
    ['no more than is allowed', { anticipation: { perReply: 1 } }, ['Yes, please.']],
    [
      'first what the user expects, and nothing twice',
      { anticipation: { answers: ['later', 'yes'], perReply: 3 } },
      ['later', 'yes', 'No, thank you.'],
    ],
  ];
  it.each(bounds)('%s', async (_, options, texts) => {
    await start('yes', { options });
    expect(asked()).toEqual(texts);
  });

  it('nothing where any answer is possible', async () => {
    model = new SimModel(clock, () => 'What can I do for you?');
    await start('yes');
    expect(asked()).toEqual([]);
  });

  it('what the user’s own function foresees, which is told once the caller speaks', async () => {
    let told = 0;
    const anticipate: Anticipate = (history, { signal }) => {
      signal.addEventListener('abort', () => (told += 1));
      expect(history.at(-1)).toEqual({ role: 'assistant', text: QUESTION, interrupted: false });
      return new Promise(() => undefined);
    };
    await start('yes', { anticipate, options: { anticipation: { source: 'off' } } });
    expect(asked()).toEqual([]);
    await caller.ask(WORD_MS);
    expect(told).toBeGreaterThan(0);
    expect(heard().at(-1)).toBe('To yes I say fine.');
  });

  it('what the model foresees', async () => {
    model = new SimModel(clock, (question) =>
      question.startsWith('[') ? '1. At eight instead\n2. Yes' : answer(question),
    );
    await start('at eight instead', { options: { anticipation: { source: 'model' } } });
    expect(asked().slice(1)).toEqual(['At eight instead', 'Yes']);
    await caller.ask(3 * WORD_MS);
    expect(heard().at(-1)).toBe('To At eight instead I say fine.');
  });
});

it('a tool with effects waits, in a reply that was prepared for an answer, until that is given and certain', async () => {
  const runs: string[] = [];
  const script = new ScriptedModel(clock, (prompt) => {
    const last = prompt.at(-1) ?? '';
    if (last.startsWith('tool: book')) return { text: 'It is booked.' };
    if (last.includes(REQUEST)) return { text: QUESTION };
    return { text: 'One moment.', calls: [{ tool: 'book', input: { what: last } }] };
  });
  const book = tool({
    inputSchema: z.object({ what: z.string() }),
    execute: ({ what }) => {
      runs.push(what);
      return 'ok';
    },
  });
  await start('yes', { replies: languageModelReplies({ model: script.model, tools: { book }, clock }) });
  await caller.rest(5000);
  expect(runs).toEqual([]);
  await caller.ask(WORD_MS);
  expect(runs).toEqual(['user: Yes, please.']);
  expect(heard().at(-1)).toMatch(/^One moment\..*It is booked\.$/);
});
