// The caller's half of the turn engine: voice and words. What follows from a pause is decided in `decision.ts`.

import { after, answer, discardDraft, say, stopAgent } from './agent.ts';
import { bidsForFloor } from './barge-in.ts';
import { considerPause } from './decision.ts';
import { fits, stands } from './draft-fit.ts';
import type { CallerTurn, TurnCommand, TurnEvent } from './events.ts';
import { type History, withoutLastCaller } from './history.ts';
import { withInnerPause } from './inner-pauses.ts';
import { type KeyPress, placeKeys, wordCount } from './keys.ts';
import type { TurnSettings } from './settings.ts';
import { silenceOf } from './silence.ts';
import { joinWords, newTranscript, transcriptText } from './state.ts';
import type { CallerState, Step, Transcript, TurnState } from './state.ts';

type Words = Pick<Extract<TurnEvent, { type: 'interim' }>, 'text' | 'words' | 'endTimestamp'>;
type Tick = Extract<TurnEvent, { type: 'tick' }>;
type Judgement = Extract<TurnEvent, { type: 'soundJudged' }>;
type FinalWords = Extract<TurnEvent, { type: 'final' }>;
type Key = Extract<TurnEvent, { type: 'keyPressed' }>;

export function callerLinked(
  state: TurnState,
  { greet, onPhone }: { readonly greet: boolean; readonly onPhone: boolean },
  { greeting, silence }: TurnSettings,
): Step {
  // The audio time of whoever was here before says nothing about this caller's.
  const linked: TurnState = {
    ...state,
    caller: { kind: 'silent' },
    silence: silenceOf(silence, onPhone),
    reachedTimestamp: 0,
    voiceMayBeginSince: undefined,
  };
  const greets = greet && greeting !== undefined && state.agent.kind === 'idle';
  return greets ? say(linked, 'greeting', greeting) : { state: linked, commands: [] };
}

export function callerLeft(state: TurnState): Step {
  return stopAgent({
    ...state,
    caller: { kind: 'absent' },
    voiceMayBeginSince: undefined,
    pendingFinalizes: 0,
    abandonedFinalizes: 0,
    draftCount: 0,
    innerPausesMs: [],
    answeredUntil: 0,
    unconfirmed: undefined,
    silence: undefined,
  });
}

/** The caller takes, or keeps, the floor. A reply that was decided and is not audible yet is taken back at once. */
export function voiceStarted(state: TurnState, timestamp: number): Step {
  const { caller, agent } = state;
  if (caller.kind === 'absent' || caller.kind === 'speaking') return { state, commands: [] };
  const begun = caller.kind === 'silent' ? newTranscript(state) : caller.transcript;
  const transcript = { ...begun, voiceBeganAt: begun.voiceBeganAt ?? timestamp };
  const speaking: TurnState = {
    ...withInnerPause(state, timestamp),
    caller: {
      kind: 'speaking',
      voiceStartedAt: timestamp,
      transcript,
      doubtfulSince: undefined,
      movementDb: undefined,
      suspendedAt: undefined,
    },
    voiceMayBeginSince: undefined,
  };
  if (agent.kind !== 'preparing') return { state: speaking, commands: [] };
  if (isSpoken(agent.reply.turn)) return stopAgent(speaking, { callerResumed: true });
  // Nobody needs to be asked again who is there.
  const isForSilence = agent.reply.kind === 'reprompt' || agent.reply.kind === 'goodbye';
  return isForSilence ? stopAgent(speaking) : { state: speaking, commands: [] };
}

export function voiceEnded(state: TurnState, timestamp: number, nowMs: number, settings: TurnSettings): Step {
  const { caller } = state;
  if (caller.kind !== 'speaking') return { state, commands: [] };
  const voicedTicks = caller.transcript.voicedTicks + Math.max(0, timestamp - caller.voiceStartedAt);
  const transcript = { ...caller.transcript, voicedTicks };
  const paused: TurnState = { ...state, caller: pausing(timestamp, transcript) };
  const fromTimestamp = transcript.voiceBeganAt ?? caller.voiceStartedAt;
  const commands: TurnCommand[] = settings.judgeSound
    ? [{ type: 'judgeSound', fromTimestamp, voiceEndedAt: timestamp }]
    : [];
  return after({ state: paused, commands }, (next) => considerPause(next, nowMs, settings));
}

/** Of this pause; the caller may have gone on since it was asked for. */
export function soundJudged(
  state: TurnState,
  { voiceEndedAt, complete }: Judgement,
  nowMs: number,
  settings: TurnSettings,
): Step {
  const { caller } = state;
  if (caller.kind !== 'pausing' || caller.voiceEndedAt !== voiceEndedAt) return { state, commands: [] };
  return considerPause({ ...state, caller: { ...caller, soundComplete: complete } }, nowMs, settings);
}

/** Audio time went on: maybe there was silence enough for something to be done about it. */
export function ticked(before: TurnState, tick: Tick, nowMs: number, settings: TurnSettings): Step {
  const { timestamp, voiceDoubt } = tick;
  const noted: TurnState = {
    ...before,
    caller: withSound(before.caller, tick),
    reachedTimestamp: timestamp,
    voiceMayBeginSince: voiceDoubt === 'mayHaveBegun' ? (before.voiceMayBeginSince ?? timestamp) : undefined,
  };
  return considerPause(noted, nowMs, settings);
}

function withSound(caller: CallerState, { timestamp, voiceDoubt, voiceMovementDb: movementDb }: Tick): CallerState {
  if (caller.kind !== 'speaking') return caller;
  const doubtfulSince = voiceDoubt === 'mayHaveEnded' ? (caller.doubtfulSince ?? timestamp) : undefined;
  return { ...caller, doubtfulSince, movementDb };
}

export function interimReceived(state: TurnState, words: Words, nowMs: number, settings: TurnSettings): Step {
  if (isAnswered(state, words)) return { state, commands: [] };
  const caller = withTranscript(state, words, (transcript, voicedTicks) => ({
    ...withPlacedKeys(transcript, words, { isFinal: false, voicedTicks }),
    interim: words.text,
  }));
  return wordsReceived({ ...state, caller }, words.text, nowMs, settings);
}

export function finalReceived(state: TurnState, final: FinalWords, nowMs: number, settings: TurnSettings): Step {
  if (final.answersFinalize && state.abandonedFinalizes > 0) return lateFinal(state, final, nowMs, settings);
  const caller = withTranscript(state, final, (transcript, voicedTicks) => settle(transcript, final, voicedTicks));
  const pendingFinalizes = Math.max(0, state.pendingFinalizes - (final.answersFinalize ? 1 : 0));
  return wordsReceived({ ...state, caller, pendingFinalizes }, final.text, nowMs, settings);
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

/**
 * A key is part of the caller's turn, and a bid for the floor: whoever presses one in a menu expects it to be quiet.
 * It isn't heard: what follows it is waited for by the clock.
 */
export function keyPressed(state: TurnState, { key, timestamp }: Key, nowMs: number, settings: TurnSettings): Step {
  const { agent } = state;
  const pressed = withKey(state, { key, timestamp, pressedAtMs: nowMs });
  if (agent.kind !== 'preparing' && agent.kind !== 'speaking') return wordsReceived(pressed, key, nowMs, settings);
  const callerResumed = agent.kind === 'preparing' && isSpoken(agent.reply.turn);
  return after(stopAgent(pressed, { callerResumed }), (next) => wordsReceived(next, key, nowMs, settings));
}

function withKey(
  state: TurnState,
  { key, timestamp, pressedAtMs }: Pick<KeyPress, 'key' | 'timestamp' | 'pressedAtMs'>,
): TurnState {
  const caller = state.caller.kind === 'silent' ? pausing(timestamp, newTranscript(state)) : state.caller;
  if (caller.kind !== 'speaking' && caller.kind !== 'pausing') return state;
  const { transcript } = caller;
  const press: KeyPress = {
    key,
    timestamp,
    pressedAtMs,
    voicedTicks: voicedTicksOf(caller, state.reachedTimestamp),
    wordCount: wordCount(joinWords(transcript.settled, transcript.interim)),
    isPlaced: false,
  };
  return { ...state, caller: { ...caller, transcript: { ...transcript, keys: [...transcript.keys, press] } } };
}

function wordsReceived(state: TurnState, text: string, nowMs: number, settings: TurnSettings): Step {
  const known = after(heard(state, text, settings), (next) => discardOutdatedDraft(next, settings));
  const considered = after(known, (next) => considerPause(next, nowMs, settings));
  return considered.commands.some(isComplete)
    ? {
        ...considered,
        commands: considered.commands.filter((command) => command.type !== 'callerWords' || command.complete),
      }
    : considered;
}

function isComplete(command: TurnCommand): boolean {
  return command.type === 'callerWords' && command.complete;
}

/** New words: shown, and maybe evidence enough to interrupt a reply. */
function heard(state: TurnState, text: string, settings: TurnSettings): Step {
  const { caller, agent } = state;
  if (text.trim() === '' || caller.kind === 'absent' || caller.kind === 'silent') return { state, commands: [] };
  const shown: TurnCommand = { type: 'callerWords', text: transcriptText(caller.transcript), complete: false };
  if (agent.kind !== 'speaking' || !bidsForFloor(state, settings)) return { state, commands: [shown] };
  return after({ state, commands: [shown] }, stopAgent);
}

/** A draft on words that have changed answers nothing: what it still costs is saved. */
function discardOutdatedDraft(state: TurnState, settings: TurnSettings): Step {
  const { caller, agent } = state;
  const knowsWords = caller.kind === 'speaking' || caller.kind === 'pausing';
  if (agent.kind !== 'drafting' || !knowsWords) return { state, commands: [] };
  return fits(agent, transcriptText(caller.transcript), settings) ? { state, commands: [] } : discardDraft(state);
}

/**
 * The final of a turn that was answered on its interim. Where its reply is none to what it says: nothing heard yet, the
 * right words are answered instead; something heard, the reply stops and the right words are answered after it.
 * Words that no turn had are new ones.
 */
function lateFinal(before: TurnState, final: FinalWords, nowMs: number, settings: TurnSettings): Step {
  const { unconfirmed } = before;
  const abandonedFinalizes = before.abandonedFinalizes - 1;
  const state: TurnState = { ...before, abandonedFinalizes, unconfirmed: undefined };
  const startTimestamp = final.words?.[0]?.startTimestamp;
  if (unconfirmed === undefined && startTimestamp !== undefined && startTimestamp >= before.answeredUntil) {
    return finalReceived(state, { ...final, answersFinalize: false }, nowMs, settings);
  }
  const { agent, caller } = state;
  const concernsReply =
    unconfirmed !== undefined &&
    caller.kind === 'silent' &&
    (agent.kind === 'preparing' || agent.kind === 'speaking') &&
    agent.reply.turn?.number === unconfirmed.turn.number;
  if (!concernsReply || final.text.trim() === '') return { state, commands: [] };
  const transcript = settle(unconfirmed.transcript, final, unconfirmed.transcript.voicedTicks);
  const { unconfirmed: _, ...turn } = unconfirmed.turn;
  const corrected = { ...turn, text: transcriptText(transcript) };
  if (stands(unconfirmed, corrected.text, settings)) return { state: saidAs(corrected.text, state), commands: [] };
  const unheard = agent.kind === 'preparing';
  const history = unheard ? withoutLastCaller(state.history) : state.history;
  return stopAgent({ ...state, history }, { next: corrected, atWordEnd: true });
}

/** Words of a turn that was answered without its final. That one will tell them all. */
function isAnswered({ abandonedFinalizes, answeredUntil }: TurnState, { words, endTimestamp }: Words): boolean {
  return abandonedFinalizes > 0 && (words?.at(-1)?.startTimestamp ?? endTimestamp) < answeredUntil;
}

/** The caller's last message, in the words of its final. */
function saidAs(text: string, state: TurnState): TurnState {
  const { history, anticipation } = state;
  const last = history.findLast(({ role }) => role !== 'tool');
  if (last?.role !== 'user') return state;
  const revised = (messages: History): History =>
    messages.map((message) => (message === last ? { role: 'user', text } : message));
  return {
    ...state,
    history: revised(history),
    // What is foreseen of it goes on to be so.
    anticipation:
      anticipation.kind === 'none' ? anticipation : { ...anticipation, messages: revised(anticipation.messages) },
  };
}

function pausing(voiceEndedAt: number, transcript: Transcript): CallerState {
  return {
    kind: 'pausing',
    voiceEndedAt,
    transcript,
    finalAskedAtMs: undefined,
    decidableAtMs: undefined,
    soundComplete: undefined,
  };
}

function settle(transcript: Transcript, final: FinalWords, voicedTicks: number): Transcript {
  return {
    ...withPlacedKeys(transcript, final, { isFinal: true, voicedTicks }),
    settled: joinWords(transcript.settled, final.text),
    interim: '',
    rejected: transcript.rejected || final.rejected,
  };
}

function withPlacedKeys(
  transcript: Transcript,
  { text, words, endTimestamp }: Words,
  { isFinal, voicedTicks }: { readonly isFinal: boolean; readonly voicedTicks: number },
): Transcript {
  if (transcript.keys.length === 0) return transcript;
  const countBefore = wordCount(transcript.settled);
  const keys = placeKeys(transcript.keys, { countBefore, text, words, endTimestamp, isFinal, voicedTicks });
  return { ...transcript, keys };
}

/** Voice of the turn so far. */
function voicedTicksOf(
  caller: Extract<CallerState, { kind: 'speaking' | 'pausing' }>,
  reachedTimestamp: number,
): number {
  const { voicedTicks } = caller.transcript;
  return caller.kind === 'pausing' ? voicedTicks : voicedTicks + Math.max(0, reachedTimestamp - caller.voiceStartedAt);
}

/** Not typed: what the caller says next may belong to it. */
function isSpoken(turn: CallerTurn | undefined): boolean {
  return turn !== undefined && turn.source !== 'text';
}

/** Changes the transcript of the turn under way. Words that come without any voice (too soft for the VAD) begin a turn. */
function withTranscript(
  state: TurnState,
  { text, endTimestamp }: Words,
  change: (transcript: Transcript, voicedTicks: number) => Transcript,
): CallerState {
  const { caller, reachedTimestamp: toldAt } = state;
  switch (caller.kind) {
    case 'absent':
      return caller;
    case 'silent':
      if (text.trim() === '') return caller;
      return pausing(endTimestamp, { ...change(newTranscript(state), 0), coveredUntil: endTimestamp, toldAt });
    case 'speaking':
    case 'pausing': {
      const { transcript } = caller;
      const coveredUntil = Math.max(transcript.coveredUntil, endTimestamp);
      const voicedTicks = voicedTicksOf(caller, state.reachedTimestamp);
      return { ...caller, transcript: { ...change(transcript, voicedTicks), coveredUntil, toldAt } };
    }
  }
}
