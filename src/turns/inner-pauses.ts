// How long this caller pauses without meaning to end the turn.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { TurnState } from './state.ts';

/** Enough to know a speaker by, few enough to follow a change. */
const KEPT_COUNT = 10;
/** Shorter silences are sounds (plosives) and gaps of the detector, no pauses (Goldman-Eisler 1968: 250 ms). */
const MIN_PAUSE_MS = 200;
/** A longer one tells no more about how somebody speaks: they were busy. */
const MAX_PAUSE_MS = 3000;

/** The caller's voice is back at `timestamp`: the silence before it was a pause, where it is the same turn. */
export function withInnerPause(state: TurnState, timestamp: number): TurnState {
  const since = silentSince(state);
  const pauseMs = since === undefined ? 0 : (timestamp - since) / TICKS_PER_MS;
  if (pauseMs < MIN_PAUSE_MS) return state;
  const kept = state.innerPausesMs.slice(1 - KEPT_COUNT);
  return { ...state, innerPausesMs: [...kept, Math.min(MAX_PAUSE_MS, pauseMs)] };
}

/** Of a turn that goes on: it was not ended yet, and no keys were pressed meanwhile, or it was and the answer to it is not audible yet. */
function silentSince({ caller, agent }: TurnState): number | undefined {
  if (caller.kind === 'pausing') {
    const { voicedTicks, keys } = caller.transcript;
    const isBusy = keys.some(({ timestamp }) => timestamp >= caller.voiceEndedAt);
    return voicedTicks > 0 && !isBusy ? caller.voiceEndedAt : undefined;
  }
  return caller.kind === 'silent' && agent.kind === 'preparing' ? agent.reply.turn?.endTimestamp : undefined;
}
