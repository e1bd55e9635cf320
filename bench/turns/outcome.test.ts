import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { ObservedConversation, ObservedReply, ObservedTurn } from './conversation.ts';
import { EarRoom, NETWORK_MS } from './ear.ts';
import type { ModelCall } from './model.ts';
import { judge } from './outcome.ts';
import type { TurnOutcome } from './outcome.ts';
import type { ScriptedTurn, ScriptedWord } from './script.ts';

function words(text: string): ScriptedWord[] {
  return text
    .split(' ')
    .map((word) => ({ ms: 200, spoken: word, final: word, interim: word, joined: false, mark: '' }));
}

const scripted: ScriptedTurn = {
  class: 'pause, complete',
  runs: [
    { words: words('a table for four'), pause: { ms: 800, syntax: 'complete' } },
    { words: words('no five'), pause: undefined },
  ],
  reply: 'Alright, five.',
  gapMs: 400,
  interruptsAfterMs: undefined,
  disturbance: undefined,
};

/** Speaks from 1000 to 1800, pauses until 2600, ends at 3000; the next turn is at 9000. */
const turn: ObservedTurn = {
  scripted,
  index: 0,
  startAtMs: 1000,
  endAtMs: 3000,
  untilMs: 9000,
  pauses: [{ ms: 800, syntax: 'complete', startAtMs: 1800, wordsBefore: words('a table for four') }],
  interrupts: false,
  disturbance: undefined,
};

function reply(transcript: string, audibleAtMs: number, more: Partial<ObservedReply> = {}): ObservedReply {
  const text = 'Alright, five.';
  return {
    kind: 'reply',
    transcript,
    audibleAtMs,
    overAtMs: audibleAtMs + 1000,
    heardText: text,
    writtenText: text,
    failed: false,
    spans: [],
    ...more,
  };
}

/** `sounds`: when frames of the voice, at how many dBFS, were sent. */
async function conversation(
  replies: readonly ObservedReply[],
  sounds: readonly (readonly [atMs: number, dbfs: number])[] = [],
  more: Partial<ObservedConversation> = {},
): Promise<ObservedConversation> {
  const clock = new VirtualClock({ startAtMs: 0 });
  const ear = new EarRoom(clock);
  for (const [atMs, dbfs] of sounds) {
    await clock.advance(atMs - clock.nowMs());
    const payload = Uint8Array.of(2, -dbfs, -dbfs, 0);
    ear.sendAudio({ sequenceNumber: 0, rtpTimestamp: 0, marker: false, payload, audioLevelDbov: 0 });
  }
  return {
    turns: [turn],
    replies,
    calls: [],
    ear,
    voice: { characters: 0, contexts: [], expiredCount: 0, refusedCount: 0 },
    left: { timers: 0, calls: 0, contexts: 0 },
    ...more,
  };
}

/** A request that took 400 ms. */
function call(question: string, startedAtMs: number, more: Partial<ModelCall> = {}): ModelCall {
  const text = 'Alright, five.';
  const endedAtMs = startedAtMs + 400;
  return { turnIndex: 0, question, text, startedAtMs, endedAtMs, promptTokens: 400, outputTokens: 2, ...more };
}

describe('a turn', () => {
  it('answered whole has its gap, to the ear', async () => {
    const outcome = judge(turn, await conversation([reply('A table for four. No, five.', 3700)]));
    expect(outcome).toMatchObject({ gapMs: 700 + NETWORK_MS, split: false, covered: true, doublyAnswered: false });
  });

  it('whose final joins words is answered all the same', async () => {
    expect(judge(turn, await conversation([reply('Atable for four no five', 3700)])).covered).toBe(true);
  });

  it('that nobody answered has no gap and is not covered', async () => {
    expect(judge(turn, await conversation([]))).toMatchObject({ gapMs: undefined, covered: false });
  });

  it('cut into, both halves answered, is split and covered', async () => {
    const replies = [reply('A table for four.', 2500, { overAtMs: 2900 }), reply('No five.', 3700)];
    const outcome = judge(turn, await conversation(replies));
    expect(outcome).toMatchObject({ split: true, covered: true, doublyAnswered: false });
    expect(outcome.pauses).toMatchObject([{ split: true }]);
  });

  it('of which only the second half is answered has lost words, and is split at the pause', async () => {
    const outcome = judge(turn, await conversation([reply('No five.', 3700)]));
    expect(outcome).toMatchObject({ split: true, covered: false });
    expect(outcome.pauses).toMatchObject([{ split: true }]);
  });

  it('of which the first words are missing is not covered', async () => {
    expect(judge(turn, await conversation([reply('table for four no five', 3700)])).covered).toBe(false);
  });

  it('answered twice is found', async () => {
    const replies = [reply('A table for four no five', 3700), reply('A table for four no five', 5700)];
    expect(judge(turn, await conversation(replies)).doublyAnswered).toBe(true);
  });
});

describe('what a reply was made for', () => {
  const whole = reply('A table for four. No five.', 3700);
  const outcomeOf = async (...calls: ModelCall[]): Promise<TurnOutcome> =>
    judge(turn, await conversation([whole], [], { calls }));

  it('is wrong where it is not what was said', async () => {
    expect(await outcomeOf(call('A table for four. No five.', 2700))).toMatchObject({ wrongReplies: 0 });
    expect(await outcomeOf(call('atable for four no five', 2700))).toMatchObject({ wrongReplies: 0 });
    expect(await outcomeOf(call('a table for four', 2700))).toMatchObject({ wrongReplies: 1 });
    expect(await outcomeOf(call('a table for four no', 2700))).toMatchObject({ wrongReplies: 1 });
    expect(await outcomeOf(call('a table for five', 500))).toMatchObject({ wrongReplies: 1 });
    // After the first half had been answered.
    expect(await outcomeOf(call('No five', 2700))).toMatchObject({ wrongReplies: 0 });
  });

  it('is wrong where the request was for misheard words, though they sound alike', async () => {
    const misheard = words('a table for four').map((word) => ({
      ...word,
      interim: word.spoken.replace('four', 'for'),
    }));
    const short = { ...turn, pauses: [], scripted: { ...scripted, runs: [{ words: misheard, pause: undefined }] } };
    const heard = reply('A table for four.', 3700);
    const judged = async (question: string): Promise<number> =>
      judge(short, await conversation([heard], [], { calls: [call(question, 2700)] })).wrongReplies;
    expect(await judged('a table for for')).toBe(1);
    expect(await judged('a table for four')).toBe(0);
  });

  it('is right in a pause where it was said until then, and wrong in the middle of words', async () => {
    const early = { overAtMs: 3100 };
    const inPause = [reply('A table for four.', 2400, early)];
    const inWords = [reply('A table for four.', 1500, early)];
    const asked = { calls: [call('a table for four', 900)] };
    expect(judge(turn, await conversation(inPause, [], asked))).toMatchObject({ wrongReplies: 0, cutIn: true });
    expect(judge(turn, await conversation(inWords, [], asked))).toMatchObject({ wrongReplies: 1, cutIn: true });
  });

  it('was anticipated where the request is older than the turn', async () => {
    expect(await outcomeOf(call('A table for four. No five.', 900))).toMatchObject({ anticipated: true });
    expect(await outcomeOf(call('A table for four. No five.', 2700))).toMatchObject({ anticipated: false });
  });
});

describe('an interruption', () => {
  it('counts from its first sample to the last loud and the last audible sound at the ear', async () => {
    const interrupted = reply('before', 0, { overAtMs: 1400, heardText: 'Al' });
    const observed = await conversation(
      [interrupted, reply('a table for four no five', 3700)],
      [
        [1000, -12],
        [1020, -12],
        [1040, -30],
        [1200, -30],
        [3700, -12],
      ],
    );
    const outcome = judge({ ...turn, interrupts: true }, observed);
    expect(outcome.bargeIn).toEqual({
      loweredMs: 40 + NETWORK_MS,
      silencedMs: 220 + NETWORK_MS,
      cancelledMs: undefined,
    });
  });

  it('cancels what was still at work on the reply, and nothing else counts', async () => {
    const interrupted = reply('before', 0, { overAtMs: 1400, heardText: 'Al' });
    const other = call('other', -100, { text: 'Something else', endedAtMs: undefined });
    const cancelled = async (endedAtMs: number | undefined, closedAtMs: number | undefined): Promise<unknown> => {
      const calls = [call('before', -800, { endedAtMs }), other];
      const contexts = [{ text: 'Alright, ', openedAtMs: -500, closedAtMs }];
      const voice = { characters: 0, contexts, expiredCount: 0, refusedCount: 0 };
      const observed = await conversation([interrupted], [], { calls, voice });
      return judge({ ...turn, interrupts: true }, observed).bargeIn?.cancelledMs;
    };
    expect(await cancelled(-400, -100)).toBeUndefined();
    expect(await cancelled(1400, 1405)).toBe(5);
    expect(await cancelled(-400, undefined)).toBe(Infinity);
  });

  it('of a reply that ended by itself counts for nothing', async () => {
    const observed = await conversation([reply('before', 0), reply('a table for four no five', 3700)]);
    expect(judge({ ...turn, interrupts: true }, observed).bargeIn).toBeUndefined();
  });
});

describe('a cough during the reply', () => {
  const disturbed: ObservedTurn = {
    ...turn,
    scripted: { ...scripted, disturbance: { kind: 'cough', afterMs: 300, ms: 200, word: undefined } },
    disturbance: { startAtMs: 4000, endAtMs: 4200 },
  };
  const answer = reply('a table for four no five', 3700, { overAtMs: 4800 });

  it('leaves a hole of what is not heard', async () => {
    const sounds = [3700, 4000, 4020, 4240, 4260].map((atMs) => [atMs, -12] as const);
    const { disturbance, underruns } = judge(disturbed, await conversation([answer], sounds));
    expect(disturbance).toEqual({ kind: 'cough', endedReply: false, holeMs: 200 });
    expect(underruns).toHaveLength(1);
  });

  it('that ends the reply is found, and what is answered after it', async () => {
    const replies = [{ ...answer, heardText: 'Al' }, reply('(unintelligible)', 5500)];
    const outcome = judge(disturbed, await conversation(replies));
    expect(outcome).toMatchObject({ disturbance: { endedReply: true }, needlessReplies: 1, doublyAnswered: false });
  });
});
