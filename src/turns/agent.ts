// The agent's half of the turn engine: starting, committing, stopping and ending replies, and what of them enters the history.

import type { CallEnd, CallerTurn, ReplyContent, ReplyKind } from './events.ts';
import { type PlacedCall, withCall, withCaller, withHeard, withLateOutcome, withoutLastCaller } from './history.ts';
import { wordCount } from './keys.ts';
import type { TurnSettings } from './settings.ts';
import { joinWords } from './state.ts';
import type { CallerState, Step, TurnState } from './state.ts';

interface ReplyEnd {
  readonly replyId: number;
  readonly heardText: string;
}

/** Answers a turn now, or as soon as the reply under way has stopped. */
export function answer(state: TurnState, turn: CallerTurn): Step {
  if (isUnderWay(state)) return stopAgent(state, { next: turn });
  const history = withCaller(state.history, turn.text);
  const free = discardDraft({ ...state, history });
  return after(free, (idle) => say(idle, 'reply', { type: 'generated', messages: history }, turn));
}

/** Prepares, unheard, what the answer would be if the caller had nothing to add. `dueInMs`: how soon it may be wanted. */
export function startDraft(state: TurnState, text: string, dueInMs: number): Step {
  const messages = withCaller(state.history, text);
  const reply = { id: state.replyCount + 1, kind: 'reply', turn: undefined } as const;
  return {
    state: {
      ...state,
      agent: { kind: 'drafting', reply, text, ready: false, anticipated: false },
      replyCount: reply.id,
      draftCount: state.draftCount + 1,
    },
    commands: [{ type: 'startReply', reply, content: { type: 'generated', messages }, held: true, dueInMs }],
  };
}

/** The draft is the answer to this turn. */
export function commitDraft(state: TurnState, turn: CallerTurn): Step {
  const { agent } = state;
  if (agent.kind !== 'drafting') return answer(state, turn);
  return {
    state: {
      ...state,
      agent: { kind: 'preparing', reply: { ...agent.reply, turn } },
      history: withCaller(state.history, turn.text),
    },
    commands: [{ type: 'commitReply', replyId: agent.reply.id, turn }],
  };
}

/** Forgets the draft, if there is one. */
export function discardDraft(state: TurnState): Step {
  const { agent } = state;
  if (agent.kind !== 'drafting') return { state, commands: [] };
  return {
    state: { ...state, agent: { kind: 'idle' } },
    commands: [{ type: 'stopReply', replyId: agent.reply.id }],
  };
}

/** Starts a reply. */
export function say(state: TurnState, kind: ReplyKind, content: ReplyContent, turn?: CallerTurn): Step {
  const reply = { id: state.replyCount + 1, kind, turn };
  return {
    state: { ...state, agent: { kind: 'preparing', reply }, replyCount: reply.id },
    commands: [{ type: 'startReply', reply, content, held: false }],
  };
}

/** Says goodbye, after stopping the reply under way, and ends the call. */
export function leave(state: TurnState, settings: TurnSettings): Step {
  if (isSayingGoodbye(state)) return { state: { ...state, leaving: true }, commands: [] };
  const stopped = stopAgent({ ...state, leaving: true });
  return isUnderWay(state) ? stopped : after(stopped, (idle) => sayGoodbye(idle, settings));
}

function sayGoodbye(state: TurnState, { goodbye }: TurnSettings): Step {
  if (state.caller.kind === 'absent') return hangUp(state, 'callLimit');
  return say(state, 'goodbye', { type: 'text', text: goodbye });
}

/** Stops the reply under way, if there is one; a draft is forgotten. */
export function stopAgent(
  state: TurnState,
  {
    next,
    callerResumed = false,
    atWordEnd = false,
  }: { readonly next?: CallerTurn; readonly callerResumed?: boolean; readonly atWordEnd?: boolean } = {},
): Step {
  const { agent } = state;
  switch (agent.kind) {
    case 'idle':
      return { state, commands: [] };
    case 'drafting':
      return discardDraft(state);
    case 'stopping':
      return { state: { ...state, agent: { ...agent, next, callerResumed } }, commands: [] };
    case 'preparing':
    case 'speaking': {
      const { reply } = agent;
      return {
        state: { ...state, agent: { kind: 'stopping', reply, next, callerResumed } },
        commands: [{ type: 'stopReply', replyId: reply.id, atWordEnd }],
      };
    }
  }
}

export function replyReady(state: TurnState, replyId: number): Step {
  const { agent } = state;
  const isReady = agent.kind === 'drafting' && agent.reply.id === replyId;
  return { state: isReady ? { ...state, agent: { ...agent, ready: true } } : state, commands: [] };
}

/** Where the pause goes on, there may be room a little later; asking costs nothing, but not at each tick. */
const REFUSED_DRAFT_PAUSE_MS = 200;

export function replyRefused(state: TurnState, replyId: number, nowMs: number): Step {
  const { agent, draftCount } = state;
  const isRefused = agent.kind === 'drafting' && agent.reply.id === replyId;
  if (!isRefused) return { state, commands: [] };
  const noDraftBeforeMs = nowMs + REFUSED_DRAFT_PAUSE_MS;
  return { state: { ...state, agent: { kind: 'idle' }, draftCount: draftCount - 1, noDraftBeforeMs }, commands: [] };
}

export function replyAudible(state: TurnState, replyId: number): Step {
  const { agent } = state;
  const starts = agent.kind === 'preparing' && agent.reply.id === replyId;
  return {
    state: starts ? { ...state, agent: { kind: 'speaking', reply: agent.reply, delivery: 'full' } } : state,
    commands: [],
  };
}

/** A tool that was called is a fact: part of the reply while that is under way, and of the history in any case. */
export function replyCalledTool(
  state: TurnState,
  { replyId, call }: { readonly replyId: number; readonly call: PlacedCall },
): Step {
  const known: TurnState = isCurrent(state, replyId)
    ? { ...state, toolCalls: withCall(state.toolCalls, call) }
    : { ...state, history: withLateOutcome(state.history, call.exchange) };
  return { state: known, commands: [] };
}

export function replyFinished(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  if (!isCurrent(state, replyId)) return { state, commands: [] };
  return goOn(withReply(state, heardText, false), settings);
}

export function replyStopped(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  const { agent } = state;
  if (agent.kind !== 'stopping' || agent.reply.id !== replyId) return { state, commands: [] };
  const unheard = heardText.trim() === '';
  if (unheard && agent.callerResumed && agent.reply.turn !== undefined) {
    return goOn(withReply(takeBack(state, agent.reply.turn), '', true), settings);
  }
  return goOn(withReply(state, heardText, true), settings);
}

export function replyFailed(state: TurnState, { replyId, heardText }: ReplyEnd, settings: TurnSettings): Step {
  const { agent } = state;
  if (!isCurrent(state, replyId)) return { state, commands: [] };
  // What failed as a draft is tried once more, as the answer: not again and again as drafts.
  if (agent.kind === 'drafting') {
    return { state: { ...state, agent: { kind: 'idle' }, draftCount: settings.drafts.perTurn }, commands: [] };
  }
  const ended = withReply(state, heardText, true);
  const answers = agent.kind !== 'stopping' && agent.kind !== 'idle' && agent.reply.kind === 'reply';
  if (answers && state.caller.kind !== 'absent' && !state.leaving) {
    const apology = { type: 'text', text: settings.apology } as const;
    return say({ ...ended, agent: { kind: 'idle' } }, 'apology', apology, agent.reply.turn);
  }
  return goOn(ended, settings);
}

/** What was heard of the reply, and the tools that it called. */
function withReply(state: TurnState, heardText: string, interrupted: boolean): TurnState {
  return { ...state, history: withHeard(state.history, heardText, interrupted, state.toolCalls), toolCalls: [] };
}

/** The reply is over: the agent is idle, answers the turn that waited for this end, or goes. */
function goOn(state: TurnState, settings: TurnSettings): Step {
  if (state.leaving) return goAway(state, settings);
  const isUnheeded = (state.silence?.promptCount ?? 0) > settings.silence.reprompts;
  if (isSayingGoodbye(state) && isUnheeded && state.caller.kind === 'silent') return hangUp(state, 'silence');
  const next = state.agent.kind === 'stopping' ? state.agent.next : undefined;
  const idle: TurnState = { ...state, agent: { kind: 'idle' } };
  return next === undefined ? { state: idle, commands: [] } : answer(idle, next);
}

function goAway(state: TurnState, settings: TurnSettings): Step {
  const { agent } = state;
  const saidGoodbye = agent.kind !== 'idle' && agent.reply.kind === 'goodbye';
  return saidGoodbye ? hangUp(state, 'callLimit') : sayGoodbye({ ...state, agent: { kind: 'idle' } }, settings);
}

function hangUp(state: TurnState, reason: CallEnd): Step {
  return { state: { ...state, agent: { kind: 'idle' }, leaving: true }, commands: [{ type: 'endCall', reason }] };
}

/** To the end, as far as one knows: the caller makes no sound meanwhile. */
function isSayingGoodbye({ agent }: TurnState): boolean {
  if (agent.kind !== 'preparing' && agent.kind !== 'speaking') return false;
  return agent.reply.kind === 'goodbye' && (agent.kind === 'preparing' || agent.delivery === 'full');
}

/** As if the turn had never been answered: its words are the beginning of what the caller is saying now. */
function takeBack(state: TurnState, turn: CallerTurn): TurnState {
  const { caller } = state;
  if (caller.kind === 'absent' || caller.kind === 'silent') return state;
  const history = withoutLastCaller(state.history);
  // It was answered in part, before that failed: what was heard stays heard.
  if (history === state.history) return state;
  const { transcript } = caller;
  const countBefore = wordCount(turn.text);
  const keys = transcript.keys.map((key) => ({ ...key, wordCount: key.wordCount + countBefore }));
  const merged: CallerState = {
    ...caller,
    transcript: { ...transcript, settled: joinWords(turn.text, transcript.settled), keys },
  };
  return { ...state, caller: merged, history };
}

function isCurrent({ agent }: TurnState, replyId: number): boolean {
  return agent.kind !== 'idle' && agent.reply.id === replyId;
}

/** Whether a reply that is meant to be heard has not ended. */
export function isUnderWay({ agent }: TurnState): boolean {
  return agent.kind !== 'idle' && agent.kind !== 'drafting';
}

/** One step after another. */
export function after(first: Step, then: (state: TurnState) => Step): Step {
  const second = then(first.state);
  return { state: second.state, commands: [...first.commands, ...second.commands] };
}
