// Who yields when both speak. The first voice of the caller lowers the reply; voice that goes on suspends it, for it may be
// anything; words that are no backchannel end it. What turns out to be nothing gives the reply back, from the broken word on.
// Words are judged where they come in (`caller.ts`); here is what voice and silence do.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { stopAgent } from './agent.ts';
import type { Delivery } from './events.ts';
import { normalised } from './same-words.ts';
import type { BargeInSettings, TurnSettings } from './settings.ts';
import { transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

/** A voice that fades has ended for certain some 150 ms later. What stays doubtful for longer is a soft voice. */
const LONGEST_DOUBT_MS = 200;
/**
 * Only a sound up to this long gives a reply back before its end is certain: a longer one has left a hole that is heard by then,
 * and what dips after it is more often a breath between words ("sorry, … can I").
 */
const LONGEST_DOUBTED_MS = 450;

type Overlap = Extract<CallerState, { kind: 'speaking' | 'pausing' }>;

/** How the reply under way is to be played now that something has happened. To follow each event. */
export function yieldFloor(state: TurnState, { bargeIn }: TurnSettings): Step {
  const { caller, agent } = state;
  if (agent.kind !== 'speaking' || state.leaving) return { state, commands: [] };
  if (caller.kind === 'speaking' && voicedMs(state, caller.voiceStartedAt) >= bargeIn.stopAfterMs) {
    return stopAgent({ ...state, caller: { ...caller, transcript: { ...caller.transcript, bargedIn: true } } });
  }
  const delivery = isOverlap(caller) ? deliveryOver(state, caller, agent.delivery, bargeIn) : 'full';
  if (delivery === agent.delivery) return { state, commands: [] };
  return {
    state: { ...state, agent: { ...agent, delivery } },
    commands: [{ type: 'deliverReply', replyId: agent.reply.id, delivery }],
  };
}

/**
 * Whether the caller's words so far ask for the floor: as a final, or more than one. One word that may still be revised is
 * too often what a recogniser makes of a cough: it keeps a reply suspended until the final is there.
 */
export function bidsForFloor({ caller }: TurnState, { bargeIn }: TurnSettings): boolean {
  if (!isOverlap(caller) || !saysSomething(caller, bargeIn)) return false;
  const isFinal = caller.transcript.interim === '';
  return isFinal || normalised(transcriptText(caller.transcript)).includes(' ');
}

/**
 * Whether a turn was only the caller listening along: backchannels over a reply that still plays, or that ended without
 * being interrupted and without a question.
 */
export function isListeningAlong(
  { agent, history }: TurnState,
  transcript: Transcript,
  { bargeIn }: TurnSettings,
): boolean {
  if (!transcript.beganOverReply || !bargeIn.isBackchannel(transcriptText(transcript))) return false;
  if (agent.kind === 'speaking' || agent.kind === 'preparing') return true;
  const last = history.findLast(({ role }) => role !== 'tool');
  return last?.role === 'assistant' && !last.interrupted && !asks(last.text);
}

function deliveryOver(state: TurnState, caller: Overlap, before: Delivery, bargeIn: BargeInSettings): Delivery {
  if (caller.kind === 'pausing') return mayBeWords(state, caller, before, bargeIn) ? 'suspended' : 'full';
  if (mayHaveEnded(state, caller, bargeIn) && !saysSomething(caller, bargeIn)) return 'lowered';
  // "No, … that is": what was heard before a short break counts too.
  const heardMs = caller.transcript.voicedTicks / TICKS_PER_MS + voicedMs(state, caller.voiceStartedAt);
  const isLong = heardMs >= bargeIn.suspendAfterMs;
  return isLong || before === 'suspended' ? 'suspended' : 'lowered';
}

/** Whether a brief sound is probably over: what can be known of it before it is certain. */
function mayHaveEnded(
  { reachedTimestamp }: TurnState,
  { voiceStartedAt, doubtfulSince, transcript }: Extract<CallerState, { kind: 'speaking' }>,
  { briefMs }: BargeInSettings,
): boolean {
  if (doubtfulSince === undefined || reachedTimestamp - doubtfulSince > LONGEST_DOUBT_MS * TICKS_PER_MS) return false;
  const heardTicks = transcript.voicedTicks + (doubtfulSince - voiceStartedAt);
  return heardTicks <= Math.min(briefMs, LONGEST_DOUBTED_MS) * TICKS_PER_MS;
}

/** A sound has ended: whether it was words, as far as is known, or words may still come of it. */
function mayBeWords(
  { reachedTimestamp }: TurnState,
  caller: Extract<CallerState, { kind: 'pausing' }>,
  before: Delivery,
  bargeIn: BargeInSettings,
): boolean {
  const { voiceEndedAt, transcript } = caller;
  if (reachedTimestamp - voiceEndedAt >= bargeIn.resumeAfterMs * TICKS_PER_MS) return false;
  const isLong = transcript.voicedTicks > bargeIn.briefMs * TICKS_PER_MS;
  const isUnknown = transcriptText(transcript) === '';
  return saysSomething(caller, bargeIn) || (before === 'suspended' && isLong && isUnknown);
}

/** Whether there are words other than backchannels, with a voice behind them: recognisers hear words in noise. */
function saysSomething(caller: Overlap, { isBackchannel }: BargeInSettings): boolean {
  const isVoiced = caller.kind === 'speaking' || caller.transcript.voicedTicks > 0;
  const text = transcriptText(caller.transcript);
  return isVoiced && text !== '' && !isBackchannel(text);
}

function voicedMs({ reachedTimestamp }: TurnState, voiceStartedAt: number): number {
  return (reachedTimestamp - voiceStartedAt) / TICKS_PER_MS;
}

function isOverlap(caller: CallerState): caller is Overlap {
  return caller.kind === 'speaking' || caller.kind === 'pausing';
}

/** A question mark at the very end. */
function asks(text: string): boolean {
  return /[?？؟]["'”’)\]]*$/u.test(text.trim());
}
