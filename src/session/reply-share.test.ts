import { beforeEach, describe, expect, it } from 'vitest';

import { SimModel, SimTextToSpeech } from '../../test/sim/stages.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { type AgentOptions, defineAgent } from '../agent.ts';
import { StageError } from '../lib/errors.ts';
import { silentLogger } from '../lib/log.ts';
import { ReplyShare } from './reply-share.ts';
import { SpeculationLimits, type Urgency } from './speculation.ts';

const question = [{ role: 'user', text: 'When do you open?' }] as const;
const tooMany = (service: 'LLM' | 'TTS'): StageError =>
  new StageError(service, 'too many', { retryable: true, limitReached: true });

let clock: VirtualClock;
let limits: SpeculationLimits;
let model: SimModel;
let voice: SimTextToSpeech;
let givenUp: number;

beforeEach(() => {
  clock = new VirtualClock();
  model = new SimModel(clock, () => 'At nine in the morning.');
  voice = new SimTextToSpeech(clock);
  givenUp = 0;
  bound({});
});

function bound(speculation: NonNullable<AgentOptions['speculation']>): void {
  limits = new SpeculationLimits(defineAgent({ speculation }).speculation, clock);
}

function share(urgency: Urgency = 'draft'): ReplyShare {
  return new ReplyShare({
    limits,
    urgency,
    instructionTokens: 100,
    onGivenUp: () => (givenUp += 1),
    log: silentLogger,
  });
}

async function* words(): AsyncGenerator<string> {
  yield 'At nine.';
}

/** Reads to the end, or to the abort, and says how it went. */
async function outcome(source: AsyncIterable<unknown>): Promise<{ count: number; error?: unknown }> {
  let count = 0;
  try {
    for await (const item of source) count += item === '' ? 0 : 1;
    return { count };
  } catch (error) {
    return { count, error };
  }
}

function writing(of: ReplyShare, signal = new AbortController().signal): Promise<{ count: number; error?: unknown }> {
  return outcome(of.model(model).reply(question, { signal }));
}

describe('the model', () => {
  it('is used from the admission of a draft to the end of its words', async () => {
    bound({ llmRequests: 2 });
    const first = share();
    expect(first.begin(question)).toBe(true);
    expect(share().begin(question)).toBe(false);
    const written = writing(first);
    await clock.advance(300);
    expect(share().begin(question)).toBe(false);
    await clock.advance(1000);
    expect(await written).toEqual({ count: 5 });
    expect(share().begin(question)).toBe(true);
  });

  it('costs the tokens of the prompt and of what was written, aborted or not', async () => {
    // 100 of the instructions, 9 of the question, and one for "At ".
    bound({ tokensPerMinute: 219 });
    const over = new AbortController();
    const first = share();
    first.begin(question);
    const written = writing(first, over.signal);
    await clock.advance(360);
    over.abort();
    await clock.settle();
    expect(await written).toEqual({ count: 1 });
    expect(limits.tryBegin('llm', 'draft', { tokens: 109, onGivenUp: () => undefined })).toBeDefined();
    expect(limits.tryBegin('llm', 'draft', { tokens: 110, onGivenUp: () => undefined })).toBeUndefined();
  });

  it('that refuses a draft for its limits is not asked again for it, and for no other draft for a while', async () => {
    model.faults.push(tooMany('LLM'));
    const draft = share();
    draft.begin(question);
    const { error } = await writing(draft);
    expect(error).not.toBeInstanceOf(StageError);
    expect(share().begin(question)).toBe(false);
    await clock.advance(30_000);
    expect(share().begin(question)).toBe(true);
  });

  it('that refuses an answer is asked again, and drafts make room', async () => {
    share().begin(question);
    const fault = tooMany('LLM');
    model.faults.push(fault);
    const answer = share('committed');
    answer.begin(question);
    expect((await writing(answer)).error).toBe(fault);
    expect(givenUp).toBe(1);
    expect(answer.begin(question)).toBe(true);
  });
});

describe('the voice', () => {
  let putOff: number;
  const speaking = (of: ReplyShare, signal = new AbortController().signal): Promise<{ count: number }> => {
    putOff = 0;
    return outcome(
      of.spoken(() => of.voice(voice).speak(words(), { signal }), { signal, onPutOff: () => (putOff += 1) }),
    );
  };

  it('waits for its place where others speak, and takes it as soon as there is one', async () => {
    bound({ ttsContexts: 2 });
    const other = limits.commit('tts');
    const spoken = speaking(share());
    await clock.advance(1000);
    expect([putOff, voice.said]).toEqual([1, []]);
    other.end();
    await clock.advance(150);
    expect(voice.said).toEqual(['At nine.']);
    await spoken;
    expect(limits.tryBegin('tts', 'draft', { onGivenUp: () => undefined }), 'and leaves it').toBeDefined();
  });

  it('waits no longer than for the commit', async () => {
    bound({ ttsContexts: 2 });
    for (let others = 0; others < 3; others += 1) limits.commit('tts');
    const draft = share();
    const spoken = speaking(draft);
    await clock.advance(1000);
    draft.commit();
    await clock.advance(150);
    expect(await spoken).toEqual({ count: 1 });
  });

  it('is not taken away again from a draft that became the answer while it waited', async () => {
    bound({ ttsContexts: 2 });
    const other = limits.commit('tts');
    const draft = share();
    const spoken = speaking(draft);
    await clock.advance(1000);
    draft.commit();
    other.end();
    for (let others = 0; others < 3; others += 1) limits.commit('tts');
    await clock.advance(150);
    expect(await spoken).toEqual({ count: 1 });
    expect(givenUp).toBe(0);
  });

  it('that refuses a draft for its limits says it once it is the answer', async () => {
    voice.faults.push(tooMany('TTS'));
    const draft = share();
    const spoken = speaking(draft);
    await clock.advance(5000);
    expect([putOff, voice.said]).toEqual([1, []]);
    draft.commit();
    await clock.advance(150);
    expect(await spoken).toEqual({ count: 1 });
  });

  it('leaves the queue at an abort', async () => {
    bound({ ttsContexts: 2 });
    const other = limits.commit('tts');
    const over = new AbortController();
    const spoken = speaking(share(), over.signal);
    await clock.settle();
    over.abort();
    expect(await spoken).toEqual({ count: 0 });
    other.end();
    expect(limits.tryBegin('tts', 'draft', { onGivenUp: () => undefined })).toBeDefined();
  });
});
