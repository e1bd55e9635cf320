// Who yields when both speak. What may be a voice of the caller lowers the reply; voice that goes on suspends it, for it may be
// anything, sooner where it changes as words do; words that are no backchannel end it. What turns out to be nothing gives the
// reply back, from the broken word on.
// Words are judged where they come in (`caller.ts`); here is what voice and silence do.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { stopAgent } from './agent.ts';
import type { Delivery } from './events.ts';
import { normalised } from './same-words.ts';
import type { BargeInSettings, TurnSettings } from './settings.ts';
import { LONGEST_ONSET_MS, transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

/** A voice that fades has ended for certain some 150 ms later. What stays doubtful for longer is a soft voice. */
const LONGEST_DOUBT_MS = 200;
/**
 * Only a sound up to this long may be over when it fades: what dips after it is more often a breath between words. A brief
 * sound has 450 ms, and fades for some 60 ms more.
 */
const LONGEST_DOUBTED_MS = 520;
/**
 * So long after it was suspended, a reply comes back as soon as the sound's end is probable: it was silent for 100 ms, and has
 * hardly been missed. Later the hole is there, and a reply that comes back in the middle of a sentence ("sorry, … can I") is
 * worse than a longer one.
 */
const UNNOTICED_HOLE_MS = 120;
/**
 * How much later, or sooner, than otherwise a voice suspends a reply by how fast it changes (voice-movement.ts), in dB per 100 ms.
 * Interruptions change by 20 in the median, backchannels by 15. What changes less has mostly ended in the time that it is given,
 * where it is a hum or a cough with a voice (bench/barge-in; measured at the ear by bench/heard).
 */
const MOVEMENTS = [
  { leastDb: 18, laterMs: -60 },
  { leastDb: 15, laterMs: -30 },
  { leastDb: -Infinity, laterMs: 100 },
] as const;

type Overlap = Extract<CallerState, { kind: 'speaking' | 'pausing' }>;

/** How the reply under way is to be played now that something has happened. To follow each event. */
export function yieldFloor(state: TurnState, { bargeIn }: TurnSettings): Step {
  const { caller, agent } = state;
  if (agent.kind !== 'speaking' || state.leaving) return { state, commands: [] };
  if (caller.kind === 'speaking' && voicedMs(state, caller.voiceStartedAt) >= bargeIn.stopAfterMs) {
    return stopAgent({ ...state, caller: { ...caller, transcript: { ...caller.transcript, bargedIn: true } } });
  }
  const delivery = deliveryUnder(state, agent.delivery, bargeIn);
  if (delivery === agent.delivery) return { state, commands: [] };
  return {
    state: { ...state, caller: withSuspension(caller, delivery, state), agent: { ...agent, delivery } },
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

function deliveryUnder(state: TurnState, before: Delivery, bargeIn: BargeInSettings): Delivery {
  const { caller } = state;
  switch (caller.kind) {
    case 'speaking':
      return deliveryUnderVoice(state, caller, before, bargeIn);
    case 'pausing': {
      const inPause = deliveryInPause(state, caller, before, bargeIn);
      return inPause === 'full' && mayBegin(state) ? 'lowered' : inPause;
    }
    case 'silent':
    case 'absent':
      return mayBegin(state) ? 'lowered' : 'full';
  }
}

/** Whether a voice may be beginning; what is no voice after a while is none. */
function mayBegin({ voiceMayBeginSince, reachedTimestamp }: TurnState): boolean {
  if (voiceMayBeginSince === undefined) return false;
  return reachedTimestamp - voiceMayBeginSince <= LONGEST_ONSET_MS * TICKS_PER_MS;
}

function deliveryUnderVoice(
  state: TurnState,
  caller: Extract<CallerState, { kind: 'speaking' }>,
  before: Delivery,
  bargeIn: BargeInSettings,
): Delivery {
  const { voiceStartedAt, transcript, suspendedAt, movementDb } = caller;
  const mayBeOver = mayHaveEnded(state, caller, bargeIn);
  if (before === 'suspended') {
    const holeTicks = state.reachedTimestamp - (suspendedAt ?? voiceStartedAt);
    return mayBeOver && holeTicks <= UNNOTICED_HOLE_MS * TICKS_PER_MS ? 'lowered' : 'suspended';
  }
  if (mayBeOver) return 'lowered';
  // "No, … that is": what was heard before a short break counts too.
  const heardMs = transcript.voicedTicks / TICKS_PER_MS + voicedMs(state, voiceStartedAt);
  const isLong = heardMs >= suspendAfterMs(movementDb, bargeIn);
  return isLong || saysSomething(caller, bargeIn) ? 'suspended' : 'lowered';
}

function suspendAfterMs(movementDb: number | undefined, bargeIn: BargeInSettings): number {
  const movement = movementDb === undefined ? undefined : MOVEMENTS.find(({ leastDb }) => movementDb >= leastDb);
  return bargeIn.suspendAfterMs + (movement?.laterMs ?? 0);
}

/** When a voice first suspends the reply. */
function withSuspension(caller: CallerState, delivery: Delivery, { reachedTimestamp }: TurnState): CallerState {
  if (caller.kind !== 'speaking' || delivery !== 'suspended') return caller;
  return { ...caller, suspendedAt: caller.suspendedAt ?? reachedTimestamp };
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

/**
 * A sound has ended, and may have been words, or words may still come of it. One word that may be revised is too often what a
 * recogniser makes of a brief sound to break the reply for it; that goes on softly until the final is there.
 */
function deliveryInPause(
  { reachedTimestamp }: TurnState,
  caller: Extract<CallerState, { kind: 'pausing' }>,
  before: Delivery,
  bargeIn: BargeInSettings,
): Delivery {
  const { voiceEndedAt, transcript } = caller;
  if (reachedTimestamp - voiceEndedAt >= bargeIn.resumeAfterMs * TICKS_PER_MS) return 'full';
  const isBrief = transcript.voicedTicks <= bargeIn.briefMs * TICKS_PER_MS;
  if (saysSomething(caller, bargeIn)) return isBrief ? 'lowered' : 'suspended';
  const isUnknown = transcriptText(transcript) === '';
  return before === 'suspended' && !isBrief && isUnknown ? 'suspended' : 'full';
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
