import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { fixedEndpointing } from './endpointing.ts';
import { UNINTELLIGIBLE } from './history.ts';
import { agentActivity } from './state.ts';

/** In the middle of a story, with nothing to tell of the time before. */
function story(): Table {
  const table = new Table().ask('tell me a story').audible();
  table.types();
  return table;
}

function finish(table: Table, heardText: string): Table {
  return table.tell({ type: 'replyFinished', replyId: 1, heardText });
}

/** How the reply was to be played, and what else was to be done with it. */
function deliveries(table: Table): string[] {
  return table.commands
    .splice(0)
    .flatMap((command) => (command.type === 'deliverReply' ? [command.delivery] : [command.type]))
    .filter((name) => name !== 'callerWords' && name !== 'finalizeTranscript');
}

describe('barge-in', () => {
  it('lowers the reply at the first voice, suspends it after more, and ends it after very much', () => {
    const table = story().voiceStarts();
    expect(deliveries(table)).toEqual(['lowered']);
    expect(deliveries(table.pass(220))).toEqual([]);
    expect(deliveries(table.pass(20))).toEqual(['suspended']);
    expect(agentActivity(table.state)).toBe('listening');
    expect(deliveries(table.pass(1740))).toEqual([]);
    expect(deliveries(table.pass(20))).toEqual(['stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once upon' });
    expect(table.state.history.at(-1)).toEqual({ role: 'assistant', text: 'Once upon', interrupted: true });
  });

  it('suspends the reply after as much voice in two pieces: a break is between two words', () => {
    const table = story().voice(160).pass(100).voiceStarts();
    expect(deliveries(table.pass(60))).toEqual(['lowered', 'full', 'lowered']);
    expect(deliveries(table.pass(20))).toEqual(['suspended']);
  });

  it('is answered even if no word of it was recognised', () => {
    const table = story().voice(2100);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once' });
    table.pass(500).final('');
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: UNINTELLIGIBLE });
  });

  it.each(['lowered', 'suspended', 'full'])('by recognised words ends a reply that is %s', (delivery) => {
    const table = story().voiceStarts();
    if (delivery !== 'lowered') table.pass(300);
    if (delivery === 'full') table.voiceEnds().pass(100);
    expect(deliveries(table).at(-1)).toBe(delivery);
    expect(deliveries(table.interim('stop it'))).toEqual(['stopReply']);
  });

  it('by one word that may be revised, of a brief sound, lowers the reply until the final decides', () => {
    for (const [final, outcome] of [
      ['stop', 'stopReply'],
      ['', 'full'],
      ['mhm', 'full'],
    ] as const) {
      const table = story().voice(200).interim('stop');
      expect(deliveries(table)).toEqual(['lowered', 'full', 'lowered']);
      expect(deliveries(table.pass(500).final(final))).toEqual([outcome]);
    }
  });

  it('by a cough only lowers the reply for its duration', () => {
    const table = story().voice(200);
    expect(deliveries(table)).toEqual(['lowered', 'full']);
    expect(deliveries(table.pass(500).final('', { rejected: true }))).toEqual([]);
    expect(agentActivity(table.state)).toBe('speaking');
  });

  it('by a sound as long as a backchannel gives the reply back at its end', () => {
    const table = story().voice(450);
    expect(deliveries(table)).toEqual(['lowered', 'suspended', 'full']);
    expect(deliveries(table.pass(500).final('', { rejected: true }))).toEqual([]);
    expect(table.state.history).toHaveLength(1);
  });

  it('by a sound that fades before it is long does not suspend the reply', () => {
    const table = story().voiceStarts().pass(220).pass(100, { voiceDoubt: 'mayHaveEnded' }).voiceEnds();
    expect(deliveries(table)).toEqual(['lowered', 'full']);
  });

  it('by a brief sound that fades gives the reply back, lowered, before its end is certain', () => {
    const table = story().voiceStarts().pass(300);
    table.types();
    expect(deliveries(table.pass(20, { voiceDoubt: 'mayHaveEnded' }))).toEqual(['lowered']);
    expect(deliveries(table.pass(20))).toEqual(['suspended']);
    expect(deliveries(table.pass(100, { voiceDoubt: 'mayHaveEnded' }).voiceEnds())).toEqual(['lowered', 'full']);
  });

  it('by a sound that fades when the reply has been missed for 100 ms gives it back once its end is certain', () => {
    const table = story().voiceStarts().pass(360);
    expect(deliveries(table)).toEqual(['lowered', 'suspended']);
    expect(deliveries(table.pass(100, { voiceDoubt: 'mayHaveEnded' }))).toEqual([]);
    expect(deliveries(table.voiceEnds())).toEqual(['full']);
  });

  it.each([
    { movementDb: 18, suspendedAfterMs: 180 },
    { movementDb: 15, suspendedAfterMs: 220 },
    { movementDb: 14.9, suspendedAfterMs: 340 },
    { movementDb: undefined, suspendedAfterMs: 240 },
  ])('suspends the reply after $suspendedAfterMs ms of a voice that moves by $movementDb dB', (sound) => {
    const table = story().voiceStarts();
    const moving = { voiceMovementDb: sound.movementDb };
    expect(deliveries(table.pass(sound.suspendedAfterMs - 20, moving))).toEqual(['lowered']);
    expect(deliveries(table.pass(20, moving))).toEqual(['suspended']);
  });

  it('suspends the reply at the first word of a voice that goes on, unless it is a backchannel', () => {
    expect(deliveries(story().voiceStarts().pass(200).interim('stop'))).toEqual(['lowered', 'suspended']);
    expect(deliveries(story().voiceStarts().pass(200).interim('mhm'))).toEqual(['lowered']);
  });

  it('lowers the reply while a voice may be beginning, for 100 ms at most', () => {
    const table = story().pass(60, { voiceDoubt: 'mayHaveBegun' });
    expect(deliveries(table)).toEqual(['lowered']);
    expect(deliveries(table.pass(20))).toEqual(['full']);
    expect(deliveries(table.pass(100, { voiceDoubt: 'mayHaveBegun' }))).toEqual(['lowered']);
    expect(deliveries(table.pass(40, { voiceDoubt: 'mayHaveBegun' }))).toEqual(['full']);
  });

  it('lowers the reply again while another voice may be beginning in the pause', () => {
    const table = story().voice(200).pass(60, { voiceDoubt: 'mayHaveBegun' });
    expect(deliveries(table)).toEqual(['lowered', 'full', 'lowered']);
    expect(deliveries(table.pass(20))).toEqual(['full']);
  });

  it('by a sound of more than 450 ms gives the reply back once its end is certain', () => {
    const table = story().voiceStarts().pass(440);
    table.types();
    expect(deliveries(table.pass(60, { voiceDoubt: 'mayHaveEnded' }))).toEqual([]);
    expect(deliveries(table.voiceEnds())).toEqual(['full']);
  });

  it('by a longer sound keeps the reply suspended while the voice fades and comes back', () => {
    const table = story().voiceStarts().pass(600);
    table.types();
    expect(deliveries(table.pass(80, { voiceDoubt: 'mayHaveEnded' }).pass(200))).toEqual([]);
    expect(deliveries(table.voiceEnds().pass(200).voiceStarts().pass(60, { voiceDoubt: 'mayHaveEnded' }))).toEqual([]);
  });

  it('by a longer sound gives it back when the recogniser has heard nothing', () => {
    const table = story().voice(900).pass(500);
    expect(deliveries(table)).toEqual(['lowered', 'suspended']);
    expect(deliveries(table.final(''))).toEqual(['full']);
  });

  it('by a longer sound gives it back when nothing was recognised in time, however long the turn goes on', () => {
    const table = new Table({ endpointing: fixedEndpointing(5000) }).voice(500).interim('a story').pass(5000);
    table.final('a story').audible().types();
    table.voice(900).pass(1480);
    expect(deliveries(table)).toEqual(['lowered', 'suspended']);
    expect(deliveries(table.pass(20))).toEqual(['full']);
  });

  it('by long speech that could not be recognised is answered', () => {
    const table = story().voice(900).pass(500).final('', { rejected: true });
    expect(deliveries(table)).toEqual(['lowered', 'suspended', 'stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once' });
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: UNINTELLIGIBLE });
  });

  it('by a backchannel does not end the reply, and is no turn', () => {
    const table = story().voice(400).interim('mhm').pass(500).final('mhm');
    expect(deliveries(table)).toEqual(['lowered', 'suspended', 'full']);
    finish(table, 'The end.');
    expect(table.state.history.flatMap((message) => (message.role === 'tool' ? [] : message.text))).toEqual([
      'tell me a story',
      'The end.',
    ]);
    expect(table.state.agent.kind).toBe('idle');
  });

  it.each([
    { end: 'The end.', last: 'assistant' },
    { end: 'Shall I go on?', last: 'user' },
  ])('by a backchannel is answered after "$end" only if it can be an answer', ({ end, last }) => {
    const table = finish(story().voice(400).interim('mhm'), end).pass(500).final('mhm');
    expect(table.state.history.at(-1)?.role).toBe(last);
  });

  it('by a backchannel that real words follow is a turn of them all', () => {
    const table = story().voiceStarts().pass(400).interim('mhm').pass(300);
    expect(deliveries(table)).toEqual(['lowered', 'suspended']);
    expect(deliveries(table.interim('mhm but stop'))).toEqual(['stopReply']);
    table.tell({ type: 'replyStopped', replyId: 1, heardText: 'Once' });
    table.voiceEnds().pass(500).final('mhm but stop');
    expect(table.state.history.at(-1)).toEqual({ role: 'user', text: 'mhm but stop' });
  });

  it('is not words that nobody voiced', () => {
    const table = story().interim('eight').pass(500).final('eight');
    expect(table.types()).toEqual(['callerWords', 'finalizeTranscript', 'callerWords']);
    expect(agentActivity(table.state)).toBe('speaking');
  });

  it('stops a greeting too', () => {
    const table = new Table({ greeting: { type: 'text', text: 'Good morning.' } }).audible();
    table.types();
    expect(deliveries(table.voiceStarts().pass(300).interim('hello there'))).toEqual([
      'lowered',
      'suspended',
      'stopReply',
    ]);
  });

  it('before the first sound of a greeting keeps it silent until the caller has spoken', () => {
    const table = new Table({ greeting: { type: 'text', text: 'Good morning.' } });
    table.voiceStarts().pass(300).types();
    expect(deliveries(table.audible())).toEqual(['suspended']);
    table.voiceEnds();
    expect(deliveries(table)).toEqual(['full']);
  });
});
