import { expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { withInnerPause } from './inner-pauses.ts';
import { emptyTranscript, initialTurnState } from './state.ts';
import type { TurnState } from './state.ts';

const at = (ms: number): number => ms * TICKS_PER_MS;

function pausingSince(ms: number, more: Partial<TurnState> = {}): TurnState {
  return {
    ...initialTurnState,
    caller: {
      kind: 'pausing',
      voiceEndedAt: at(ms),
      transcript: { ...emptyTranscript, voicedTicks: at(300) },
      finalAskedAtMs: undefined,
      decidableAtMs: undefined,
      soundComplete: undefined,
    },
    ...more,
  };
}

it('a silence in the middle of a turn is a pause', () => {
  expect(withInnerPause(pausingSince(1000), at(1450)).innerPausesMs).toEqual([450]);
});

it('a gap of the detector is none, and of a long one only so much counts', () => {
  expect(withInnerPause(pausingSince(1000), at(1100)).innerPausesMs).toEqual([]);
  expect(withInnerPause(pausingSince(1000), at(9000)).innerPausesMs).toEqual([3000]);
});

it('the last ten are kept', () => {
  let state = pausingSince(0);
  for (let pauseMs = 300; pauseMs < 1500; pauseMs += 100) state = withInnerPause(state, at(pauseMs));
  expect(state.innerPausesMs).toEqual([500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400]);
});

it('so is one that was taken for the end of the turn, as long as the answer is not audible', () => {
  const turn = {
    number: 1,
    source: 'voice',
    text: 'a table',
    endTimestamp: at(1000),
    decidedAtMs: 1500,
    committedAtMs: 1500,
  } as const;
  const reply = { id: 1, kind: 'reply', turn } as const;
  const ended: TurnState = { ...initialTurnState, caller: { kind: 'silent' }, agent: { kind: 'preparing', reply } };
  expect(withInnerPause(ended, at(1700)).innerPausesMs).toEqual([700]);
  const heard: TurnState = { ...ended, agent: { kind: 'speaking', reply, delivery: 'full' } };
  expect(withInnerPause(heard, at(1700)).innerPausesMs).toEqual([]);
});

it('silence before a turn is none', () => {
  expect(withInnerPause({ ...initialTurnState, caller: { kind: 'silent' } }, at(900)).innerPausesMs).toEqual([]);
});
