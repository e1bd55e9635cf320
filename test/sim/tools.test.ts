// Tools in whole conversations: when they run, how often, and what the history says of them when callers go on, interrupt,
// or wait, and when tools or models fail.

import { tool } from 'ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import type { AgentTools, ToolBehaviour } from '../../src/llm/tools.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import { ScriptedModel, type ScriptedStep } from './scripted-model.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimSpeechToText, SimTextToSpeech, simVoiceDetector, wait } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const WORDS = 'a table for four on friday';
const APOLOGY = 'Sorry, something went wrong here. Could you say that again?';

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: ScriptedModel;
let session: Session;
/** What ran, with the argument it was given, and how it ended. */
let runs: string[];

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  runs = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(20_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount).toBe(0);
});

/** Takes `ms`; notes its start, and its end where that is not the same instant. */
function working(
  name: string,
  ms: number,
  behaviour: ToolBehaviour = {},
  result: () => unknown = () => 'ok',
): AgentTools {
  return {
    [name]: {
      ...tool({
        inputSchema: z.object({ what: z.string() }),
        execute: async ({ what }, { abortSignal = new AbortController().signal }) => {
          runs.push(`${name} ${what}`);
          if (ms > 0) await wait(clock, ms, abortSignal);
          if (ms > 0) runs.push(abortSignal.aborted ? `${name} aborted` : `${name} done`);
          abortSignal.throwIfAborted();
          return result();
        },
      }),
      ...behaviour,
    },
  };
}

function isFull(): never {
  throw new Error('the book is full');
}

const READ_ONLY = { effects: false } as const;

/** Books what the caller has asked for, unless that has been done. */
function bookOnce(prompt: readonly string[], before = '', after = 'You are booked.'): ScriptedStep {
  if (prompt.some((line) => line.startsWith('tool: book'))) return { text: after };
  return { text: before, calls: [{ tool: 'book', input: { what: question(prompt) } }] };
}

/** Looks, and says what came of it. */
function look(prompt: readonly string[]): ScriptedStep {
  return prompt.some((line) => line.startsWith('tool: look'))
    ? { text: 'Friday is free.' }
    : { calls: [{ tool: 'look', input: { what: question(prompt) } }] };
}

function question(prompt: readonly string[]): string {
  return prompt.findLast((line) => line.startsWith('user: '))?.slice('user: '.length) ?? '';
}

/** Of the last prompt. */
const told = (): readonly string[] => model.prompts.at(-1) ?? [];

async function start(
  tools: AgentTools,
  script: (prompt: readonly string[]) => ScriptedStep,
  { words = WORDS, ...options }: AgentOptions & { readonly words?: string } = {},
): Promise<void> {
  model = new ScriptedModel(clock, script);
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, words, { finalsAtPauses: true }),
      model: languageModelReplies({ model: model.model, tools, clock }),
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({ endpointing: { policy: 'fixed' }, ...options }),
    clock,
    log: silentLogger,
  });
  caller = new SimCaller(clock, room);
}

// The draft of a question is asked for 160 ms after its last sound, calls its tool at 510, is committed there, and is settled
// at 920.
describe('a tool with effects', () => {
  it('runs once the answer is certain, and the reply goes on with its result', async () => {
    await start(working('book', 0), (prompt) => bookOnce(prompt));
    await caller.speak(1800);
    await caller.rest(880);
    expect(runs).toEqual([]);
    await caller.rest(100);
    expect(runs).toEqual([`book ${WORDS}`]);
    await caller.rest(3000);
    expect(room.captions('agent')).toEqual(['You are booked.']);
    expect(told()).toEqual([`user: ${WORDS}`, `assistant: → book({"what":"${WORDS}"})`, 'tool: book = "ok"']);
  });

  it('is never run where the caller goes on before the answer is certain', async () => {
    await start(working('book', 0), (prompt) => bookOnce(prompt));
    await caller.speak(1200);
    await caller.rest(800);
    await caller.speak(600);
    expect(runs).toEqual([]);
    await caller.rest(4000);
    expect(runs, 'and then for the whole question').toEqual([`book ${WORDS}`]);
    expect(told()[0]).toBe(`user: ${WORDS}`);
    expect(room.captions('agent')).toEqual(['You are booked.']);
  });

  it('that has run stays a fact where the caller goes on before anything is heard, and is not run again', async () => {
    await start(working('book', 0), (prompt) => bookOnce(prompt));
    await caller.speak(1200);
    await caller.rest(1060);
    expect(runs).toEqual(['book a table for four']);
    await caller.speak(600);
    await caller.rest(4000);
    expect(runs).toHaveLength(1);
    expect(told()).toEqual(['assistant: → book({"what":"a table for four"})', 'tool: book = "ok"', `user: ${WORDS}`]);
    expect(room.captions('agent')).toEqual(['You are booked.']);
  });

  it('that is still running when the caller goes on is finished, and the next reply knows of it', async () => {
    await start(working('book', 1500), (prompt) => bookOnce(prompt, '', 'It is being booked.'));
    await caller.speak(1200);
    await caller.rest(1060);
    await caller.speak(600);
    await caller.rest(3000);
    expect(runs).toEqual(['book a table for four', 'book done']);
    expect(told()[1]).toMatch(/^tool: book = .*still running/);
    expect(room.captions('agent')).toEqual(['It is being booked.']);
  });

  it('waits for a caller who makes a sound after the answer has begun', async () => {
    await start(working('book', 0), (prompt) => bookOnce(prompt, 'Let me put that into the book for you.'), {
      bargeIn: { suspendAfterMs: 300 },
    });
    await caller.speak(1800);
    await caller.rest(900);
    expect(room.activities.at(-1)).toBe('speaking');
    await caller.speak(160);
    await caller.rest(420);
    expect(runs).toEqual([]);
    await caller.rest(3000);
    expect(runs).toEqual([`book ${WORDS}`]);
  });

  it('runs for typed words, also where no audio comes at all', async () => {
    await start(working('book', 0), (prompt) => bookOnce(prompt));
    room.tell({ type: 'text', topic: 'lk.chat', identity: 'caller', text: 'a table', attributes: {} });
    await clock.advance(380);
    expect(runs).toEqual([]);
    await clock.advance(3000);
    expect(runs).toEqual(['book a table']);
    expect(room.captions('agent')).toEqual(['You are booked.']);
  });
});

describe('a tool without effects', () => {
  it('runs in the draft, and makes the answer none later', async () => {
    await start(working('look', 0, READ_ONLY), look, {
      endpointing: { policy: 'fixed', silenceMs: 1500 },
      drafts: { leadMs: 1500 },
    });
    await caller.speak(1800);
    await caller.rest(700);
    expect(runs).toEqual([`look ${WORDS}`]);
    expect(room.activities.at(-1)).toBe('listening');
    await caller.rest(3000);
    expect(runs).toHaveLength(1);
    expect(room.captions('agent')).toEqual(['Friday is free.']);
  });

  it('that is still running at the commit is adopted, not run twice', async () => {
    await start(working('look', 3000, READ_ONLY), look, { drafts: { waitMs: 200 } });
    await caller.speak(1800);
    await caller.rest(1000);
    expect(room.activities.at(-1)).toBe('thinking');
    await caller.rest(6000);
    expect(runs).toEqual([`look ${WORDS}`, 'look done']);
    expect(room.captions('agent')).toEqual(['One moment, please. Friday is free.']);
  });

  it('is cancelled with a draft that is given up, and leaves no trace', async () => {
    await start(working('look', 3000, READ_ONLY), look, {
      endpointing: { policy: 'fixed', silenceMs: 1500 },
      drafts: { leadMs: 1500 },
    });
    await caller.speak(1200);
    await caller.rest(800);
    await caller.speak(600);
    await caller.rest(9000);
    expect(runs).toEqual(['look a table for four', 'look aborted', `look ${WORDS}`, 'look done']);
    expect(told()[0]).toBe(`user: ${WORDS}`);
  });
});

describe('an interruption during a tool', () => {
  const story = 'I will put you down for that, it takes only a moment.';

  it.each([
    { onInterruption: 'finish' as const, end: 'book done', fact: 'tool: book = "ok"' },
    { onInterruption: 'cancel' as const, end: 'book aborted', fact: expect.stringContaining('Cancelled') },
  ])('lets it $onInterruption, and the history tells', async ({ onInterruption, end, fact }) => {
    await start(working('book', 4000, { onInterruption }), (prompt) => bookOnce(prompt, story, 'Very well.'), {
      words: `${WORDS} wait please stop now yes what about it`,
    });
    await caller.speak(1800);
    await caller.rest(2000);
    expect(runs).toEqual([`book ${WORDS}`]);
    await caller.speak(1200);
    await caller.rest(6000);
    expect(runs).toEqual([`book ${WORDS}`, end]);
    await caller.speak(900);
    await caller.rest(4000);
    const [asked, interrupted, outcome, ...more] = told();
    expect(asked).toBe(`user: ${WORDS}`);
    expect(interrupted).toMatch(/^assistant: I will .*interrupted here/);
    expect(outcome).toMatch(/^assistant: → book/);
    expect(more[0]).toEqual(fact);
    expect(runs).toHaveLength(2);
  });
});

describe('words typed during a tool', () => {
  it('are answered by a reply that knows what has become of it', async () => {
    await start(working('book', 4000, { onInterruption: 'cancel' }), (prompt) => bookOnce(prompt, '', 'Very well.'));
    await caller.speak(1800);
    await caller.rest(1200);
    room.tell({ type: 'text', topic: 'lk.chat', identity: 'caller', text: 'stop', attributes: {} });
    await caller.rest(3000);
    expect(told()).toEqual([
      `user: ${WORDS}`,
      `assistant: → book({"what":"${WORDS}"})`,
      expect.stringMatching(/^tool: book = "Cancelled/),
      'user: stop',
    ]);
  });
});

describe('a slow tool', () => {
  it('has a filler said to a caller who waits, who is answered all the same', async () => {
    await start(working('book', 2500, { fillerAfterMs: 800, filler: 'I am writing it down.' }), (prompt) =>
      bookOnce(prompt),
    );
    await caller.speak(1800);
    await caller.rest(8000);
    expect(room.captions('agent')).toEqual(['I am writing it down. You are booked.']);
  });

  it('has none where it is quick enough', async () => {
    await start(working('book', 500), (prompt) => bookOnce(prompt));
    await caller.speak(1800);
    await caller.rest(5000);
    expect(room.captions('agent')).toEqual(['You are booked.']);
  });

  it('may take longer than a model may be silent', async () => {
    await start(working('book', 6000), (prompt) => bookOnce(prompt), {
      llm: { firstTokenDeadlineMs: 2000, stallDeadlineMs: 2000 },
    });
    await caller.speak(1800);
    await caller.rest(12_000);
    expect(room.captions('agent')).toEqual(['One moment, please. You are booked.']);
    expect(model.prompts).toHaveLength(2);
  });

  it('is given up at its deadline, and the model is told', async () => {
    await start(working('book', 60_000, { deadlineMs: 2000 }), (prompt) =>
      bookOnce(prompt, '', 'I could not book it.'),
    );
    await caller.speak(1800);
    await caller.rest(8000);
    expect(runs).toEqual([`book ${WORDS}`, 'book aborted']);
    expect(told().at(-1)).toMatch(/^tool: book = "No result within 2 s.*not known/);
    expect(room.captions('agent')).toEqual(['One moment, please. I could not book it.']);
  });
});

describe('what goes wrong', () => {
  it('in a tool is told to the model', async () => {
    await start(working('book', 0, {}, isFull), (prompt) => bookOnce(prompt, '', 'We are full.'));
    await caller.speak(1800);
    await caller.rest(5000);
    expect(told().at(-1)).toBe('tool: book = "It failed: the book is full"');
    expect(room.captions('agent')).toEqual(['We are full.']);
  });

  it.each([
    {
      fault: 'a tool that does not exist',
      call: { tool: 'cook', input: { what: 'soup' } },
      says: /There is no tool cook, only: book/,
    },
    { fault: 'arguments that do not fit', call: { tool: 'book', input: { who: 'me' } }, says: /don't fit/ },
    {
      fault: 'a result that is no JSON',
      call: { tool: 'book', input: { what: 'x' } },
      says: /It failed: .*(circular|BigInt)/i,
    },
  ])('by $fault is told to the model', async ({ call, says }) => {
    await start(
      working('book', 0, {}, () => 1n),
      (prompt) =>
        prompt.some((line) => line.startsWith('tool: ')) ? { text: 'I can not do that.' } : { calls: [call] },
    );
    await caller.speak(1800);
    await caller.rest(5000);
    expect(told().at(-1)).toMatch(says);
    expect(room.captions('agent')).toEqual(['I can not do that.']);
  });

  it('in the model after a tool has run: it is asked again, and the tool is not', async () => {
    let failures = 1;
    await start(working('book', 0), (prompt) => {
      if (!prompt.some((line) => line.startsWith('tool: '))) return bookOnce(prompt);
      failures -= 1;
      return failures >= 0
        ? { error: new StageError('LLM', 'not now', { retryable: true }) }
        : { text: 'You are booked.' };
    });
    await caller.speak(1800);
    await caller.rest(5000);
    expect(runs).toHaveLength(1);
    expect(model.prompts).toHaveLength(3);
    expect(model.prompts[2]).toEqual(model.prompts[1]);
    expect(room.captions('agent')).toEqual(['You are booked.']);
  });

  it('in the model for good after a tool has run: an apology, and the fact stays', async () => {
    let broken = true;
    await start(
      working('book', 0),
      (prompt) => {
        const booked = prompt.some((line) => line.startsWith('tool: '));
        return booked && broken ? { error: new StageError('LLM', 'broken') } : bookOnce(prompt);
      },
      { words: `${WORDS} is it booked` },
    );
    await caller.speak(1800);
    await caller.rest(8000);
    expect(room.captions('agent')).toEqual([APOLOGY]);
    broken = false;
    await caller.speak(900);
    await caller.rest(5000);
    expect(runs).toHaveLength(1);
    expect(told()).toEqual([
      `user: ${WORDS}`,
      `assistant: → book({"what":"${WORDS}"})`,
      'tool: book = "ok"',
      `assistant: ${APOLOGY}`,
      'user: is it booked',
    ]);
  });

  it('where the model calls tools for ever: it must answer in the end', async () => {
    await start(working('look', 0, READ_ONLY), (prompt) => ({
      calls: [{ tool: 'look', input: { what: `${prompt.length}` } }],
    }));
    await caller.speak(1800);
    await caller.rest(15_000);
    expect(model.model.doStreamCalls.slice(0, 5).map(({ toolChoice }) => toolChoice?.type)).toEqual([
      'auto',
      'auto',
      'auto',
      'auto',
      'none',
    ]);
    expect(room.captions('agent')).toEqual([APOLOGY]);
  });
});

describe('several tools', () => {
  it('called at once run at the same time, those without effects first', async () => {
    const tools = { ...working('look', 600, READ_ONLY), ...working('book', 300) };
    await start(tools, (prompt) =>
      prompt.some((line) => line.startsWith('tool: '))
        ? { text: 'Both are done.' }
        : {
            calls: [
              { tool: 'book', input: { what: 'friday' } },
              { tool: 'look', input: { what: 'saturday' } },
            ],
          },
    );
    await caller.speak(1800);
    await caller.rest(5000);
    expect(runs).toEqual(['look saturday', 'book friday', 'look done', 'book done']);
    expect(told().slice(1)).toEqual([
      'assistant: → book({"what":"friday"}) → look({"what":"saturday"})',
      'tool: book = "ok" look = "ok"',
    ]);
  });

  it('in several steps, with words before, between and after: all is said, and stands so in the history', async () => {
    const tools = { ...working('look', 0, READ_ONLY), ...working('book', 0) };
    await start(
      tools,
      (prompt) => {
        if (prompt.some((line) => line.endsWith('thank you'))) return { text: 'Bye!' };
        if (prompt.some((line) => line.startsWith('tool: book'))) return { text: 'You are booked.' };
        if (!prompt.some((line) => line.startsWith('tool: look'))) {
          return { text: 'Let me see.', calls: [{ tool: 'look', input: { what: 'friday' } }] };
        }
        return { text: 'Friday is free, so I book it.', calls: [{ tool: 'book', input: { what: 'friday' } }] };
      },
      { words: `${WORDS} thank you` },
    );
    await caller.speak(1800);
    await caller.rest(8000);
    expect(room.captions('agent')).toEqual(['Let me see. Friday is free, so I book it. You are booked.']);
    const inReply = told();
    await caller.speak(600);
    await caller.rest(4000);
    expect(told()).toEqual([...inReply, 'assistant: You are booked.', 'user: thank you']);
    expect(inReply).toEqual([
      `user: ${WORDS}`,
      'assistant: Let me see. → look({"what":"friday"})',
      'tool: look = "ok"',
      'assistant: Friday is free, so I book it. → book({"what":"friday"})',
      'tool: book = "ok"',
    ]);
  });
});
