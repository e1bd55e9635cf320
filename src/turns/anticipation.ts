// Replies to what the caller will probably say next, prepared while the agent is still heard. One that fits becomes the draft
// of the next turn. The pool stands on a history: that the agent's reply is heard to its end, and nothing else happens.

import { discardDraft } from './agent.ts';
import type { Reply, TurnCommand } from './events.ts';
import { type History, withCaller, withHeard } from './history.ts';
import type { SameMeaning } from './similar-words.ts';
import type { TurnSettings } from './settings.ts';
import type { Step, TurnState } from './state.ts';

export type Anticipation =
  | { readonly kind: 'none' }
  /** It is known how the reply under way will end. `messages`: the history then. */
  | { readonly kind: 'foreseeable'; readonly replyId: number; readonly messages: History }
  /** What the caller will probably say has been asked for, and replies to it are prepared. */
  | {
      readonly kind: 'asked';
      readonly replyId: number;
      readonly messages: History;
      readonly replies: readonly AnticipatedReply[];
    };

export interface AnticipatedReply {
  readonly reply: Reply;
  /** What the caller would say. */
  readonly text: string;
  readonly ready: boolean;
}

const NONE: Anticipation = { kind: 'none' };

/** The model has written the reply to its end. */
export function replyWritten(
  state: TurnState,
  { replyId, text }: { readonly replyId: number; readonly text: string },
): Step {
  const { agent, anticipation, history, toolCalls } = state;
  if (anticipation.kind === 'asked' || !isUnderWay(state, replyId)) return { state, commands: [] };
  const asks = agent.kind !== 'idle' && (agent.reply.kind === 'reply' || agent.reply.kind === 'greeting');
  if (!asks) return { state, commands: [] };
  const messages = withHeard(history, text, false, toolCalls);
  return { state: { ...state, anticipation: { kind: 'foreseeable', replyId, messages } }, commands: [] };
}

/** What the caller will probably say, the most probable first. */
export function answersExpected(
  state: TurnState,
  { replyId, texts }: { readonly replyId: number; readonly texts: readonly string[] },
  { anticipation: { perReply }, similar }: TurnSettings,
): Step {
  const { anticipation, caller } = state;
  const isAwaited =
    anticipation.kind === 'asked' && anticipation.replyId === replyId && anticipation.replies.length === 0;
  // Whoever speaks already is waited for: their own words are known soon.
  if (!isAwaited || caller.kind !== 'silent' || state.deaf) return { state, commands: [] };
  const replies = distinct(texts, similar)
    .slice(0, perReply)
    .map((text, index): AnticipatedReply => {
      return { reply: { id: state.replyCount + 1 + index, kind: 'reply', turn: undefined }, text, ready: false };
    });
  return {
    state: {
      ...state,
      replyCount: state.replyCount + replies.length,
      anticipation: { ...anticipation, replies },
    },
    commands: replies.map(({ reply, text }) => {
      const content = { type: 'generated', messages: withCaller(anticipation.messages, text) } as const;
      return { type: 'startReply', reply, content, held: true, anticipated: true };
    }),
  };
}

/** The reply that was prepared for these words, if there is one, becomes the draft. */
export function adoptAnticipated(state: TurnState, text: string, { similar }: TurnSettings): Step | undefined {
  const { agent, anticipation } = state;
  if (agent.kind !== 'idle' || anticipation.kind !== 'asked') return undefined;
  const fitting = anticipation.replies.find((one) => similar(one.text, text));
  if (fitting === undefined) return undefined;
  const replies = anticipation.replies.filter((one) => one !== fitting);
  return {
    state: {
      ...state,
      agent: { kind: 'drafting', ...fitting, anticipated: true },
      anticipation: { ...anticipation, replies },
    },
    commands: [],
  };
}

/** Whether these words are, as a whole, what a reply was prepared for before they were said. */
export function isExpected({ agent, anticipation }: TurnState, text: string, { similar }: TurnSettings): boolean {
  if (agent.kind === 'drafting') return agent.anticipated && similar(agent.text, text);
  return anticipation.kind === 'asked' && anticipation.replies.some((one) => similar(one.text, text));
}

/** One of the pool has its first audio. */
export function anticipatedReady(state: TurnState, replyId: number): TurnState {
  return withReplies(state, (one) => (one.reply.id === replyId ? { ...one, ready: true } : one));
}

/** One of the pool failed, or there was no room for it. */
export function anticipatedLost(state: TurnState, replyId: number): TurnState {
  return withReplies(state, (one) => (one.reply.id === replyId ? undefined : one));
}

/** Asks for what the caller will probably say once that is worth it; gives the pool up once it answers nothing. To follow each event. */
export function anticipate(state: TurnState, settings: TurnSettings): Step {
  const { anticipation } = state;
  if (anticipation.kind === 'none') return { state, commands: [] };
  const known = standing(state, anticipation);
  if (known === undefined) return give(state, anticipation);
  const { agent, caller, settling } = state;
  const isWanted = settings.anticipation.perReply > 0 && settings.drafts.policy !== 'off';
  const isCertain = agent.kind === 'idle' || (agent.kind === 'speaking' && settling?.settled === true);
  if (known.kind === 'asked' || !isWanted || !isCertain || caller.kind !== 'silent') {
    return { state: known === anticipation ? state : { ...state, anticipation: known }, commands: [] };
  }
  const { replyId, messages } = known;
  return {
    state: { ...state, anticipation: { kind: 'asked', replyId, messages, replies: [] } },
    commands: [{ type: 'anticipate', replyId, messages }],
  };
}

type Standing = Exclude<Anticipation, { kind: 'none' }>;

/** Undefined where things came otherwise: the reply was interrupted, a turn is answered, a tool has told more, the caller is gone. */
function standing(state: TurnState, anticipation: Standing): Standing | undefined {
  const { agent, caller, history, leaving } = state;
  if (caller.kind === 'absent' || leaving) return undefined;
  if (isUnderWay(state, anticipation.replyId)) return anticipation;
  if (agent.kind !== 'idle' && agent.kind !== 'drafting') return undefined;
  if (anticipation.messages === history) return anticipation;
  return sameHistory(anticipation.messages, history) ? { ...anticipation, messages: history } : undefined;
}

function give(state: TurnState, anticipation: Standing): Step {
  const stopped = anticipation.kind === 'asked' ? anticipation.replies : [];
  const commands = stopped.map(({ reply }): TurnCommand => ({ type: 'stopReply', replyId: reply.id }));
  const free: TurnState = { ...state, anticipation: NONE };
  // A draft that stood on another history answers something else.
  const isStale = state.agent.kind === 'drafting' && state.agent.anticipated;
  const discarded = isStale ? discardDraft(free) : { state: free, commands: [] };
  return { state: discarded.state, commands: [...commands, ...discarded.commands] };
}

function isUnderWay({ agent }: TurnState, replyId: number): boolean {
  return (agent.kind === 'preparing' || agent.kind === 'speaking') && agent.reply.id === replyId;
}

function withReplies(state: TurnState, change: (one: AnticipatedReply) => AnticipatedReply | undefined): TurnState {
  const { anticipation } = state;
  if (anticipation.kind !== 'asked') return state;
  const replies = anticipation.replies.flatMap((one) => change(one) ?? []);
  return { ...state, anticipation: { ...anticipation, replies } };
}

/** Without those that a reply to another one covers. */
function distinct(texts: readonly string[], similar: SameMeaning): readonly string[] {
  const kept: string[] = [];
  for (const text of texts.map((one) => one.trim())) {
    if (text !== '' && !kept.some((one) => similar(one, text))) kept.push(text);
  }
  return kept;
}

function sameHistory(one: History, other: History): boolean {
  return (
    one.length === other.length &&
    one.every((message, index) => message === other[index] || JSON.stringify(message) === JSON.stringify(other[index]))
  );
}
