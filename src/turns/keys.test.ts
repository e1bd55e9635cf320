import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import { fixedEndpointing } from './endpointing.ts';
import type { TurnCommand } from './events.ts';

/** What the caller has said by the complete turns. */
function turns({ state }: Table): string[] {
  return state.history.flatMap((message) => (message.role === 'user' ? [message.text] : []));
}

function started({ commands }: Table): readonly Extract<TurnCommand, { type: 'startReply' }>[] {
  return commands.splice(0).filter((command) => command.type === 'startReply');
}

/** Words of 300 ms each that end at an instant. */
function spokenUntil(endMs: number, count: number): { startTimestamp: number; endTimestamp: number }[] {
  return Array.from({ length: count }, (_, index) => {
    const startMs = endMs - (count - index) * 300;
    return { startTimestamp: startMs * TICKS_PER_MS, endTimestamp: (startMs + 300) * TICKS_PER_MS };
  });
}

describe('keys alone', () => {
  it('are a turn once no other one has come for a while', () => {
    const table = new Table().pass(1000).press('12').press('3', 1980);
    expect(started(table)).toEqual([]);
    expect(started(table.pass(20))).toMatchObject([{ reply: { turn: { source: 'dtmf', text: '[keypad: 123]' } } }]);
    expect(table.state.pendingFinalizes, 'there is nothing to recognise').toBe(0);
  });

  it('are a turn at once at the key that ends them', () => {
    const table = new Table().pass(1000).press('123#', 0);
    expect(turns(table)).toEqual(['[keypad: 123#]']);
    expect(started(table)).toMatchObject([{ reply: { turn: { endTimestamp: undefined } } }]);
  });

  it('end by no key where that is set', () => {
    const table = new Table({ dtmf: { interDigitMs: 2000, endsWith: 'none' } }).press('1#', 0).pass(1980);
    expect(turns(table)).toEqual([]);
    expect(turns(table.pass(20))).toEqual(['[keypad: 1#]']);
  });

  it('are waited for by the clock, on a line without audio too', () => {
    const table = new Table();
    table.tell({ type: 'keyPressed', key: '1', timestamp: 0 });
    for (table.nowMs = 20; table.nowMs < 2000; table.nowMs += 20) table.tell({ type: 'tick', timestamp: 0 });
    expect(turns(table)).toEqual([]);
    expect(turns(table.tell({ type: 'tick', timestamp: 0 }))).toEqual(['[keypad: 1]']);
  });

  it('are understood while nothing can be recognised', () => {
    expect(turns(new Table().tell({ type: 'recognitionLost' }).press('1#'))).toEqual(['[keypad: 1#]']);
  });

  it('have their answer prepared before they are complete, and again where another one comes', () => {
    const drafts = { policy: 'ifUnchanged', perTurn: 3, waitMs: 1500, leadMs: 700 } as const;
    const table = new Table({ drafts }).press('*', 1400);
    expect(started(table)).toMatchObject([{ held: true, content: { messages: [{ text: '[keypad: *]' }] } }]);
    table.press('#', 0);
    expect(table.commands).toMatchObject([
      { type: 'callerWords' },
      { type: 'stopReply' },
      { type: 'startReply', held: true, content: { messages: [{ text: '[keypad: *#]' }] } },
    ]);
  });
});

describe('keys and words', () => {
  it.each([
    ['before them', 150],
    ['among them', 700],
    ['at the end', 2600],
  ])('stand in the order of their times, the words being told %s', (_, lagMs) => {
    const table = new Table({ endpointing: fixedEndpointing(1000) });
    const interim = (text: string, spokenToMs: number): void => {
      const words = spokenUntil(spokenToMs, text.split(' ').length);
      table.tell({ type: 'interim', text, words, endTimestamp: spokenToMs * TICKS_PER_MS });
    };
    const numberEndMs = table.voice(900).nowMs;
    table.pass(300);
    for (const key of '123') {
      table.press(key, 200);
      if (table.nowMs - numberEndMs >= lagMs) interim('my number is', numberEndMs);
    }
    table.voiceStarts().pass(300).voiceEnds();
    const words = [...spokenUntil(900, 3), ...spokenUntil(table.nowMs, 1)];
    table.pass(1000);
    table.tell({
      type: 'final',
      text: 'my number is thanks',
      words,
      endTimestamp: table.nowMs * TICKS_PER_MS,
      rejected: false,
      answersFinalize: true,
    });
    expect(turns(table)).toEqual(['my number is [keypad: 123] thanks']);
  });

  it('stand in order by the share of the voice where words have no times', () => {
    const table = new Table({ endpointing: fixedEndpointing(1000) }).voice(900).pass(200).press('12').voice(300);
    table.pass(1000).final('my number is thanks');
    expect(turns(table)).toEqual(['my number is [keypad: 12] thanks']);
  });

  it('stand in order where the recogniser tells whole turns', () => {
    const after = new Table().voice(900).pass(200).press('12#', 0).pass(300).final('my number is');
    expect(turns(after)).toEqual(['my number is [keypad: 12#]']);
    const before = new Table().press('12', 200).voice(900).pass(500).final('is my number');
    expect(turns(before)).toEqual(['[keypad: 12] is my number']);
  });

  it('are told apart across finals, and keep their places', () => {
    const table = new Table({ endpointing: fixedEndpointing(1500) }).voice(600).pass(200);
    table.press('1').pass(200).final('first one', { answersFinalize: false });
    table.voice(600).pass(100).press('2').pass(200).final('then two', { answersFinalize: false });
    table.voice(300).pass(1500).final('thanks');
    expect(turns(table)).toEqual(['first one [keypad: 1] then two [keypad: 2] thanks']);
  });

  it('in one breath: a key while a word is spoken', () => {
    const table = new Table().voiceStarts().pass(600).press('5', 300).voiceEnds().pass(500).final('press five now');
    expect(turns(table)).toEqual(['press five [keypad: 5] now']);
  });

  it('end by the silence that the words want where these come last, and have a gap to account for', () => {
    const table = new Table().press('12', 200).voice(600).pass(500).final('thank you');
    expect(started(table)).toMatchObject([{ reply: { turn: { source: 'voice', endTimestamp: 48_000 } } }]);
  });

  it('are shown as they come', () => {
    const table = new Table().voice(300).interim('number');
    table.types();
    table.press('12');
    expect(table.commands).toEqual([
      { type: 'callerWords', text: 'number [keypad: 1]', complete: false },
      { type: 'callerWords', text: 'number [keypad: 12]', complete: false },
    ]);
  });
});

describe('a key', () => {
  it('stops what the agent says at once, and is answered', () => {
    const table = new Table().ask('the menu please').audible();
    table.types();
    table.tell({ type: 'keyPressed', key: '2', timestamp: table.nowMs * TICKS_PER_MS });
    expect(table.types()[0]).toBe('stopReply');
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'For opening hours' }).pass(2000);
    expect(turns(table)).toEqual(['the menu please', '[keypad: 2]']);
    expect(table.state.history[1]).toMatchObject({ text: 'For opening hours', interrupted: true });
  });

  it('after keys whose answer is not audible yet is one turn with them', () => {
    const table = new Table().press('1').press('2', 2000);
    expect(table.state.agent.kind).toBe('preparing');
    table.press('3', 0).tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    expect(turns(table.pass(2000))).toEqual(['[keypad: 123]']);
  });

  it('after words whose answer is not audible yet is one turn with them', () => {
    const table = new Table().ask('my pin is').press('1', 0);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' }).pass(2000);
    expect(turns(table)).toEqual(['my pin is [keypad: 1]']);
  });

  it('is in no one else’s turn: typed words are answered before it', () => {
    const table = new Table().tell({ type: 'textReceived', text: 'hello' }).press('1', 0);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' }).pass(2000);
    expect(turns(table)).toEqual(['hello', '[keypad: 1]']);
  });

  it('is a sign of life', () => {
    const silence = {
      mode: 'always',
      repromptAfterMs: 5000,
      reprompts: 2,
      reprompt: { type: 'text', text: 'Still there?' },
    } as const;
    const table = new Table({ silence }).pass(5020);
    expect(started(table)).toMatchObject([{ reply: { kind: 'reprompt' } }]);
    table.press('1', 0);
    expect(table.types()[0]).toBe('stopReply');
    table.tell({ type: 'replyStopped', replyId: 1, heardText: '' });
    expect(table.state.silence).toMatchObject({ promptCount: 0 });
  });

  it('while a longer silence is no pause of somebody who thinks', () => {
    const table = new Table({ endpointing: fixedEndpointing(5000) }).voice(600).pass(500).press('1', 900).voice(300);
    expect(table.state.innerPausesMs).toEqual([]);
  });

  it('is nobody’s in an empty room', () => {
    const table = new Table().tell({ type: 'callerLeft' }).press('1#', 3000);
    expect(table.types()).toEqual([]);
  });
});
