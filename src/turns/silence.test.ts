import { describe, expect, it } from 'vitest';

import { Table } from '../../test/sim/turn-table.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { TurnSettings } from './settings.ts';

const silence: TurnSettings['silence'] = {
  mode: 'always',
  repromptAfterMs: 5000,
  reprompts: 2,
  reprompt: { type: 'text', text: 'Still there?' },
};

const table = (more: Partial<TurnSettings> = {}): Table => new Table({ silence, ...more });

/** What is said now: the kind and text of the replies started since the last call. */
function said({ commands }: Table): string[] {
  return commands.splice(0).flatMap((command) => (command.type === 'startReply' ? [command.reply.kind] : []));
}

function finish(scene: Table, heardText = 'Still there?'): Table {
  return scene.tell({ type: 'replyFinished', replyId: scene.state.replyCount, heardText });
}

describe('a caller who says nothing', () => {
  it('is asked again, twice, and then the call ends with a goodbye', () => {
    const scene = table().pass(4980);
    expect(said(scene)).toEqual([]);
    expect(said(scene.pass(40))).toEqual(['reprompt']);
    finish(scene.audible().pass(1000));
    expect(said(scene.pass(4980))).toEqual([]);
    expect(said(scene.pass(40))).toEqual(['reprompt']);
    finish(scene.audible());
    expect(said(scene.pass(5020))).toEqual(['goodbye']);
    finish(scene.audible(), 'Goodbye.');
    expect(scene.commands).toEqual([{ type: 'endCall', reason: 'silence' }]);
    scene.types();
    scene.tell({ type: 'textReceived', text: 'hello' }).pass(20_000);
    expect(scene.types()).toEqual([]);
    expect(scene.state.history.map((message) => message.role !== 'tool' && message.text)).toEqual([
      'Still there?',
      'Still there?',
      'Goodbye.',
    ]);
  });

  it('is waited for from the end of what the agent said last', () => {
    const scene = table().ask('tell me a story').audible().pass(20_000);
    expect(said(scene)).toEqual(['reply']);
    expect(said(finish(scene, 'The end.').pass(4980))).toEqual([]);
    expect(said(scene.pass(40))).toEqual(['reprompt']);
  });

  it.each<[string, (scene: Table) => unknown]>([
    ['a sound', (scene) => scene.voice(100).pass(500).final('')],
    ['words that the VAD has missed', (scene) => scene.interim('mhm').pass(500).final('')],
  ])('and gives a sign of life, %s, is waited for anew', (_, sign) => {
    const scene = table().pass(5020);
    finish(scene.audible()).pass(4000);
    said(scene);
    sign(scene);
    expect(said(scene.pass(4900)).filter((kind) => kind !== 'reply')).toEqual([]);
    for (const kind of ['reprompt', 'reprompt', 'goodbye']) {
      if (scene.state.agent.kind !== 'idle') finish(scene.audible());
      expect(said(scene.pass(5040)).at(-1)).toBe(kind);
    }
  });

  it('and types is answered, and waited for anew', () => {
    const scene = table().pass(5020);
    finish(scene.audible()).tell({ type: 'textReceived', text: 'hello' });
    expect(said(scene)).toEqual(['reprompt', 'reply']);
    finish(scene.audible(), 'Hello.');
    for (const kind of ['reprompt', 'reprompt', 'goodbye']) {
      expect(said(scene.pass(5040))).toEqual([kind]);
      finish(scene.audible());
    }
  });

  it('and speaks before the question is audible is not asked it', () => {
    const scene = table().pass(5020);
    scene.types();
    expect(scene.voiceStarts().types()).toEqual(['stopReply']);
  });

  it('and speaks during the goodbye is answered, and the call goes on', () => {
    const scene = table({ silence: { ...silence, reprompts: 0 } }).pass(5020);
    expect(said(scene)).toEqual(['goodbye']);
    scene.audible().voiceStarts().pass(300).interim('wait a moment');
    expect(scene.types()).toContain('stopReply');
    scene.tell({ type: 'replyStopped', replyId: 1, heardText: 'Good' }).voiceEnds().pass(500).final('wait a moment');
    expect(scene.types()).toContain('startReply');
    expect(scene.state.leaving).toBe(false);
  });

  it('and coughs during the goodbye is given another chance', () => {
    const scene = table({ silence: { ...silence, reprompts: 0 } })
      .pass(5020)
      .audible()
      .voice(200)
      .pass(500)
      .final('');
    expect(finish(scene, 'Goodbye.').types()).not.toContain('endCall');
    expect(said(scene.pass(5020))).toEqual(['goodbye']);
  });

  it('and coughs as the goodbye ends is given another chance', () => {
    const scene = table({ silence: { ...silence, reprompts: 0 } })
      .pass(5020)
      .audible();
    finish(scene.voiceStarts().pass(60), 'Goodbye.');
    expect(scene.voiceEnds().pass(500).final('').types()).not.toContain('endCall');
    expect(said(scene.pass(5020))).toEqual(['goodbye']);
  });

  it('is left although the goodbye cannot be said', () => {
    const scene = table({ silence: { ...silence, reprompts: 0 } }).pass(5020);
    scene.types();
    scene.tell({ type: 'replyFailed', replyId: 1, heardText: '' });
    expect(scene.commands).toEqual([{ type: 'endCall', reason: 'silence' }]);
  });

  it('hears one goodbye where the longest call is over during it', () => {
    const scene = table({ silence: { ...silence, reprompts: 0 } })
      .pass(5020)
      .audible();
    scene.types();
    expect(scene.tell({ type: 'callLimitReached' }).types()).toEqual([]);
    finish(scene, 'Goodbye.');
    expect(scene.commands).toEqual([{ type: 'endCall', reason: 'callLimit' }]);
  });

  it('is asked in the words of the model, which knows the conversation', () => {
    const reprompt = { type: 'generated', messages: [{ role: 'user', text: 'Ask whether they are there.' }] } as const;
    const scene = table({ silence: { ...silence, reprompt } })
      .ask('hello')
      .audible();
    finish(scene, 'Hello.').types();
    scene.pass(5020);
    expect(scene.commands).toMatchObject([
      {
        type: 'startReply',
        content: {
          messages: [
            { role: 'user', text: 'hello' },
            { role: 'assistant', text: 'Hello.' },
            { role: 'user', text: 'Ask whether they are there.' },
          ],
        },
      },
    ]);
  });
});

describe('it is no silence', () => {
  it('while the line is stalled', () => {
    const scene = table().pass(4000);
    const stalledAt = scene.nowMs * TICKS_PER_MS;
    for (let tick = 0; tick < 500; tick += 1) {
      scene.nowMs += 20;
      scene.tell({ type: 'tick', timestamp: stalledAt });
    }
    expect(said(scene)).toEqual([]);
  });

  it('where audio time leaps', () => {
    const scene = table()
      .pass(100)
      .tell({ type: 'tick', timestamp: 1_000_000 * TICKS_PER_MS });
    expect(said(scene)).toEqual([]);
  });

  it('while nothing can be recognised', () => {
    const scene = table().tell({ type: 'recognitionLost' }).pass(20_000);
    expect(said(scene)).toEqual([]);
    expect(said(scene.tell({ type: 'recognitionRestored' }).pass(4900))).toEqual([]);
    expect(said(scene.pass(200))).toEqual(['reprompt']);
  });

  it('while a tool runs, also beyond the end of its reply', () => {
    const scene = table().ask('book it').audible();
    const exchange = { role: 'tool', callId: 'c', tool: 'book', input: {}, withPrevious: false } as const;
    const tell = (outcome: { status: 'running' } | { status: 'done'; output: string }): Table =>
      scene.tell({
        type: 'replyCalledTool',
        replyId: 1,
        call: { exchange: { ...exchange, outcome }, afterCharacters: 0 },
      });
    finish(tell({ status: 'running' }), 'One moment.');
    expect(said(scene.pass(20_000))).toEqual(['reply']);
    tell({ status: 'done', output: 'ok' });
    expect(said(scene.pass(20))).toEqual([]);
    expect(said(scene.pass(5000))).toEqual(['reprompt']);
  });

  it('where nobody is expected to speak', () => {
    expect(said(table({ silence: { ...silence, mode: 'phone' } }).pass(60_000))).toEqual([]);
    expect(said(table({ silence: { ...silence, mode: 'never' } }).pass(60_000))).toEqual([]);
  });

  it('in an empty room', () => {
    expect(said(table().tell({ type: 'callerLeft' }).pass(60_000))).toEqual([]);
  });
});
