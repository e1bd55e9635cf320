import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';

describe('a reply', () => {
  it('is certain once the caller has been silent for a while', () => {
    const table = new Table().ask('a table for four');
    expect(table.pass(380).settled).toBe(false);
    expect(table.pass(20).settled).toBe(true);
  });

  it('is not certain any more while the caller makes a sound', () => {
    const table = new Table().ask('a table for four').audible().pass(500);
    expect(table.voiceStarts().settled).toBe(false);
    table.pass(100).voiceEnds();
    expect(table.pass(380).settled).toBe(false);
    expect(table.pass(20).settled).toBe(true);
  });

  it('is not certain on a line that is stalled, nor after a leap of its time', () => {
    const table = new Table().ask('a table for four');
    const stalledAt = table.nowMs * TICKS_PER_MS;
    table.nowMs += 1000;
    expect(table.tell({ type: 'tick', timestamp: stalledAt }).settled).toBe(false);
    const other = new Table().ask('a table for four');
    other.nowMs += 20;
    other.tell({ type: 'tick', timestamp: (other.nowMs + 5000) * TICKS_PER_MS });
    expect(other.settled).toBe(false);
  });

  it('to typed words is certain in time, also where no audio comes', () => {
    const table = new Table().tell({ type: 'textReceived', text: 'a table' });
    table.nowMs += 380;
    expect(table.tell({ type: 'tick', timestamp: 0 }).settled).toBe(false);
    table.nowMs += 20;
    expect(table.tell({ type: 'tick', timestamp: 0 }).settled).toBe(true);
  });

  it('that follows another one has to become certain by itself', () => {
    const table = new Table().ask('a table for four').audible().pass(500);
    expect(table.settled).toBe(true);
    table.commands.splice(0);
    table.tell({ type: 'textReceived', text: 'no' }).tell({ type: 'replyStopped', replyId: 1, heardText: 'Well' });
    expect(table.types()).toEqual(['stopReply', 'startReply']);
    table.settled = false;
    expect(table.pass(380).settled).toBe(false);
    expect(table.pass(20).settled).toBe(true);
  });
});
