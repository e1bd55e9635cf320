// The caller's half of the turn engine: voice, words, and the decision that a turn is complete.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { answer, say, stopAgent } from './agent.ts';
import type { CallerTurn, TurnCommand } from './events.ts';
import { UNINTELLIGIBLE } from './history.ts';
import type { TurnSettings } from './settings.ts';
import { emptyTranscript, joinWords, transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

type Words = { readonly text: string; readonly endTimestamp: number };
type FinalWords = Words & { readonly rejected: boolean; readonly answersFinalize: boolean };
type Finalizing = Extract<CallerState, { kind: 'finalizing' }>;

export function callerLinked(state: TurnState, { greeting }: TurnSettings): Step {
  const linked: TurnState = { ...state, caller: { kind: 'silent' } };
  const greets = greeting !== undefined && state.agent.kind === 'idle';
  return greets ? say(linked, 'greeting', greeting) : { state: linked, commands: [] };
}

/** The caller takes, or keeps, the floor. A reply that is not audible yet is taken back at once. */
export function voiceStarted(state: TurnState, timestamp: number): Step {
  const { caller, agent } = state;
  if (caller.kind === 'absent' || caller.kind === 'speaking') return { state, commands: [] };
  const transcript = caller.kind === 'silent' ? emptyTranscript : caller.transcript;
  const speaking: TurnState = { ...state, caller: { kind: 'speaking', voiceStartedAt: timestamp, transcript } };
  const resumes = agent.kind === 'preparing' && agent.reply.turn?.source === 'voice';
  return resumes ? stopAgent(speaking, { callerResumed: true }) : { state: speaking, commands: [] };
}

export function voiceEnded(state: TurnState, timestamp: number): Step {
  const { caller } = state;
  if (caller.kind !== 'speaking') return { state, commands: [] };
  const voicedTicks = caller.transcript.voicedTicks + Math.max(0, timestamp - caller.voiceStartedAt);
  const transcript = { ...caller.transcript, voicedTicks };
  return { state: { ...state, caller: { kind: 'pausing', voiceEndedAt: timestamp, transcript } }, commands: [] };
}

/** Audio time went on: enough voice for a barge-in, enough silence for the end of the turn, or the deadline of the final. */
export function ticked(state: TurnState, timestamp: number, nowMs: number, settings: TurnSettings): Step {
  const { caller, agent } = state;
  switch (caller.kind) {
    case 'absent':
    case 'silent':
      return { state, commands: [] };
    case 'speaking': {
      const voicedMs = (timestamp - caller.voiceStartedAt) / TICKS_PER_MS;
      const bargesIn = agent.kind === 'speaking' && voicedMs >= settings.bargeInVoicedMs;
      if (!bargesIn) return { state, commands: [] };
      const transcript = { ...caller.transcript, bargedIn: true };
      return stopAgent({ ...state, caller: { ...caller, transcript } });
    }
    case 'pausing': {
      const { transcript, voiceEndedAt } = caller;
      const silenceMs = (timestamp - voiceEndedAt) / TICKS_PER_MS;
      const text = transcriptText(transcript);
      if (silenceMs < settings.endpointing({ text, rejected: transcript.rejected })) return { state, commands: [] };
      return {
        state: {
          ...state,
          caller: { kind: 'finalizing', voiceEndedAt, transcript, decidedAtMs: nowMs },
          pendingFinalizes: state.pendingFinalizes + 1,
        },
        commands: [{ type: 'finalizeTranscript' }],
      };
    }
    case 'finalizing':
      return nowMs - caller.decidedAtMs >= settings.finalDeadlineMs
        ? complete(abandonFinals(state), caller, nowMs, settings)
        : { state, commands: [] };
  }
}

export function interimReceived(state: TurnState, { text, endTimestamp }: Words): Step {
  const caller = withTranscript(state.caller, endTimestamp, (transcript) => ({ ...transcript, interim: text }), text);
  return heard({ ...state, caller }, text);
}

export function finalReceived(state: TurnState, final: FinalWords, nowMs: number, settings: TurnSettings): Step {
  if (final.answersFinalize && state.abandonedFinalizes > 0) {
    return { state: { ...state, abandonedFinalizes: state.abandonedFinalizes - 1 }, commands: [] };
  }
  const pendingFinalizes = Math.max(0, state.pendingFinalizes - (final.answersFinalize ? 1 : 0));
  const caller = withTranscript(
    state.caller,
    final.endTimestamp,
    (transcript) => settle(transcript, final),
    final.text,
  );
  const settled: TurnState = { ...state, caller, pendingFinalizes };
  if (caller.kind === 'finalizing' && pendingFinalizes === 0) return complete(settled, caller, nowMs, settings);
  return heard(settled, final.text);
}

/** Typed words are a turn of their own, complete at once. */
export function textReceived(state: TurnState, text: string, nowMs: number): Step {
  const words = text.trim();
  if (words === '') return { state, commands: [] };
  const turn: CallerTurn = {
    number: state.turnCount + 1,
    source: 'text',
    text: words,
    endTimestamp: undefined,
    decidedAtMs: nowMs,
    committedAtMs: nowMs,
  };
  return answer({ ...state, turnCount: turn.number }, turn);
}

/** New words: shown, and with a voice behind them evidence enough to interrupt a reply. Recognisers hear words in noise. */
function heard(state: TurnState, text: string): Step {
  const { caller, agent } = state;
  if (text.trim() === '' || caller.kind === 'absent' || caller.kind === 'silent') return { state, commands: [] };
  const shown: TurnCommand = { type: 'callerWords', text: transcriptText(caller.transcript), complete: false };
  const isVoiced = caller.kind === 'speaking' || caller.transcript.voicedTicks > 0;
  if (agent.kind !== 'speaking' || !isVoiced) return { state, commands: [shown] };
  const stopped = stopAgent(state);
  return { state: stopped.state, commands: [shown, ...stopped.commands] };
}

/** The turn is over: answered where something was said, forgotten where it was noise. */
function complete(state: TurnState, caller: Finalizing, nowMs: number, settings: TurnSettings): Step {
  const silent: TurnState = { ...state, caller: { kind: 'silent' } };
  const text = completeText(caller.transcript, settings);
  if (text === '' && state.deaf && hasSpeech(caller.transcript, settings)) return apologise(silent, settings);
  const isNoise = text === UNINTELLIGIBLE || caller.transcript.voicedTicks === 0;
  if (text === '' || (isNoise && state.agent.kind === 'speaking')) {
    return {
      state: silent,
      commands: [{ type: 'callerWords', text: transcriptText(caller.transcript), complete: true }],
    };
  }
  const turn: CallerTurn = {
    number: state.turnCount + 1,
    source: 'voice',
    text,
    endTimestamp: caller.voiceEndedAt,
    decidedAtMs: caller.decidedAtMs,
    committedAtMs: nowMs,
  };
  const answered = answer({ ...silent, turnCount: turn.number }, turn);
  return { state: answered.state, commands: [{ type: 'callerWords', text, complete: true }, ...answered.commands] };
}

/** The caller spoke to a recogniser that is away: better a word of regret than silence. */
function apologise(state: TurnState, settings: TurnSettings): Step {
  const over: TurnCommand = { type: 'callerWords', text: '', complete: true };
  if (state.agent.kind !== 'idle') return { state, commands: [over] };
  const { state: next, commands } = say(state, 'apology', { type: 'text', text: settings.apology });
  return { state: next, commands: [over, ...commands] };
}

function completeText(transcript: Transcript, settings: TurnSettings): string {
  const text = transcriptText(transcript);
  if (text !== '' || !(transcript.rejected || transcript.bargedIn)) return text;
  return hasSpeech(transcript, settings) ? UNINTELLIGIBLE : '';
}

function hasSpeech({ voicedTicks }: Transcript, { unintelligibleVoicedMs }: TurnSettings): boolean {
  return voicedTicks >= unintelligibleVoicedMs * TICKS_PER_MS;
}

function settle(transcript: Transcript, { text, rejected }: FinalWords): Transcript {
  return {
    ...transcript,
    settled: joinWords(transcript.settled, text),
    interim: '',
    rejected: transcript.rejected || rejected,
  };
}

/** Changes the transcript of the turn under way. Words that come without any voice (too soft for the VAD) begin a turn. */
function withTranscript(
  caller: CallerState,
  endTimestamp: number,
  change: (transcript: Transcript) => Transcript,
  text: string,
): CallerState {
  switch (caller.kind) {
    case 'absent':
      return caller;
    case 'silent':
      if (text.trim() === '') return caller;
      return { kind: 'pausing', voiceEndedAt: endTimestamp, transcript: change(emptyTranscript) };
    case 'speaking':
    case 'pausing':
    case 'finalizing':
      return { ...caller, transcript: change(caller.transcript) };
  }
}

function abandonFinals(state: TurnState): TurnState {
  return {
    ...state,
    abandonedFinalizes: state.abandonedFinalizes + state.pendingFinalizes,
    pendingFinalizes: 0,
  };
}
