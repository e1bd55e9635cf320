// The agent's half of the turn engine: starting, stopping and ending replies, and what of them enters the history.

import type { CallerTurn, ReplyContent, ReplyKind } from './events.ts';
import { withCaller, withHeard, withoutLastCaller } from './history.ts';
import type { TurnSettings } from './settings.ts';
import { joinWords } from './state.ts';
import type { CallerState, Step, TurnState } from './state.ts';

interface ReplyEnd {
  readonly replyId: number;
  readonly heardText: string;
}

/** Answers a turn now, or as soon as the reply under way has stopped. */
export function answer(state: TurnState, turn: CallerTurn): Step {
  if (state.agent.kind !== 'idle') return stopAgent(state, { next: turn });
  const history = withCaller(state.history, turn.text);
  return say({ ...state, history }, 'reply', { type: 'generated', messages: history }, turn);
}

function sayText(state: TurnState, kind: ReplyKind, text: string, turn?: CallerTurn): Step {
  return say(state, kind, { type: 'text', text }, turn);
}

/** Starts a reply. */
export function say(state: TurnState, kind: ReplyKind, content: ReplyContent, turn?: CallerTurn): Step {
  const reply = { id: state.replyCount + 1, kind, turn };
  return {
    state: { ...state, agent: { kind: 'preparing', reply }, replyCount: reply.id },
    commands: [{ type: 'startReply', reply, content }],
  };
}

/** Says goodbye, after stopping the reply under way, and ends the call. */
export function leave(state: TurnState, settings: TurnSettings): Step {
  const leaving: TurnState = { ...state, leaving: true };
  return state.agent.kind === 'idle' ? sayGoodbye(leaving, settings) : stopAgent(leaving);
}

function sayGoodbye(state: TurnState, { goodbye }: TurnSettings): Step {
  if (state.caller.kind === 'absent') return { state, commands: [{ type: 'endCall' }] };
  return sayText(state, 'goodbye', goodbye);
}

/** Stops the reply under way, if there is one. */
export function stopAgent(
  state: TurnState,
  { next, callerResumed = false }: { readonly next?: CallerTurn; readonly callerResumed?: boolean } = {},
): Step {
  const { agent } = state;
  switch (agent.kind) {
    case 'idle':
      return { state, commands: [] };
    case 'stopping':
      return { state: { ...state, agent: { ...agent, next, callerResumed } }, commands: [] };
    case 'preparing':
    case 'speaking': {
      const { reply } = agent;
      return {
        state: { ...state, agent: { kind: 'stopping', reply, next, callerResumed } },
        commands: [{ type: 'stopReply', replyId: reply.id }],
      };
    }
  }
}

export function replyAudible(state: TurnState, replyId: number): Step {
  const { agent } = state;
  const starts = agent.kind === 'preparing' && agent.reply.id === replyId;
  return { state: starts ? { ...state, agent: { kind: 'speaking', reply: agent.reply } } : state, commands: [] };
}

export function replyFinished(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  if (!isCurrent(state, replyId)) return { state, commands: [] };
  const ended = { ...state, history: withHeard(state.history, heardText, false) };
  return goOn(ended, settings);
}

export function replyStopped(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  const { agent } = state;
  if (agent.kind !== 'stopping' || agent.reply.id !== replyId) return { state, commands: [] };
  const unheard = heardText.trim() === '';
  if (unheard && agent.callerResumed && agent.reply.turn !== undefined) {
    return goOn(takeBack(state, agent.reply.turn), settings);
  }
  return goOn({ ...state, history: withHeard(state.history, heardText, true) }, settings);
}

export function replyFailed(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  const { agent } = state;
  if (!isCurrent(state, replyId)) return { state, commands: [] };
  const ended = { ...state, history: withHeard(state.history, heardText, true) };
  const answers = agent.kind !== 'stopping' && agent.kind !== 'idle' && agent.reply.kind === 'reply';
  if (answers && state.caller.kind !== 'absent' && !state.leaving) {
    return sayText({ ...ended, agent: { kind: 'idle' } }, 'apology', settings.apology, agent.reply.turn);
  }
  return goOn(ended, settings);
}

/** The reply is over: the agent is idle, answers the turn that waited for this end, or goes. */
function goOn(state: TurnState, settings: TurnSettings): Step {
  if (state.leaving) return goAway(state, settings);
  const next = state.agent.kind === 'stopping' ? state.agent.next : undefined;
  const idle: TurnState = { ...state, agent: { kind: 'idle' } };
  return next === undefined ? { state: idle, commands: [] } : answer(idle, next);
}

function goAway(state: TurnState, settings: TurnSettings): Step {
  const { agent } = state;
  const idle: TurnState = { ...state, agent: { kind: 'idle' } };
  const saidGoodbye = agent.kind !== 'idle' && agent.reply.kind === 'goodbye';
  return saidGoodbye ? { state: idle, commands: [{ type: 'endCall' }] } : sayGoodbye(idle, settings);
}

/** As if the turn had never been answered: its words are the beginning of what the caller is saying now. */
function takeBack(state: TurnState, turn: CallerTurn): TurnState {
  const { caller } = state;
  if (caller.kind === 'absent' || caller.kind === 'silent') return state;
  const { transcript } = caller;
  const merged: CallerState = {
    ...caller,
    transcript: { ...transcript, settled: joinWords(turn.text, transcript.settled) },
  };
  return { ...state, caller: merged, history: withoutLastCaller(state.history) };
}

function isCurrent({ agent }: TurnState, replyId: number): boolean {
  return agent.kind !== 'idle' && agent.reply.id === replyId;
}
