import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseTurnAccount } from './turn-accounts.ts';

const packet = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const span = { name: 'uplink', startAtMs: 12.5, ms: 30, errorMs: 8 };
const account = {
  glassToGlassMs: 762,
  errorMs: 12,
  responseMs: 700,
  basis: 'reported',
  spans: [span],
  unknown: [],
  hidden: [{ name: 'generation', ms: 350 }],
  savedMs: 350,
};
const answer = { kind: 'answer', status: 'amended', replyId: 4, turn: 2, account };

describe('accounts of turns', () => {
  it('are read as the agent sends them', () => {
    expect(parseTurnAccount(packet(answer))).toEqual(answer);
    expect(parseTurnAccount(packet({ kind: 'greeting', status: 'final', replyId: 1 }))).toEqual({
      kind: 'greeting',
      status: 'final',
      replyId: 1,
      turn: undefined,
      account: undefined,
    });
  });

  it('hold nothing for an end that nobody knows', () => {
    const unknown = {
      ...account,
      glassToGlassMs: undefined,
      errorMs: undefined,
      basis: 'unknown',
      unknown: ['uplink'],
    };
    expect(parseTurnAccount(packet({ ...answer, account: unknown }))?.account).toMatchObject({
      glassToGlassMs: undefined,
      errorMs: undefined,
      basis: 'unknown',
      unknown: ['uplink'],
    });
  });

  it('leave out what makes no sense', () => {
    const spans = [span, { ...span, ms: -1 }, { name: 'x' }, null];
    const odd = { ...account, spans, hidden: 'none', basis: 'certain', savedMs: Number.NaN };
    expect(parseTurnAccount(packet({ ...answer, account: odd }))?.account).toMatchObject({
      spans: [span],
      hidden: [],
      basis: 'unknown',
      savedMs: 0,
    });
  });

  it('never throw on other packets', () => {
    expect(parseTurnAccount(packet({ ...answer, status: 'sure' }))).toBeUndefined();
    expect(parseTurnAccount(packet([]))).toBeUndefined();
    assert(property(uint8Array(), (bytes) => parseTurnAccount(bytes) === undefined));
  });
});
