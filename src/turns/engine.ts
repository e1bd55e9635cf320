// The turn engine: a pure state machine that decides who speaks. It reads no clock and does no I/O:
// `step(state, event, nowMs)` returns the next state and what is to be done.
// The caller's half is in `caller.ts`, the agent's in `agent.ts`.

import { unreachable } from '../lib/errors.ts';
import { replyAudible, replyFailed, replyFinished, replyStopped, stopAgent } from './agent.ts';
import { callerLinked, finalReceived, interimReceived, sttReopened, textReceived } from './caller.ts';
import { ticked, voiceEnded, voiceStarted } from './caller.ts';
import type { TurnEvent } from './events.ts';
import type { TurnSettings } from './settings.ts';
import type { Step, TurnState } from './state.ts';

export function step(state: TurnState, event: TurnEvent, nowMs: number, settings: TurnSettings): Step {
  if (state.caller.kind === 'absent' && !concernsAbsentCaller(event)) return { state, commands: [] };
  switch (event.type) {
    case 'callerLinked':
      return callerLinked(state, settings);
    case 'callerLeft':
      return stopAgent({ ...state, caller: { kind: 'absent' }, pendingFinalizes: 0, abandonedFinalizes: 0 });
    case 'voiceStarted':
      return voiceStarted(state, event.timestamp);
    case 'voiceEnded':
      return voiceEnded(state, event.timestamp);
    case 'tick':
      return ticked(state, event.timestamp, nowMs, settings);
    case 'interim':
      return interimReceived(state, event);
    case 'final':
      return finalReceived(state, event, nowMs, settings);
    case 'sttReopened':
      return sttReopened(state, nowMs, settings);
    case 'textReceived':
      return textReceived(state, event.text, nowMs);
    case 'replyAudible':
      return replyAudible(state, event.replyId);
    case 'replyFinished':
      return replyFinished(state, event);
    case 'replyStopped':
      return replyStopped(state, event);
    case 'replyFailed':
      return replyFailed(state, event, settings);
    default:
      return unreachable(event);
  }
}

function concernsAbsentCaller({ type }: TurnEvent): boolean {
  return type === 'callerLinked' || type.startsWith('reply');
}
