// First words of a reply that are chosen while the caller speaks: what they gain, and that they are never heard where they
// don't fit, nor without anything after them.

import { tool } from 'ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import type { ReplyModel } from '../../src/llm/port.ts';
import type { OpenWith } from '../../src/session/openers.ts';
import { type Session, startSession } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { ScriptedModel } from './scripted-model.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const QUESTION = 'could you tell me when you open on saturday';
const OPENER = 'Let me look that up,';
const ANSWER = 'on Saturday we open at nine in the morning. Shall I book a table?';
const APOLOGY = 'Sorry, something went wrong here. Could you say that again?';

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let tts: SimTextToSpeech;
let session: Session;
let reports: TurnReport[];
/** What the function for first words was asked, and its signals. */
let heardBefore: { readonly heard: string; readonly signal: AbortSignal }[];

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, (question) => (question.includes('still speaking') ? `${OPENER} we open` : ANSWER));
  tts = new SimTextToSpeech(clock);
  reports = [];
  heardBefore = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount).toBe(0);
});

const lookUp: OpenWith = (heard, _, { signal }) => {
  heardBefore.push({ heard, signal });
  return OPENER;
};

/** Never finds words. */
const thinkOn: OpenWith = (heard, _, { signal }) => {
  heardBefore.push({ heard, signal });
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
};

const areAborted = (): boolean[] => heardBefore.map(({ signal }) => signal.aborted);

async function start(
  options: AgentOptions = {},
  {
    openWith,
    stt,
    scripted,
  }: { readonly openWith?: OpenWith; readonly stt?: SimSpeechToText; readonly scripted?: ReplyModel } = {},
): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: {
      stt: stt ?? new SimSpeechToText(clock, QUESTION, { finalsAtPauses: true }),
      model: scripted ?? model,
      tts,
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({
      anticipation: { source: 'off' },
      ...options,
      endpointing: { policy: 'fixed', silenceMs: 300, ...options.endpointing },
    }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
    ...(openWith && { openWith }),
  });
  caller = new SimCaller(clock, room);
}

const last = (): TurnReport | undefined => reports.at(-1);
/** Silences of the agent between its first and its last sound. */
const longestHoleMs = (): number =>
  Math.max(...room.audibleAtMs.map((atMs, index) => atMs - (room.audibleAtMs[index - 1] ?? atMs)));

/** What came of one turn. */
const outcome = (): object => ({
  captions: room.captions('agent'),
  said: tts.said.join(''),
  openerMs: last()?.openerMs,
});
const plain = { captions: [ANSWER], said: ANSWER, openerMs: undefined };

describe('an opener', () => {
  it('is heard long before an answer could be, and the answer follows without a hole', async () => {
    await start();
    await caller.ask(2700);
    const plainMs = last()?.responseMs ?? 0;
    await session.close();
    [room, reports] = [new SimRoom(clock), []];
    await start({}, { openWith: lookUp });
    await caller.ask(2700);
    expect(plainMs).toBeGreaterThan(600);
    expect(last()?.openerMs).toBeLessThanOrEqual(plainMs - 250);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
    expect(longestHoleMs()).toBeLessThanOrEqual(21);
    expect(model.histories.at(-1)).toEqual([{ role: 'user', text: QUESTION }]);
  });

  it('is told apart from the first content, which has the account of the turn', async () => {
    await start({}, { openWith: lookUp });
    await caller.ask(2700);
    const [opened, answered] = reports;
    expect(opened).toMatchObject({ openerMs: expect.any(Number), spans: [] });
    expect(opened).not.toHaveProperty('responseMs');
    const { responseMs = 0, openerMs = 0, spans = [] } = answered ?? {};
    // The voice takes 50 ms a character.
    expect(responseMs - openerMs).toBeGreaterThanOrEqual(OPENER.length * 50);
    expect(responseMs - openerMs).toBeLessThanOrEqual(OPENER.length * 50 + 100);
    expect(spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(responseMs);
    expect(reports).toHaveLength(3);
    expect(last()).toMatchObject({ openerMs, responseMs, heardText: `${OPENER} ${ANSWER}` });
  });

  it('is asked for again as the caller goes on, and no more often than it may', async () => {
    await start({ opener: { perTurn: 2 } }, { openWith: lookUp });
    await caller.ask(2700);
    expect(heardBefore.map(({ heard }) => heard)).toEqual(['could you tell me', 'could you tell me when you open on']);
  });

  it('can come from the model, which is asked in few words, and runs no tools for it', async () => {
    await start({ opener: { source: 'model' } });
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
    expect(model.questions.filter((question) => question.includes('still speaking'))).toHaveLength(2);
  });

  it('outlives the draft that it was chosen for, where the caller goes on', async () => {
    await start({}, { openWith: lookUp });
    await caller.speak(2400);
    await caller.rest(240);
    expect(model.questions).toHaveLength(1);
    await caller.ask(300);
    expect(model.questions).toHaveLength(2);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
  });

  it('is part of what replies to probable answers stand on', async () => {
    await start({ anticipation: { source: 'table', answers: ['yes please'] } }, { openWith: lookUp });
    await caller.ask(2700);
    const foreseen = model.histories.filter((history) => history.length === 3);
    expect(foreseen.length).toBeGreaterThan(0);
    for (const [, said] of foreseen) expect(said).toMatchObject({ text: `${OPENER} ${ANSWER}` });
  });

  it('that the model writes again is heard once', async () => {
    model = new SimModel(clock, () => `${OPENER} ${ANSWER}`);
    await start({}, { openWith: lookUp });
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
  });
});

describe('an opener before tools', () => {
  const look = { ...tool({ inputSchema: z.object({}), execute: () => 'nine' }), effects: false };

  it('stands before them in the history, and the model goes on from it after each', async () => {
    const scripted = new ScriptedModel(clock, (prompt) =>
      prompt.some((line) => line.startsWith('tool:')) ? { text: ANSWER } : { calls: [{ tool: 'look' }] },
    );
    const stt = new SimSpeechToText(clock, `${QUESTION} thank you`, { finalsAtPauses: true });
    await start(
      {},
      { openWith: lookUp, stt, scripted: languageModelReplies({ model: scripted.model, tools: { look }, clock }) },
    );
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
    expect(scripted.prompts.map((prompt) => prompt.length)).toEqual([1, 3]);
    for (const [question] of scripted.prompts) expect(question).toContain(`with the words: "${OPENER}"`);
    await caller.ask(600);
    expect(scripted.prompts.at(-1)).toEqual([
      `user: ${QUESTION}`,
      `assistant: ${OPENER} → look({})`,
      'tool: look = "nine"',
      `assistant: ${ANSWER}`,
      'user: thank you',
    ]);
  });
});

describe('no opener is heard', () => {
  it('where the words were revised after it was chosen', async () => {
    const stt = new SimSpeechToText(clock, QUESTION, { finalsAtPauses: true });
    stt.finalOf = (text) => text.replace('tell', 'show');
    await start({}, { openWith: lookUp, stt });
    await caller.ask(2700);
    expect(heardBefore.length).toBeGreaterThan(0);
    expect(outcome()).toEqual(plain);
  });

  it('where the caller went on for long after it was chosen', async () => {
    await start({ opener: { minWords: 3, perTurn: 1 } }, { openWith: lookUp });
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
  });

  it('after a few words', async () => {
    await start({}, { openWith: lookUp, stt: new SimSpeechToText(clock, 'yes please', { finalsAtPauses: true }) });
    await caller.ask(600);
    expect(heardBefore).toEqual([]);
    expect(outcome()).toEqual(plain);
  });

  it('where the answer is ready as soon as it may be heard', async () => {
    await start({ endpointing: { silenceMs: 1200 }, drafts: { leadMs: 1200 } }, { openWith: lookUp });
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
  });

  it('once replies have turned out to be as fast', async () => {
    model = new SimModel(clock, () => 'Nine.');
    await start(
      { endpointing: { silenceMs: 500 } },
      { openWith: lookUp, stt: new SimSpeechToText(clock, `${QUESTION} ${QUESTION}`, { finalsAtPauses: true }) },
    );
    await caller.ask(2700);
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([`${OPENER} Nine.`, 'Nine.']);
  });

  it('where it is still being thought about when it is wanted', async () => {
    await start({}, { openWith: thinkOn });
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
  });

  it('that is not wanted any more: who thinks about it is told so', async () => {
    await start({}, { openWith: thinkOn });
    await caller.speak(2000);
    expect(areAborted()).toEqual([false]);
    await caller.speak(700);
    expect(areAborted(), 'the words have doubled').toEqual([true, false]);
    await caller.rest(240);
    expect(model.questions, 'a draft is begun').toHaveLength(1);
    expect(areAborted()).toEqual([true, true]);
    await caller.rest(8000);
    expect(outcome()).toEqual(plain);
  });

  it('where the limits of the process leave no room to ask the model for it', async () => {
    await start({ opener: { source: 'model' }, speculation: { llmRequests: 1 } });
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
    expect(model.questions).toEqual([QUESTION]);
  });

  it('where whoever chooses it has none, too many words, or a fault', async () => {
    const given = [undefined, 'a b c d e f g h i j k l m'];
    await start(
      { opener: { perTurn: 3, minWords: 2 } },
      {
        openWith: () => {
          if (given.length === 0) throw new Error('no idea');
          return given.shift();
        },
      },
    );
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
  });

  it('in answer to typed words, nor where a reply is heard only when all of it is made', async () => {
    await start({ streaming: { tts: false } }, { openWith: lookUp });
    await caller.ask(2700);
    expect(outcome()).toEqual(plain);
    expect(heardBefore).toEqual([]);
  });
});

describe('an opener that is heard', () => {
  it('and interrupted ends with the word that was heard; the answer is cancelled', async () => {
    const stt = new SimSpeechToText(clock, `${QUESTION} no on sunday`, { finalsAtPauses: true });
    await start({}, { openWith: lookUp, stt });
    await caller.speak(2700);
    await caller.rest(700);
    expect(room.audibleAtMs.length).toBeGreaterThan(0);
    await caller.speak(900);
    expect(model.activeCount).toBe(0);
    const [heard = ''] = room.captions('agent');
    expect(OPENER.startsWith(heard)).toBe(true);
    expect(heard).not.toBe('');
    await caller.rest(8000);
    expect(model.histories.at(-1)?.[1]).toEqual({ role: 'assistant', text: heard, interrupted: true });
  });

  it('and can not be continued is followed by an apology', async () => {
    model.faults.push(new StageError('LLM', 'no'), new StageError('LLM', 'no'));
    await start({ drafts: { policy: 'off' } }, { openWith: lookUp });
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([OPENER, APOLOGY]);
  });

  it('is given up together with a draft that fails, and said for the answer', async () => {
    model.faults.push(new StageError('LLM', 'no'));
    await start({}, { openWith: lookUp });
    await caller.ask(2700);
    expect(room.captions('agent')).toEqual([`${OPENER} ${ANSWER}`]);
    expect(model.questions).toEqual([QUESTION, QUESTION]);
  });
});
