// Who yields when both speak. The first voice of the caller lowers the reply; voice that goes on suspends it, for it may be
// anything; words that are no backchannel end it. What turns out to be nothing gives the reply back, from the broken word on.
// Words are judged where they come in (`caller.ts`); here is what voice and silence do.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { stopAgent } from './agent.ts';
import type { Delivery } from './events.ts';
import type { BargeInSettings, TurnSettings } from './settings.ts';
import { transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

/** A voice that fades has ended for certain some 150 ms later. What stays doubtful for longer is a soft voice. */
const LONGEST_DOUBT_MS = 200;

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

/** Whether the caller's words so far, with a voice behind them, ask for the floor. Recognisers hear words in noise. */
export function bidsForFloor({ caller }: TurnState, { bargeIn }: TurnSettings): boolean {
  if (!isOverlap(caller)) return false;
  const isVoiced = caller.kind === 'speaking' || caller.transcript.voicedTicks > 0;
  return isVoiced && !bargeIn.isBackchannel(transcriptText(caller.transcript));
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
  if (agent.kind === 'speaking') return true;
  const last = history.at(-1);
  return last?.role === 'assistant' && !last.interrupted && !asks(last.text);
}

function deliveryOver(state: TurnState, caller: Overlap, before: Delivery, bargeIn: BargeInSettings): Delivery {
  if (caller.kind === 'speaking') {
    if (mayHaveEnded(state, caller, bargeIn)) return 'lowered';
    const isLong = voicedMs(state, caller.voiceStartedAt) >= bargeIn.suspendAfterMs;
    return isLong || before === 'suspended' ? 'suspended' : 'lowered';
  }
  return before === 'suspended' && mayBeWords(state, caller, bargeIn) ? 'suspended' : 'full';
}

/** Whether a brief sound is probably over: what can be known of it before it is certain. */
function mayHaveEnded(
  { reachedTimestamp }: TurnState,
  { voiceStartedAt, doubtfulSince, transcript }: Extract<CallerState, { kind: 'speaking' }>,
  { briefMs }: BargeInSettings,
): boolean {
  if (doubtfulSince === undefined || reachedTimestamp - doubtfulSince > LONGEST_DOUBT_MS * TICKS_PER_MS) return false;
  return transcript.voicedTicks + (doubtfulSince - voiceStartedAt) <= briefMs * TICKS_PER_MS;
}

/** A sound has ended: whether words may still come of it. */
function mayBeWords(
  state: TurnState,
  { voiceEndedAt, transcript }: Extract<CallerState, { kind: 'pausing' }>,
  { briefMs, resumeAfterMs, isBackchannel }: BargeInSettings,
): boolean {
  const isBrief = transcript.voicedTicks <= briefMs * TICKS_PER_MS;
  const isLate = state.reachedTimestamp - voiceEndedAt >= resumeAfterMs * TICKS_PER_MS;
  return !isBrief && !isLate && !isBackchannel(transcriptText(transcript));
}

function voicedMs({ reachedTimestamp }: TurnState, voiceStartedAt: number): number {
  return (reachedTimestamp - voiceStartedAt) / TICKS_PER_MS;
}

function isOverlap(caller: CallerState): caller is Overlap {
  return caller.kind === 'speaking' || caller.kind === 'pausing';
}

/** The question mark of most scripts, at the very end. */
function asks(text: string): boolean {
  return /[?？؟;]["'”’)\]]*$/u.test(text.trim());
}
