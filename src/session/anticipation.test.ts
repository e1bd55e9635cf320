import { tool } from 'ai';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ScriptedModel } from '../../test/sim/scripted-model.ts';
import { SimModel } from '../../test/sim/stages.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { type AgentOptions, defineAgent } from '../agent.ts';
import { StageError } from '../lib/errors.ts';
import { silentLogger } from '../lib/log.ts';
import { languageModelReplies } from '../llm/language-model.ts';
import type { ReplyModel } from '../llm/port.ts';
import type { TurnEvent } from '../turns/events.ts';
import { Anticipation, answersIn } from './anticipation.ts';
import { SpeculationLimits } from './speculation.ts';

it('takes the lines that a model was asked for, lists and quotation marks too', () => {
  expect(answersIn('Yes, please.\nNo, thank you.\n')).toEqual(['Yes, please.', 'No, thank you.']);
  expect(answersIn('1. Yes\n2) "Not today"\n- maybe')).toEqual(['Yes', 'Not today', 'maybe']);
  expect(answersIn('\n\nJa, gerne.')).toEqual(['Ja, gerne.']);
});

it('takes nothing where the model foresees nothing, or writes anything else', () => {
  expect(answersIn('NONE')).toEqual([]);
  expect(answersIn('Here are the answers:\nyes')).toEqual([]);
  expect(answersIn('["yes", "no"]')).toEqual([]);
  expect(answersIn(`Well, ${'that is hard to say, '.repeat(5)}`)).toEqual([]);
  expect(answersIn('...')).toEqual([]);
});

describe('the model that is asked for answers', () => {
  const asks = {
    type: 'anticipate',
    replyId: 1,
    messages: [{ role: 'assistant', text: 'At seven or at eight?', interrupted: false }],
  } as const;
  const told = [{ type: 'answersExpected', replyId: 1, texts: ['At seven', 'At eight then'] }];

  let clock: VirtualClock;
  let limits: SpeculationLimits;
  let model: SimModel;
  let events: TurnEvent[];

  beforeEach(() => {
    clock = new VirtualClock();
    model = new SimModel(clock, () => 'At seven\nAt eight then');
    events = [];
  });

  function anticipation(speculation: AgentOptions['speculation'] = {}, asked: ReplyModel = model): Anticipation {
    const settings = defineAgent({ anticipation: { source: 'model' }, speculation });
    limits = new SpeculationLimits(settings.speculation, clock);
    return new Anticipation({
      settings,
      model: asked,
      limits,
      anticipate: undefined,
      onEvent: (event) => events.push(event),
      clock,
      log: silentLogger,
      signal: new AbortController().signal,
    });
  }

  const isRoomFor = (tokens: number): boolean => {
    const use = limits.tryBegin('llm', 'anticipation', { tokens, onGivenUp: () => undefined });
    use?.end();
    return use !== undefined;
  };

  it('has a place of the process as long as it writes, and its tokens are spent', async () => {
    const foreseeing = anticipation({ llmRequests: 2, tokensPerMinute: 10_000 });
    foreseeing.ask(asks);
    await clock.advance(300);
    expect(isRoomFor(0)).toBe(false);
    await clock.advance(1000);
    expect(events).toEqual(told);
    expect(isRoomFor(9000)).toBe(true);
    expect(isRoomFor(9950), 'the prompt and the answers were some hundred').toBe(false);
  });

  it('is not asked where there is no room, or nothing left to spend', async () => {
    anticipation({ llmRequests: 1 }).ask(asks);
    anticipation({ tokensPerMinute: 40 }).ask(asks);
    await clock.advance(5000);
    expect(model.questions).toEqual([]);
    expect(events).toEqual([]);
  });

  it('is given up where others need its place, and what it has begun to write is no answer', async () => {
    anticipation({ llmRequests: 2 }).ask(asks);
    await clock.advance(380);
    limits.commit('llm');
    limits.commit('llm');
    await clock.advance(1000);
    expect(model.activeCount).toBe(0);
    expect(events).toEqual([]);
  });

  it('is let alone for a while once it has refused for a limit of the account', async () => {
    model.faults.push(new StageError('LLM', 'too many', { retryable: true, limitReached: true }));
    const foreseeing = anticipation();
    foreseeing.ask(asks);
    await clock.advance(1000);
    expect(isRoomFor(0)).toBe(false);
    foreseeing.ask(asks);
    await clock.advance(1000);
    expect(model.questions).toHaveLength(1);
    await clock.advance(30_000);
    foreseeing.ask(asks);
    await clock.advance(1000);
    expect(events).toEqual(told);
  });

  it('runs no tool for a guess: one that calls any has foreseen nothing', async () => {
    let runs = 0;
    const look = { ...tool({ inputSchema: z.object({}), execute: () => (runs += 1) }), effects: false };
    const script = new ScriptedModel(clock, () => ({ text: 'At seven', calls: [{ tool: 'look', input: {} }] }));
    anticipation({}, languageModelReplies({ model: script.model, tools: { look }, clock })).ask(asks);
    await clock.advance(2000);
    expect(script.prompts).toHaveLength(1);
    expect([runs, events]).toEqual([0, []]);
  });
});
