// The turn engine: a pure state machine that decides who speaks. It reads no clock and does no I/O:
// `step(state, event, nowMs)` returns the next state and what is to be done.
// The caller's half is in `caller.ts`, the agent's in `agent.ts`, what a pause means in `decision.ts`, who yields when both
// speak in `barge-in.ts`, what to do about a caller who says nothing in `silence.ts`, replies to what the caller will say next in `anticipation.ts`.

import { unreachable } from '../lib/errors.ts';
import {
  after,
  leave,
  replyAudible,
  replyCalledTool,
  replyFailed,
  replyFinished,
  replyReady,
  replyRefused,
  replyStopped,
} from './agent.ts';
import { answersExpected, anticipate, anticipatedLost, anticipatedReady, replyWritten } from './anticipation.ts';
import { yieldFloor } from './barge-in.ts';
import { callerLeft, callerLinked, finalReceived, interimReceived, textReceived } from './caller.ts';
import { keyPressed, soundJudged, ticked, voiceEnded, voiceStarted } from './caller.ts';
import { considerPause } from './decision.ts';
import type { TurnEvent } from './events.ts';
import type { TurnSettings } from './settings.ts';
import { settleReply } from './settling.ts';
import { considerSilence } from './silence.ts';
import type { Step, TurnState } from './state.ts';

export function step(state: TurnState, event: TurnEvent, nowMs: number, settings: TurnSettings): Step {
  if (!concerns(state, event)) return { state, commands: [] };
  const yielded = after(react(state, event, nowMs, settings), (next) => yieldFloor(next, settings));
  const settled = after(yielded, (next) => settleReply(next, nowMs, settings));
  const silent = after(settled, (next) => considerSilence(next, nowMs, settings));
  return after(silent, (next) => anticipate(next, settings));
}

function react(state: TurnState, event: TurnEvent, nowMs: number, settings: TurnSettings): Step {
  switch (event.type) {
    case 'callerLinked':
      return callerLinked(state, event, settings);
    case 'callerLeft':
      return callerLeft(state);
    case 'voiceStarted':
      return voiceStarted(state, event.timestamp);
    case 'voiceEnded':
      return voiceEnded(state, event.timestamp, nowMs, settings);
    case 'tick':
      return ticked(state, event, nowMs, settings);
    case 'interim':
      return interimReceived(state, event, nowMs, settings);
    case 'final':
      return finalReceived(state, event, nowMs, settings);
    case 'soundJudged':
      return soundJudged(state, event, nowMs, settings);
    case 'textReceived':
      return textReceived(state, event.text, nowMs);
    case 'keyPressed':
      return keyPressed(state, event, nowMs, settings);
    case 'recognitionLost':
      return { state: { ...state, deaf: true }, commands: [] };
    case 'recognitionRestored':
      return { state: { ...state, deaf: false }, commands: [] };
    case 'callLimitReached':
      return leave(state, settings);
    case 'replyReady':
      return after(replyReady(anticipatedReady(state, event.replyId), event.replyId), (next) =>
        considerPause(next, nowMs, settings),
      );
    case 'replyRefused':
      return after(replyRefused(anticipatedLost(state, event.replyId), event.replyId, nowMs), (next) =>
        considerPause(next, nowMs, settings),
      );
    case 'replyWritten':
      return replyWritten(state, event);
    case 'answersExpected':
      return answersExpected(state, event, settings);
    case 'replyAudible':
      return replyAudible(state, event.replyId);
    case 'replyCalledTool':
      return replyCalledTool(state, event);
    case 'replyFinished':
      return replyFinished(state, event, settings);
    case 'replyStopped':
      return replyStopped(state, event, settings);
    case 'replyFailed':
      return replyFailed(anticipatedLost(state, event.replyId), event, settings);
    default:
      return unreachable(event);
  }
}

function concerns({ caller, leaving }: TurnState, { type }: TurnEvent): boolean {
  if (type.startsWith('reply')) return true;
  if (leaving) return type === 'callerLeft';
  return caller.kind !== 'absent' || type === 'callerLinked' || type === 'callLimitReached';
}
