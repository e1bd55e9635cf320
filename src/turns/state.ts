// The state of a conversation: who holds the floor and what was said. Caller and agent are two machines side by side,
// since both can speak at once.

import type { CallerTurn, Reply, TurnCommand } from './events.ts';
import type { History } from './history.ts';

/** The caller's words since the turn began. */
export interface Transcript {
  /** Finals so far, joined. */
  readonly settled: string;
  /** What follows the finals and may still be revised. */
  readonly interim: string;
  /** Some of it was speech that the recogniser could not place. */
  readonly rejected: boolean;
  /** It began while the agent was speaking, and stopped the reply: whoever does that expects an answer. */
  readonly bargedIn: boolean;
  /** How much of it was voiced, in RTP ticks. */
  readonly voicedTicks: number;
}

export type CallerState =
  /** Nobody is linked. */
  | { readonly kind: 'absent' }
  /** Nothing has been said since the last turn. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'speaking'; readonly voiceStartedAt: number; readonly transcript: Transcript }
  /** Silence inside a turn, or after it: the endpointing policy has not decided yet. */
  | { readonly kind: 'pausing'; readonly voiceEndedAt: number; readonly transcript: Transcript }
  /** The policy has decided; the last words are being recognised. */
  | {
      readonly kind: 'finalizing';
      readonly voiceEndedAt: number;
      readonly transcript: Transcript;
      readonly decidedAtMs: number;
    };

export type AgentState =
  | { readonly kind: 'idle' }
  /** A reply is on its way and nothing of it is audible yet. */
  | { readonly kind: 'preparing'; readonly reply: Reply }
  | { readonly kind: 'speaking'; readonly reply: Reply }
  /**
   * `stopReply` was asked for and is not answered yet. `next`: the turn to answer then.
   * `callerResumed`: the caller went on before the reply was audible, so the two halves are one turn.
   */
  | {
      readonly kind: 'stopping';
      readonly reply: Reply;
      readonly next: CallerTurn | undefined;
      readonly callerResumed: boolean;
    };

export interface TurnState {
  readonly caller: CallerState;
  readonly agent: AgentState;
  /** Nothing is recognised for the time being: a fault of ours, not of the caller's. */
  readonly deaf: boolean;
  /** The call is being ended: what the caller does no longer counts. */
  readonly leaving: boolean;
  readonly history: History;
  /** Turns and replies so far; the next ones count on. */
  readonly turnCount: number;
  readonly replyCount: number;
  /** Finals that were asked for and are awaited. */
  readonly pendingFinalizes: number;
  /** Finals that were asked for and are given up: they are dropped when they come. */
  readonly abandonedFinalizes: number;
}

/** What a rule returns: the next state, and commands in the order in which they are to be carried out. */
export interface Step {
  readonly state: TurnState;
  readonly commands: readonly TurnCommand[];
}

export const initialTurnState: TurnState = {
  caller: { kind: 'absent' },
  agent: { kind: 'idle' },
  deaf: false,
  leaving: false,
  history: [],
  turnCount: 0,
  replyCount: 0,
  pendingFinalizes: 0,
  abandonedFinalizes: 0,
};

export const emptyTranscript: Transcript = {
  settled: '',
  interim: '',
  rejected: false,
  bargedIn: false,
  voicedTicks: 0,
};

export function transcriptText({ settled, interim }: Transcript): string {
  return joinWords(settled, interim);
}

export function joinWords(...parts: readonly string[]): string {
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
}

/** What LiveKit front ends show as `lk.agent.state`. */
export type AgentActivity = 'listening' | 'thinking' | 'speaking';

export function agentActivity({ caller, agent }: TurnState): AgentActivity {
  if (agent.kind === 'speaking') return 'speaking';
  return agent.kind === 'preparing' || caller.kind === 'finalizing' ? 'thinking' : 'listening';
}
