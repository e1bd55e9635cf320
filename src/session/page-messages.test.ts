import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { encodePing, parseClockAnswer, parsePlayoutReport } from './page-messages.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const answer = { ping: 3, receivedEpochMs: 1.76e12, answeredEpochMs: 1.76e12 + 0.4, resolutionMs: 0.1 };
const report = { played: [[4_294_967_295, 1.76e12, 10]], bufferedMs: 24.7, outputMs: 30 };

describe('messages of a page', () => {
  it('are read as they are documented', () => {
    expect(parseClockAnswer(bytes(answer))).toEqual(answer);
    expect(parsePlayoutReport(bytes(report))).toEqual(report);
    expect(parsePlayoutReport(bytes({ played: [] }))).toEqual({ played: [] });
    expect(new TextDecoder().decode(encodePing(7))).toBe('{"ping":7}');
  });

  it.each([
    ['no JSON', new TextEncoder().encode('{')],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['null', bytes(null)],
    ['an unknown field', bytes({ ...answer, more: 1 })],
    ['a missing field', bytes({ ...answer, resolutionMs: undefined })],
    ['a text for a number', bytes({ ...answer, receivedEpochMs: '5' })],
    ['an instant before 1970', bytes({ ...answer, receivedEpochMs: -5 })],
    ['half a ping', bytes({ ...answer, ping: 0.5 })],
    ['too much', bytes({ ...answer, pad: 'x'.repeat(9000) })],
  ])('are no answers: %s', (_name, payload) => {
    expect(parseClockAnswer(payload)).toBeUndefined();
  });

  it.each([
    ['no list', { ...report, played: 5 }],
    ['a pair', { ...report, played: [[1, 2]] }],
    ['33 bits', { ...report, played: [[2 ** 32, 1.76e12, 0]] }],
    ['a negative delay', { ...report, bufferedMs: -1 }],
    ['more packets than there can be', { ...report, played: Array.from({ length: 101 }, () => [1, 1.76e12, 0]) }],
  ])('are no reports: %s', (_name, value) => {
    expect(parsePlayoutReport(bytes(value))).toBeUndefined();
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (payload) => {
          expect([parseClockAnswer(payload), parsePlayoutReport(payload)]).toHaveLength(2);
        },
      ),
    );
  });
});
