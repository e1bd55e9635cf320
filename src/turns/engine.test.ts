import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import { UNINTELLIGIBLE } from './history.ts';
import type { TurnSettings } from './settings.ts';
import { agentActivity } from './state.ts';

describe('a turn', () => {
  it('ends after the silence of the policy, on the final transcript', () => {
    const table = new Table().voice(1000).interim('what time').pass(480);
    expect(table.types()).toEqual(['callerWords']);
    table.pass(20);
    expect(table.types()).toEqual(['finalizeTranscript']);
    expect(agentActivity(table.state)).toBe('thinking');
    table.final('what time is it');
    expect(table.commands).toMatchObject([
      { type: 'callerWords', text: 'what time is it', complete: true },
      { type: 'startReply', reply: { id: 1, kind: 'reply', turn: { number: 1, endTimestamp: 48_000 } } },
    ]);
  });

  it('goes on after a pause that is shorter than the policy wants', () => {
    const table = new Table().voice(500).pass(400).voice(500).pass(480);
    expect(table.types()).toEqual([]);
    table.pass(20);
    expect(table.types()).toEqual(['finalizeTranscript']);
  });

  it('does not end while the line is stalled: silence counts in audio time', () => {
    const table = new Table().voice(500).pass(300);
    const stalledAt = table.nowMs * TICKS_PER_MS;
    for (let tick = 0; tick < 20; tick += 1) table.tell({ type: 'tick', timestamp: stalledAt });
    expect(table.types()).toEqual([]);
  });

  it('joins the finals that a recogniser gives of its own accord', () => {
    const table = new Table().voice(500).final('a table', { answersFinalize: false }).voice(500).pass(500);
    table.final('for four');
    expect(table.state.history).toEqual([{ role: 'user', text: 'a table for four' }]);
  });

  it('is answered on its interim when the final never comes, and a late final is dropped', () => {
    const table = new Table().voice(500).interim('hello').pass(500).pass(680);
    expect(table.types()).not.toContain('startReply');
    table.pass(20);
    expect(table.types()).toContain('startReply');
    table.audible().tell({ type: 'replyFinished', replyId: 1, heardText: 'Good morning.' });
    table.voice(400).final('hello');
    table.interim('and goodbye').pass(500).final('and goodbye');
    expect(table.state.history.at(-1)).toMatchObject({ text: expect.stringMatching(/and goodbye$/) });
    expect(JSON.stringify(table.state.history).match(/hello/g)).toHaveLength(1);
  });

  it('waits for a recogniser that lags behind, as long as it tells more', () => {
    const table = new Table().voice(1500);
    const told = (text: string, beforeEndMs: number): unknown =>
      table.tell({ type: 'interim', text, endTimestamp: (1500 - beforeEndMs) * TICKS_PER_MS });
    table.pass(900);
    told('where', 1000);
    table.pass(600);
    told('where can', 700);
    table.pass(600);
    told('where can i', 400);
    table.pass(600).final('where can i park');
    expect(table.state.history).toEqual([{ role: 'user', text: 'where can i park' }]);
  });

  it('is answered on half its words once a recogniser that lagged behind tells no more', () => {
    const table = new Table().voice(1500).pass(1100);
    table.tell({ type: 'interim', text: 'where can', endTimestamp: 800 * TICKS_PER_MS });
    table.pass(680);
    expect(table.types()).not.toContain('startReply');
    table.pass(20);
    expect(table.state.history).toEqual([{ role: 'user', text: 'where can' }]);
  });

  it('without any words yet is waited for, though not for ever', () => {
    const late = new Table().voice(1500).pass(3000).final('where can i park');
    expect(late.state.history).toEqual([{ role: 'user', text: 'where can i park' }]);
    const never = new Table().voice(1500).pass(5500);
    expect(never.state.caller.kind).toBe('silent');
  });

  it('is not begun by words of the turn before, told when that was answered already', () => {
    const table = new Table().voice(1500).interim('where can i').pass(1200).audible();
    expect(table.state.history).toEqual([{ role: 'user', text: 'where can i' }]);
    table.tell({ type: 'interim', text: 'where can i park', endTimestamp: 1490 * TICKS_PER_MS });
    expect(table.state.caller.kind).toBe('silent');
    table.final('where can i park').tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: 'where can i park' });
  });

  it('has the words of a late final that no turn had', () => {
    const table = new Table().voice(200).pass(1200);
    expect(table.state.caller.kind).toBe('silent');
    const spoken = { text: 'yes', startTimestamp: 20 * TICKS_PER_MS, endTimestamp: 190 * TICKS_PER_MS };
    const endTimestamp = 200 * TICKS_PER_MS;
    table.tell({ type: 'final', text: 'yes', words: [spoken], endTimestamp, rejected: false, answersFinalize: true });
    table.pass(500).final('');
    expect(table.state.history).toEqual([{ role: 'user', text: 'yes' }]);
  });

  it('that could not be heard for a fault of ours is answered with an apology', () => {
    const table = new Table().tell({ type: 'recognitionLost' }).voice(900).pass(500).pass(700);
    expect(table.commands.at(-1)).toMatchObject({ type: 'startReply', content: { type: 'text', text: 'Sorry.' } });
    table.audible().tell({ type: 'replyFinished', replyId: 1, heardText: 'Sorry.' });
    table.types();
    table.voice(200).pass(500).pass(700);
    expect(table.types()).not.toContain('startReply');
    table.tell({ type: 'recognitionRestored' }).final('').final('').ask('hello');
    expect(table.commands.at(-1)).toMatchObject({ type: 'startReply', content: { type: 'generated' } });
  });

  it('is no turn when nothing was said', () => {
    const table = new Table().voice(400).pass(500).final('');
    expect(table.types()).toEqual(['finalizeTranscript', 'callerWords']);
    expect(agentActivity(table.state)).toBe('listening');
  });

  it('that could not be recognised is answered, unless it was only a noise', () => {
    const long = new Table().voice(900).pass(500).final('', { rejected: true });
    expect(long.state.history).toEqual([{ role: 'user', text: UNINTELLIGIBLE }]);
    const short = new Table().voice(200).pass(500).final('', { rejected: true });
    expect(short.state.history).toEqual([]);
  });

  it('begins with words that the VAD has missed', () => {
    const table = new Table().pass(1000).interim('yes').pass(500).final('yes');
    expect(table.state.history).toEqual([{ role: 'user', text: 'yes' }]);
  });
});

describe('a caller who goes on before the reply is audible', () => {
  it('gets one answer to both halves', () => {
    const table = new Table().ask('a table for four');
    table.types();
    table.pass(60).tell({ type: 'voiceStarted', timestamp: table.nowMs * TICKS_PER_MS });
    expect(table.types()).toEqual(['stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    expect(table.state.history).toEqual([]);
    table.pass(400).tell({ type: 'voiceEnded', timestamp: table.nowMs * TICKS_PER_MS });
    table.pass(500).final('on friday');
    expect(table.state.history).toEqual([{ role: 'user', text: 'a table for four on friday' }]);
    expect(table.types()).toContain('startReply');
  });

  it('or before the apology for one that broke off is: what was answered in part stays', () => {
    const table = new Table().ask('hello').audible();
    table.tell({ type: 'replyFailed', replyId: 1, heardText: 'Good' });
    table.voiceStarts().tell({ type: 'replyStopped', replyId: 2, heardText: '' });
    table.pass(400).voiceEnds().pass(500).final('what time is it');
    expect(table.state.history).toEqual([
      { role: 'user', text: 'hello' },
      { role: 'assistant', text: 'Good', interrupted: true },
      { role: 'user', text: 'what time is it' },
    ]);
  });

  it('keeps what was heard after all', () => {
    const table = new Table().ask('hello');
    table.tell({ type: 'voiceStarted', timestamp: table.nowMs * TICKS_PER_MS });
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Good' });
    expect(table.state.history).toEqual([
      { role: 'user', text: 'hello' },
      { role: 'assistant', text: 'Good', interrupted: true },
    ]);
  });
});

describe('typed words', () => {
  it('are a turn at once', () => {
    const table = new Table().tell({ type: 'textReceived', text: ' hello ' });
    expect(table.commands).toMatchObject([{ type: 'startReply', reply: { turn: { source: 'text', text: 'hello' } } }]);
  });

  it('stop the reply under way and are answered after it', () => {
    const table = new Table().ask('tell me a story').audible();
    table.types();
    table.tell({ type: 'textReceived', text: 'hello' });
    expect(table.types()).toEqual(['stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once' });
    expect(table.types()).toEqual(['startReply']);
    expect(table.state.history.flatMap((message) => (message.role === 'tool' ? [] : message.text))).toEqual([
      'tell me a story',
      'Once',
      'hello',
    ]);
  });
});

describe('a reply', () => {
  it('that failed unheard is followed by an apology, but not by two', () => {
    const table = new Table().ask('hello');
    table.types();
    table.tell({ type: 'replyFailed', replyId: 1, heardText: '' });
    expect(table.commands).toMatchObject([{ type: 'startReply', content: { type: 'text', text: 'Sorry.' } }]);
    table.types();
    table.tell({ type: 'replyFailed', replyId: 2, heardText: '' });
    expect(table.types()).toEqual([]);
    expect(agentActivity(table.state)).toBe('listening');
  });

  it('that failed in mid-sentence is followed by an apology', () => {
    const table = new Table().ask('hello').audible();
    table.types();
    table.tell({ type: 'replyFailed', replyId: 1, heardText: 'Good' });
    expect(table.commands).toMatchObject([{ type: 'startReply', content: { type: 'text', text: 'Sorry.' } }]);
    expect(table.state.history.at(-1)).toEqual({ role: 'assistant', text: 'Good', interrupted: true });
  });

  it('ends when the caller leaves, and nothing is answered in an empty room', () => {
    const table = new Table().ask('hello').tell({ type: 'callerLeft' });
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    table.types();
    table.tell({ type: 'textReceived', text: 'anyone?' }).voice(900).pass(1500);
    expect(table.types()).toEqual([]);
  });

  it('that finished while its stop was asked for leaves nobody waiting', () => {
    const table = new Table().ask('tell me a story').audible().tell({ type: 'textReceived', text: 'hello' });
    table.tell({ type: 'replyFinished', replyId: 1, heardText: 'The end.' });
    expect(table.state.agent).toMatchObject({ kind: 'preparing', reply: { id: 2 } });
  });
});

describe('the longest call', () => {
  const saysGoodbye = [{ type: 'startReply', content: { type: 'text', text: 'Goodbye.' } }];

  it('ends with a goodbye that nothing interrupts', () => {
    const table = new Table().tell({ type: 'callLimitReached' });
    expect(table.commands).toMatchObject(saysGoodbye);
    table.types();
    table.audible().voice(900).interim('wait').pass(500).final('wait').tell({ type: 'textReceived', text: 'wait' });
    table.tell({ type: 'callLimitReached' });
    expect(table.types()).toEqual([]);
    table.tell({ type: 'replyFinished', replyId: 1, heardText: 'Goodbye.' });
    expect(table.types()).toEqual(['endCall']);
  });

  it('ends after the reply under way has been stopped', () => {
    const table = new Table().ask('tell me a story').audible();
    table.types();
    table.tell({ type: 'callLimitReached' });
    expect(table.types()).toEqual(['stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once' });
    expect(table.commands).toMatchObject(saysGoodbye);
    table.types();
    table.tell({ type: 'replyFailed', replyId: 2, heardText: '' });
    expect(table.types()).toEqual(['endCall']);
  });

  it('ends at once in an empty room', () => {
    const table = new Table().tell({ type: 'callerLeft' }).tell({ type: 'callLimitReached' });
    expect(table.types()).toEqual(['endCall']);
  });

  it('ends when the caller leaves during the goodbye', () => {
    const table = new Table().tell({ type: 'callLimitReached' }).tell({ type: 'callerLeft' });
    expect(table.types()).toEqual(['startReply', 'stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    expect(table.types()).toEqual(['endCall']);
  });
});

/** The agent has asked, to its end, and replies to these answers are prepared. */
function asking(texts: readonly string[], more: Partial<TurnSettings> = {}): Table {
  const drafts = { policy: 'ifUnchanged', perTurn: 3, waitMs: 1500, leadMs: 700 } as const;
  const table = new Table({ drafts, finalAtPause: true, ...more })
    .ask('a table')
    .tell({ type: 'replyReady', replyId: 1 })
    .audible();
  const text = 'Shall I book it?';
  table.tell({ type: 'replyWritten', replyId: 1, text }).pass(400);
  expect(table.types()).toContain('anticipate');
  table.tell({ type: 'answersExpected', replyId: 1, texts });
  return table;
}

function finish(table: Table, heardText = 'Shall I book it?'): Table {
  return table.tell({ type: 'replyFinished', replyId: 1, heardText });
}

/** A reply that was prepared answers the interim, and is heard before the final comes. */
function answeredOnInterim(interim: string): Table {
  const table = finish(asking(['Yes, please.', 'no']).tell({ type: 'replyReady', replyId: 2 }));
  table.types();
  table.voice(400).interim(interim).pass(1300);
  expect(table.commands).toContainEqual(expect.objectContaining({ type: 'commitReply', replyId: 2 }));
  table.tell({ type: 'replyAudible', replyId: 2 }).types();
  return table;
}

it.each([
  ['ifUnchanged', 'a table please', 'stopReply'],
  ['ifSimilar', 'a table please', undefined],
  ['ifSimilar', 'no table please', 'stopReply'],
  ['always', 'no table please', undefined],
] as const)(
  'a draft that answered the interim goes by its own rule, %s, for a late final "%s"',
  (policy, final, told) => {
    const drafts = { policy, perTurn: 3, waitMs: 1500, leadMs: 700 } as const;
    const table = new Table({ drafts }).voice(500).interim('a table').pass(100);
    table.tell({ type: 'replyReady', replyId: 1 }).pass(1200).audible();
    expect(table.types()).toContain('commitReply');
    expect(table.final(final).types()).toEqual(told === undefined ? [] : [told]);
  },
);

describe('a reply that was anticipated', () => {
  it('is prepared while the agent asks, for the history as it will be', () => {
    const table = asking(['yes', 'Yes, please.', ' ', 'no', 'maybe']);
    expect(table.commands).toMatchObject([
      { type: 'startReply', held: true, anticipated: true, reply: { id: 2 }, content: { messages: { length: 3 } } },
      { type: 'startReply', held: true, anticipated: true, reply: { id: 3 }, content: { messages: { length: 3 } } },
    ]);
  });

  it('answers what was foreseen, and the others are stopped', () => {
    const table = finish(asking(['yes', 'no']).tell({ type: 'replyReady', replyId: 2 }));
    table.types();
    table.voice(400).interim('yeah');
    expect(table.types()).toEqual(['finalizeTranscript', 'callerWords']);
    table.final('Yeah.').pass(500);
    expect(table.commands).toMatchObject([
      { type: 'callerWords', complete: false },
      { type: 'callerWords', complete: true },
      { type: 'commitReply', replyId: 2, turn: { text: 'Yeah.' } },
      { type: 'stopReply', replyId: 3 },
    ]);
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: 'Yeah.' });
  });

  it('that is not ready is waited for', () => {
    const table = finish(asking(['yes', 'no']));
    table.voice(400).final('yes').pass(800);
    expect(table.types()).not.toContain('commitReply');
    table.tell({ type: 'replyReady', replyId: 2 });
    expect(table.types()).toContain('commitReply');
  });

  it('answers nothing else, and everything is stopped once something else is answered', () => {
    const table = finish(asking(['yes', 'no']));
    table.types();
    table.voice(400).final('not yet').pass(500).tell({ type: 'replyReady', replyId: 4 });
    expect(table.types().filter((type) => type !== 'callerWords')).toEqual([
      'finalizeTranscript',
      'startReply',
      'commitReply',
      'stopReply',
      'stopReply',
    ]);
  });

  it('is dropped as the caller goes on', () => {
    const table = finish(asking(['yes', 'no']));
    table.voice(400).final('yes').voice(300).interim('but not today');
    expect(table.commands).toContainEqual({ type: 'stopReply', replyId: 2 });
    table.types();
    table.final('but not today').tell({ type: 'replyReady', replyId: 4 }).pass(500);
    expect(table.commands.filter(({ type }) => type === 'commitReply')).toMatchObject([{ replyId: 4 }]);
  });

  it.each([
    [
      'the agent is interrupted',
      (table: Table) => table.tell({ type: 'voiceStarted', timestamp: table.nowMs * TICKS_PER_MS }).pass(2000),
    ],
    ['less was heard than was written', (table: Table) => finish(table, 'Shall I')],
    ['words are typed', (table: Table) => finish(table).tell({ type: 'textReceived', text: 'never mind' })],
    ['the caller leaves', (table: Table) => finish(table).tell({ type: 'callerLeft' })],
    ['the call is over', (table: Table) => finish(table).tell({ type: 'callLimitReached' })],
  ])('is given up where %s', (_, happen) => {
    const table = happen(asking(['yes', 'no']));
    const stopped = table.commands.flatMap((command) => (command.type === 'stopReply' ? [command.replyId] : []));
    expect(stopped).toEqual(expect.arrayContaining([2, 3]));
    expect(table.state.anticipation.kind).toBe('none');
  });

  it('that fails, or finds no room, is one less', () => {
    const table = finish(asking(['yes', 'no']));
    table.tell({ type: 'replyFailed', replyId: 2, heardText: '' }).tell({ type: 'replyRefused', replyId: 3 });
    table.types();
    table.voice(400).final('yes');
    expect(table.types()).toContain('startReply');
  });

  it('and is heard before the final comes stands where that means the same: the history takes its words', () => {
    const table = answeredOnInterim('yes').final('Uh, yes please.');
    expect(table.types()).toEqual([]);
    expect(table.state.agent).toMatchObject({ kind: 'speaking', reply: { id: 2 } });
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: 'Uh, yes please.' });
  });

  it.each(['no', 'Yes, but not today.', 'Yes, four please.'])(
    'and is heard before the final comes stops where that says something else (%s)',
    (final) => {
      expect(answeredOnInterim('yes').final(final).commands).toMatchObject([
        { type: 'stopReply', replyId: 2, atWordEnd: true },
      ]);
    },
  );

  it('to the answer goes on being prepared where a late final only writes it otherwise', () => {
    const text = 'Anything else?';
    const table = answeredOnInterim('yes').tell({ type: 'replyWritten', replyId: 2, text }).final('Yes.').pass(400);
    const asked = table.commands.find((command) => command.type === 'anticipate');
    table.tell({ type: 'replyFinished', replyId: 2, heardText: text });
    expect(asked).toMatchObject({ messages: { length: 4 } });
    expect(table.state.anticipation.kind).toBe('asked');
  });

  it('is not asked for before the reply is certain, nor where none are wanted', () => {
    const table = new Table().ask('a table').audible();
    table.tell({ type: 'replyWritten', replyId: 1, text: 'Shall I?' }).pass(380);
    expect(table.types()).not.toContain('anticipate');
    const off = new Table({ anticipation: { perReply: 0 } }).ask('a table').audible();
    off.tell({ type: 'replyWritten', replyId: 1, text: 'Shall I?' }).pass(1000);
    expect(off.types()).not.toContain('anticipate');
  });

  it('is evidence that a turn is complete', () => {
    const expected: (boolean | undefined)[] = [];
    const endpointing: TurnSettings['endpointing'] = (turn) => {
      expected.push(turn.expected);
      return 500;
    };
    const table = finish(asking(['yes', 'no'], { endpointing }));
    table.voice(400).interim('yes').interim('yes but');
    expect(expected.slice(-2)).toEqual([true, false]);
  });
});
