// What to do in a pause of the caller: ask for the final, prepare a reply, end the turn.
// Deciding costs nothing while a draft on the current words is still being prepared, so it waits:
// the turn is ended at max(the policy is satisfied, the draft is ready).

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { after, answer, commitDraft, discardDraft, say, startDraft } from './agent.ts';
import { adoptAnticipated, isExpected } from './anticipation.ts';
import { isListeningAlong } from './barge-in.ts';
import { answersTurn, fits } from './draft-fit.ts';
import type { TurnSoFar } from './endpointing.ts';
import type { CallerTurn, TurnCommand } from './events.ts';
import { UNINTELLIGIBLE } from './history.ts';
import { type KeyPress, withoutKeys } from './keys.ts';
import type { TurnSettings } from './settings.ts';
import { LONGEST_ONSET_MS, joinWords, transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

type Pausing = Extract<CallerState, { kind: 'pausing' }>;

/** The transcript covers a pause that begins this much later: the VAD rounds up to its windows of 32 ms. */
const COVER_SLACK_MS = 20;
/** Unless more is told within so long: recognisers that tell word by word may lack the last one. */
const MORE_WORDS_MS = 40;
/** The longest wait for a recogniser that lags behind: what it tells later is about the past. */
const LONGEST_LAG_MS = 5000;

export function considerPause(state: TurnState, nowMs: number, settings: TurnSettings): Step {
  const { caller } = state;
  if (caller.kind !== 'pausing') return { state, commands: [] };
  const text = transcriptText(caller.transcript);
  const { silenceMs, neededMs } = silenceAfter(state, caller, nowMs, settings);
  const decidableAtMs = silenceMs >= neededMs ? (caller.decidableAtMs ?? nowMs) : undefined;
  const paused: Pausing = { ...caller, decidableAtMs };

  const asked = askForFinal({ ...state, caller: paused }, paused, nowMs, settings);
  const drafted = after(asked, (next) =>
    silenceMs >= neededMs - settings.drafts.leadMs && !isListeningAlong(next, caller.transcript, settings)
      ? draftReply(next, { text, nowMs, dueInMs: Math.max(0, neededMs - silenceMs) }, settings)
      : { state: next, commands: [] },
  );
  return after(drafted, (next) => endTurn(next, nowMs, settings));
}

/** How long the caller has done nothing, and how long they must have for the turn to be complete. */
function silenceAfter(
  state: TurnState,
  caller: Pausing,
  nowMs: number,
  settings: TurnSettings,
): { readonly silenceMs: number; readonly neededMs: number } {
  const { endpointing, dtmf } = settings;
  const key = lastKey(caller);
  if (key !== undefined) {
    return { silenceMs: nowMs - key.pressedAtMs, neededMs: key.key === dtmf.endsWith ? 0 : dtmf.interDigitMs };
  }
  const silenceMs = (state.reachedTimestamp - caller.voiceEndedAt) / TICKS_PER_MS;
  return { silenceMs, neededMs: endpointing(turnSoFar(state, caller, settings)) };
}

/** The last key, where no voice came after it. */
function lastKey({ transcript, voiceEndedAt }: Pausing): KeyPress | undefined {
  const last = transcript.keys.at(-1);
  return last !== undefined && last.timestamp >= voiceEndedAt ? last : undefined;
}

/** Keys without a voice: there is nothing to recognise. */
function isVoiceless({ keys, voicedTicks, interim }: Transcript): boolean {
  return keys.length > 0 && voicedTicks === 0 && interim === '';
}

function turnSoFar(state: TurnState, caller: Pausing, settings: TurnSettings): TurnSoFar {
  const { history, innerPausesMs } = state;
  const { coveredUntil, rejected, settled, interim } = caller.transcript;
  const last = history.at(-1);
  return {
    text: withoutKeys(joinWords(settled, interim)),
    rejected,
    uncoveredMs: (caller.voiceEndedAt - coveredUntil) / TICKS_PER_MS,
    agentSaid: last?.role === 'assistant' ? last.text : undefined,
    innerPausesMs,
    soundComplete: caller.soundComplete,
    expected: isExpected(state, transcriptText(caller.transcript), settings),
  };
}

/** Once a pause: at its beginning, or when the turn could be ended, as the recogniser takes it. */
function askForFinal(state: TurnState, caller: Pausing, nowMs: number, { finalAtPause }: TurnSettings): Step {
  const isDue = finalAtPause || caller.decidableAtMs !== undefined;
  if (!isDue || caller.finalAskedAtMs !== undefined) return { state, commands: [] };
  if (isVoiceless(caller.transcript)) {
    return { state: { ...state, caller: { ...caller, finalAskedAtMs: nowMs } }, commands: [] };
  }
  return {
    state: {
      ...state,
      caller: { ...caller, finalAskedAtMs: nowMs },
      pendingFinalizes: state.pendingFinalizes + 1,
    },
    commands: [{ type: 'finalizeTranscript' }],
  };
}

/** Only on words that cover the pause: text that is merely stable for a moment wastes calls. What was foreseen costs none. */
function draftReply(
  state: TurnState,
  { text, nowMs, dueInMs }: { readonly text: string; readonly nowMs: number; readonly dueInMs: number },
  settings: TurnSettings,
): Step {
  const { policy, perTurn } = settings.drafts;
  const { caller, agent } = state;
  const hasBudget = state.draftCount < perTurn && nowMs >= state.noDraftBeforeMs;
  const mayDraft = policy !== 'off' && agent.kind === 'idle' && !state.deaf;
  if (!mayDraft || caller.kind !== 'pausing' || text === '') return { state, commands: [] };
  const covers = coversPause(caller, state.reachedTimestamp) || isVoiceless(caller.transcript);
  if (!covers || caller.transcript.rejected) return { state, commands: [] };
  const adopted = adoptAnticipated(state, text, settings);
  return adopted ?? (hasBudget ? startDraft(state, text, dueInMs) : { state, commands: [] });
}

function coversPause({ transcript, voiceEndedAt }: Pausing, reachedTimestamp: number): boolean {
  const { coveredUntil, toldAt } = transcript;
  const lackingMs = (voiceEndedAt - coveredUntil) / TICKS_PER_MS;
  const unchangedMs = (reachedTimestamp - toldAt) / TICKS_PER_MS;
  return lackingMs <= 0 || (lackingMs <= COVER_SLACK_MS && unchangedMs >= MORE_WORDS_MS);
}

/** Ends the turn once nothing is gained by waiting. */
function endTurn(state: TurnState, nowMs: number, settings: TurnSettings): Step {
  const { caller, agent } = state;
  if (caller.kind !== 'pausing' || caller.decidableAtMs === undefined || caller.finalAskedAtMs === undefined) {
    return { state, commands: [] };
  }
  if (state.voiceMayBeginSince !== undefined && nowMs - caller.decidableAtMs < LONGEST_ONSET_MS)
    return { state, commands: [] };
  const waitedMs = nowMs - caller.finalAskedAtMs;
  if (state.pendingFinalizes > 0 && !isOverdue(state, caller, waitedMs, settings)) return { state, commands: [] };
  const isPrepared = agent.kind === 'drafting' && !agent.ready && nowMs - caller.decidableAtMs < settings.drafts.waitMs;
  if (isPrepared && fits(agent, transcriptText(caller.transcript), settings)) return { state, commands: [] };
  return complete(state, caller, caller.decidableAtMs, nowMs, settings);
}

/**
 * The final is given up: for the deadline, neither it came nor words on the way to it. A recogniser that lags behind (a busy
 * machine) still tells some; and without any words there is nothing yet that could be answered.
 */
function isOverdue(state: TurnState, caller: Pausing, waitedMs: number, settings: TurnSettings): boolean {
  const { finalDeadlineMs } = settings;
  if (waitedMs < finalDeadlineMs) return false;
  if (waitedMs >= LONGEST_LAG_MS || state.deaf) return true;
  const { transcript, voiceEndedAt } = caller;
  const isWordless = transcriptText(transcript) === '' && hasSpeech(transcript, settings);
  const isBehind = transcript.coveredUntil < voiceEndedAt - COVER_SLACK_MS * TICKS_PER_MS;
  const untoldMs = (state.reachedTimestamp - transcript.toldAt) / TICKS_PER_MS;
  return !(isWordless && state.agent.kind === 'idle') && !(isBehind && untoldMs < finalDeadlineMs);
}

/** The turn is over: answered where something was said, forgotten where it was noise. */
function complete(
  before: TurnState,
  caller: Pausing,
  decidedAtMs: number,
  nowMs: number,
  settings: TurnSettings,
): Step {
  const { transcript } = caller;
  const state: TurnState = {
    ...before,
    caller: { kind: 'silent' },
    draftCount: 0,
    abandonedFinalizes: before.abandonedFinalizes + before.pendingFinalizes,
    pendingFinalizes: 0,
    unconfirmed: undefined,
  };
  const text = completeText(transcript, settings);
  const shown: TurnCommand = { type: 'callerWords', text: transcriptText(transcript), complete: true };
  const isNoise = text === UNINTELLIGIBLE || (transcript.voicedTicks === 0 && transcript.keys.length === 0);
  const isSpokenOver = state.agent.kind === 'speaking' && state.agent.delivery !== 'suspended';
  if (text === '' || (isNoise && isSpokenOver) || isListeningAlong(state, transcript, settings)) {
    const isHeedless = text === '' && state.deaf && hasSpeech(transcript, settings);
    const quiet = after({ state, commands: [shown] }, discardDraft);
    return isHeedless ? after(quiet, (next) => apologise(next, settings)) : quiet;
  }
  const isUnconfirmed = before.pendingFinalizes > 0;
  const turn: CallerTurn = {
    number: state.turnCount + 1,
    ...(isUnconfirmed && { unconfirmed: true }),
    ...(lastKey(caller) === undefined
      ? { source: 'voice', endTimestamp: caller.voiceEndedAt }
      : { source: 'dtmf', endTimestamp: undefined }),
    text,
    decidedAtMs,
    committedAtMs: nowMs,
  };
  const counted: TurnState = {
    ...state,
    turnCount: turn.number,
    answeredUntil: caller.voiceEndedAt,
    unconfirmed: isUnconfirmed ? { turn, transcript, draft: undefined } : undefined,
  };
  return after({ state: counted, commands: [{ ...shown, text }] }, (next) => answerTurn(next, turn, settings));
}

function answerTurn(state: TurnState, turn: CallerTurn, settings: TurnSettings): Step {
  const adopted = adoptAnticipated(state, turn.text, settings)?.state ?? state;
  const { agent, unconfirmed } = adopted;
  if (agent.kind !== 'drafting' || !answersTurn(agent, turn.text, settings)) return answer(state, turn);
  return commitDraft({ ...adopted, unconfirmed: unconfirmed && { ...unconfirmed, draft: agent } }, turn);
}

/** The caller spoke to a recogniser that is away: better a word of regret than silence. */
function apologise(state: TurnState, { apology }: TurnSettings): Step {
  if (state.agent.kind !== 'idle') return { state, commands: [] };
  return say(state, 'apology', { type: 'text', text: apology });
}

function completeText(transcript: Transcript, settings: TurnSettings): string {
  const text = transcriptText(transcript);
  if (text !== '' || !(transcript.rejected || transcript.bargedIn)) return text;
  return hasSpeech(transcript, settings) ? UNINTELLIGIBLE : '';
}

function hasSpeech({ voicedTicks }: Transcript, { unintelligibleVoicedMs }: TurnSettings): boolean {
  return voicedTicks >= unintelligibleVoicedMs * TICKS_PER_MS;
}
