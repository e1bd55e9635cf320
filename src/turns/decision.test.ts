import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { TurnSoFar } from './endpointing.ts';

describe('in a pause the endpointing policy is told', () => {
  let turn: TurnSoFar | undefined;
  const endpointing = (asked: TurnSoFar): number => {
    turn = asked;
    return 900;
  };

  it('the words, and how much of the voice they do not cover', () => {
    new Table({ endpointing }).voice(400).interim('a table').voice(200);
    expect(turn).toMatchObject({ text: 'a table', rejected: false, uncoveredMs: 200 });
  });

  it('what the caller has heard of the agent just before, and nothing older', () => {
    const table = new Table({ endpointing, greeting: { type: 'text', text: 'Shall I book it? I can.' } });
    table.audible().tell({ type: 'replyFinished', replyId: 1, heardText: 'Shall I book it?' });
    table.voice(300).interim('yes');
    expect(turn).toMatchObject({ text: 'yes', agentSaid: 'Shall I book it?' });
    // The answer fails unheard.
    table.pass(900).final('yes').tell({ type: 'replyStopped', replyId: 2, heardText: '' });
    table.voice(300).interim('hello');
    expect(turn?.agentSaid).toBeUndefined();
  });

  it('how long the caller paused before', () => {
    new Table({ endpointing }).voice(400).pass(400).voice(300).pass(600).voice(300);
    expect(turn?.innerPausesMs).toEqual([400, 600]);
  });

  it('nothing of another caller', () => {
    const table = new Table({ endpointing }).voice(400).pass(400).voice(300);
    table.tell({ type: 'callerLeft' }).tell({ type: 'callerLinked', greet: true, onPhone: false }).voice(300);
    expect(turn?.innerPausesMs).toEqual([]);
  });

  it('how it sounds, once that was judged of this very pause', () => {
    const table = new Table({ endpointing, judgeSound: true }).voice(400);
    expect(turn?.soundComplete).toBeUndefined();
    table.tell({ type: 'soundJudged', voiceEndedAt: 400 * TICKS_PER_MS, complete: 0.2 });
    expect(turn?.soundComplete).toBe(0.2);
    table.pass(300).voice(300);
    expect(turn?.soundComplete).toBeUndefined();
    table.tell({ type: 'soundJudged', voiceEndedAt: 400 * TICKS_PER_MS, complete: 0.9 });
    expect(turn?.soundComplete).toBeUndefined();
  });
});

const judged = (table: Table) => table.commands.filter(({ type }) => type === 'judgeSound');
const bySound = ({ soundComplete = 0 }: TurnSoFar): number => (soundComplete > 0.5 ? 200 : 900);

describe('the sound of a pause', () => {
  it('is judged once, of all that was said since the turn began', () => {
    const table = new Table({ judgeSound: true }).pass(200).voice(400).pass(300).voice(200).pass(500).final('a table');
    expect(judged(table)).toEqual([
      { type: 'judgeSound', fromTimestamp: 200 * TICKS_PER_MS, voiceEndedAt: 600 * TICKS_PER_MS },
      { type: 'judgeSound', fromTimestamp: 200 * TICKS_PER_MS, voiceEndedAt: 1100 * TICKS_PER_MS },
    ]);
    table.commands.length = 0;
    table.tell({ type: 'replyFinished', replyId: 1, heardText: 'Yes.' }).voice(300);
    expect(judged(table)).toEqual([
      { type: 'judgeSound', fromTimestamp: 1600 * TICKS_PER_MS, voiceEndedAt: 1900 * TICKS_PER_MS },
    ]);
  });

  it('may end the turn as it is judged', () => {
    const table = new Table({ endpointing: bySound, judgeSound: true }).voice(400).final('yes').pass(400);
    expect(table.types()).not.toContain('finalizeTranscript');
    table.tell({ type: 'soundJudged', voiceEndedAt: 400 * TICKS_PER_MS, complete: 0.9 });
    expect(table.types()).toContain('finalizeTranscript');
  });

  it('is not judged where nothing goes by it', () => {
    expect(judged(new Table().voice(400))).toEqual([]);
  });
});

function started(table: Table): number {
  return table.types().filter((type) => type === 'startReply').length;
}

function refuse(table: Table): Table {
  return table.tell({ type: 'replyRefused', replyId: table.state.replyCount });
}

describe('a draft that is refused', () => {
  const drafting = { policy: 'ifUnchanged', perTurn: 1, waitMs: 1500, leadMs: 1000 } as const;

  it('is as if there had been none: asked for again a little later, within the same budget', () => {
    const table = new Table({ drafts: drafting }).voice(500).interim('yes');
    expect(started(table)).toBe(1);
    refuse(table).pass(180);
    expect(started(table)).toBe(0);
    table.pass(20);
    expect(started(table)).toBe(1);
    table.tell({ type: 'replyFailed', replyId: table.state.replyCount, heardText: '' }).pass(280);
    expect(started(table), 'one that was begun counts').toBe(0);
  });

  it('holds nothing up: the turn is answered when it could be', () => {
    const table = new Table({ drafts: drafting }).voice(500).interim('yes').pass(500).final('yes');
    expect(started(table)).toBe(1);
    expect(table.state.agent.kind).toBe('drafting');
    refuse(table);
    expect(table.state.agent.kind).toBe('preparing');
    expect(started(table)).toBe(1);
  });

  it('says nothing about another one', () => {
    const table = new Table({ drafts: drafting }).voice(500).interim('yes');
    table.tell({ type: 'replyRefused', replyId: 7 });
    expect(table.state.agent.kind).toBe('drafting');
  });
});

/** An interim that ends so long before the pause does, which begins after 1 s. */
function told(table: Table, text: string, beforePauseMs: number): Table {
  return table.tell({ type: 'interim', text, endTimestamp: (1000 - beforePauseMs) * TICKS_PER_MS });
}

describe('a draft is begun', () => {
  const drafts = { policy: 'ifUnchanged', perTurn: 3, waitMs: 1500, leadMs: 700 } as const;
  const paused = (): Table => new Table({ drafts, finalAtPause: true }).voice(1000).pass(100);

  it('at once on words that cover all of the voice', () => {
    expect(told(paused(), 'when do you open', 0).types()).toContain('startReply');
  });

  it('on words that end a frame before the voice does only where none follow at once', () => {
    const revised = told(paused(), 'when do you', 20).pass(20);
    expect(revised.types()).not.toContain('startReply');
    expect(told(revised, 'when do you open', 0).types()).toContain('startReply');
    expect(told(paused(), 'when do you open', 20).pass(40).types()).toContain('startReply');
  });

  it('on no words that lack more', () => {
    expect(told(paused(), 'when do you', 60).pass(100).types()).not.toContain('startReply');
  });
});

describe('what may be the beginning of a voice', () => {
  const mayBeVoice = { voiceDoubt: 'mayHaveBegun' } as const;

  it('holds the end of a turn back for a moment, in which it turns out to be one', () => {
    const table = new Table().voice(400).pass(480).pass(20, mayBeVoice).final('yes');
    expect(table.types()).not.toContain('startReply');
    table.voiceStarts().pass(500);
    expect(table.types()).not.toContain('startReply');
  });

  it('and in which it turns out to be nothing, or goes on for too long to be one', () => {
    const nothing = new Table().voice(400).pass(480).pass(20, mayBeVoice).final('yes').pass(20);
    expect(nothing.types()).toContain('startReply');
    const noise = new Table().voice(400).pass(480).pass(20, mayBeVoice).final('yes').pass(100, mayBeVoice);
    expect(noise.types()).toContain('startReply');
  });
});
