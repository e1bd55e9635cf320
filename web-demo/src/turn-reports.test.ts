import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseTurnReport } from './turn-reports.ts';

const packet = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
describe('turn reports', () => {
  it('are read as the agent sends them', () => {
    const spans = [{ name: 'decision', ms: 300 }];
    expect(
      parseTurnReport(packet({ turn: 3, kind: 'reply', responseMs: 412, spans, transcript: 'hi', reply: 'hello' })),
    ).toEqual({ turn: 3, kind: 'reply', responseMs: 412, spans, transcript: 'hi', reply: 'hello' });
  });

  it('of a turn without a gap have no response time', () => {
    expect(parseTurnReport(packet({ turn: 1, kind: 'greeting' }))?.responseMs).toBeUndefined();
    expect(parseTurnReport(packet({ turn: 1, kind: 'greeting', responseMs: null }))?.responseMs).toBeUndefined();
  });

  it('leave out spans that make no sense', () => {
    const spans = [{ name: 'generation', ms: 40 }, { name: 'x' }, { ms: 1 }, null, { name: 'y', ms: -1 }];
    expect(parseTurnReport(packet({ turn: 1, kind: 'reply', spans }))?.spans).toEqual([{ name: 'generation', ms: 40 }]);
  });

  it('never throw on other packets', () => {
    expect(parseTurnReport(packet([]))).toBeUndefined();
    expect(parseTurnReport(packet(null))).toBeUndefined();
    assert(property(uint8Array(), (bytes) => parseTurnReport(bytes) === undefined));
  });
});
