import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { medianResponseMs, parseTurnReport, type TurnReport, turnsAfter } from './turn-reports.ts';

const packet = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const report = (turn: number, responseMs?: number): TurnReport => ({
  turn,
  kind: responseMs === undefined ? 'text' : 'reply',
  responseMs,
  spans: [],
  transcript: '',
});

describe('turn reports', () => {
  it('are read as the agent sends them', () => {
    const spans = [{ name: 'decision', ms: 300 }];
    expect(
      parseTurnReport(packet({ turn: 3, kind: 'reply', responseMs: 412, spans, transcript: 'hi', reply: 'hello' })),
    ).toEqual({ turn: 3, kind: 'reply', responseMs: 412, spans, transcript: 'hi' });
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

  it('replace an earlier report on the same turn and stay in order', () => {
    const turns = [report(2, 500), report(1, 300), report(2, 400)].reduce<readonly TurnReport[]>(turnsAfter, []);
    expect(turns.map(({ turn, responseMs }) => [turn, responseMs])).toEqual([
      [1, 300],
      [2, 400],
    ]);
  });

  it('have a median over the turns with a response time', () => {
    expect(medianResponseMs([report(1)])).toBeUndefined();
    expect(medianResponseMs([report(1, 300), report(2), report(3, 900), report(4, 400)])).toBe(400);
    expect(medianResponseMs([report(1, 300), report(2, 400)])).toBe(350);
  });
});
