// The state of a conversation: who holds the floor and what was said. Caller and agent are two machines side by side,
// since both can speak at once.

import type { Anticipation } from './anticipation.ts';
import type { Draft } from './draft-fit.ts';
import type { CallerTurn, Delivery, Reply, TurnCommand } from './events.ts';
import type { History, PlacedCall } from './history.ts';
import { type KeyPress, withKeys } from './keys.ts';
import type { Settling } from './settling.ts';
import type { Silence } from './silence.ts';

/** The caller's words since the turn began. */
export interface Transcript {
  /** Finals so far, joined. */
  readonly settled: string;
  /** What follows the finals and may still be revised. */
  readonly interim: string;
  /** Keys of the telephone, in their order. */
  readonly keys: readonly KeyPress[];
  /** Some of it was speech that the recogniser could not place. */
  readonly rejected: boolean;
  /** It began while a reply was audible. */
  readonly beganOverReply: boolean;
  /** Its voice alone ended a reply: whoever talks that long over it expects an answer. */
  readonly bargedIn: boolean;
  /** How much of it was voiced, in RTP ticks. */
  readonly voicedTicks: number;
  /** The recogniser has heard the audio up to here (extended RTP timestamp). */
  readonly coveredUntil: number;
  /** Where audio time was when it last told anything (extended RTP timestamp). */
  readonly toldAt: number;
  /** Where its first voice began (extended RTP timestamp); undefined where there were words without a voice. */
  readonly voiceBeganAt: number | undefined;
}

export type CallerState =
  /** Nobody is linked. */
  | { readonly kind: 'absent' }
  /** Nothing has been said since the last turn. */
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'speaking';
      readonly voiceStartedAt: number;
      readonly transcript: Transcript;
      /** Since when (extended RTP timestamp) the voice may have ended: an end is certain only after some silence. */
      readonly doubtfulSince: number | undefined;
      /** How fast the voice changes at last (dB per 100 ms), where that is known. */
      readonly movementDb: number | undefined;
      /** When it first suspended a reply (extended RTP timestamp). */
      readonly suspendedAt: number | undefined;
    }
  /** Silence inside a turn, or after it. */
  | {
      readonly kind: 'pausing';
      readonly voiceEndedAt: number;
      readonly transcript: Transcript;
      /** When a final was asked for in this pause. */
      readonly finalAskedAtMs: number | undefined;
      /** When the endpointing policy was satisfied: the turn could have been ended here. */
      readonly decidableAtMs: number | undefined;
      /** The probability that the turn is complete by its sound, once that was judged. */
      readonly soundComplete: number | undefined;
    };

export type AgentState =
  | { readonly kind: 'idle' }
  /** A draft: a reply to what has been said so far is being prepared, or is ready, and held. */
  | {
      readonly kind: 'drafting';
      readonly reply: Reply;
      /** The words that it is a reply to. */
      readonly text: string;
      readonly ready: boolean;
      /** It was begun before they were said. */
      readonly anticipated: boolean;
    }
  /** A reply is on its way and nothing of it is audible yet. */
  | { readonly kind: 'preparing'; readonly reply: Reply }
  | { readonly kind: 'speaking'; readonly reply: Reply; readonly delivery: Delivery }
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
  /** Tools that the reply under way has called; they enter the history with it. */
  readonly toolCalls: readonly PlacedCall[];
  /** Of the reply under way. */
  readonly settling: Settling | undefined;
  /** Of a caller who is asked again when they say nothing; nobody else is. */
  readonly silence: Silence | undefined;
  /** Turns and replies so far, drafts among the replies; the next ones count on. */
  readonly turnCount: number;
  readonly replyCount: number;
  /** Drafts since the last turn was ended. */
  readonly draftCount: number;
  /** A draft was refused: another one is not asked for before this instant. */
  readonly noDraftBeforeMs: number;
  readonly anticipation: Anticipation;
  /** Audio time has reached this (extended RTP timestamp). */
  readonly reachedTimestamp: number;
  /** Since when (extended RTP timestamp) a voice may be beginning: that is certain only after some of it. */
  readonly voiceMayBeginSince: number | undefined;
  /** The caller's last pauses inside turns, in milliseconds of audio time. */
  readonly innerPausesMs: readonly number[];
  /** Where the caller's voice ended in the last turn that was answered (extended RTP timestamp). */
  readonly answeredUntil: number;
  /** The last turn, where it was ended without its final: that may still come, and differ. */
  readonly unconfirmed: Unconfirmed | undefined;
  /** Finals that were asked for and are awaited. */
  readonly pendingFinalizes: number;
  /** Finals that were asked for and are given up: where they come after all, they correct their turn, or are dropped. */
  readonly abandonedFinalizes: number;
}

export interface Unconfirmed {
  readonly turn: CallerTurn;
  readonly transcript: Transcript;
  /** What its reply was made for, where that was begun before the turn was over. */
  readonly draft: Draft | undefined;
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
  toolCalls: [],
  settling: undefined,
  silence: undefined,
  turnCount: 0,
  replyCount: 0,
  draftCount: 0,
  noDraftBeforeMs: Number.NEGATIVE_INFINITY,
  anticipation: { kind: 'none' },
  reachedTimestamp: 0,
  voiceMayBeginSince: undefined,
  innerPausesMs: [],
  answeredUntil: 0,
  unconfirmed: undefined,
  pendingFinalizes: 0,
  abandonedFinalizes: 0,
};

export const emptyTranscript: Transcript = {
  settled: '',
  interim: '',
  keys: [],
  rejected: false,
  beganOverReply: false,
  bargedIn: false,
  voicedTicks: 0,
  coveredUntil: 0,
  toldAt: 0,
  voiceBeganAt: undefined,
};

/** Of a turn that begins. */
export function newTranscript({ agent }: TurnState): Transcript {
  return { ...emptyTranscript, beganOverReply: agent.kind === 'speaking' };
}

/** Words, and keys in their places. */
export function transcriptText({ settled, interim, keys }: Transcript): string {
  return withKeys(joinWords(settled, interim), keys);
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
  if (agent.kind === 'speaking') return agent.delivery === 'suspended' ? 'listening' : 'speaking';
  const decided = caller.kind === 'pausing' && caller.decidableAtMs !== undefined;
  return agent.kind === 'preparing' || decided ? 'thinking' : 'listening';
}

/** What sounds like the beginning of a voice turns out to be one, or not, within two windows of the detector. */
export const LONGEST_ONSET_MS = 100;

/** Whether neither side is in the middle of something. */
export function isBetweenTurns({ caller, agent }: TurnState): boolean {
  return caller.kind === 'silent' && agent.kind === 'idle';
}
