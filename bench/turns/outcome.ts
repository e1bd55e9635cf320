// What came of a turn, judged from outside: by what the caller's ear heard and by what each reply said it answers.

import { NETWORK_MS } from './ear.ts';
import type { Hole } from './ear.ts';
import type { ObservedConversation, ObservedReply, ObservedTurn } from './conversation.ts';
import { cancelledMs, wasAnticipated, writersOf } from './origin.ts';
import { isSameSense } from './sense.ts';
import type { TurnClass } from './templates.ts';
import { endsRight, endsSaying, textOf, wordsOf } from './words.ts';

export interface PauseOutcome {
  readonly ms: number;
  readonly syntax: 'incomplete' | 'complete';
  /** The agent was audible before the caller had ended, or the answer is to what follows this pause alone. */
  readonly split: boolean;
}

export interface BargeInOutcome {
  /** From the first speech sample: when the reply was at least 12 dB lower for good, at the ear. */
  readonly loweredMs: number;
  /** When it was below −40 dBFS for good. */
  readonly silencedMs: number;
  /** From the decision to end the reply; undefined where model and voice had ended before. */
  readonly cancelledMs: number | undefined;
}

export interface DisturbanceOutcome {
  readonly kind: 'backchannel' | 'cough';
  /** The reply was not said to its end. */
  readonly endedReply: boolean;
  /** Longest pause that it made in the reply; 0 where none is longer than 20 ms. */
  readonly holeMs: number;
}

export interface TurnOutcome {
  readonly class: TurnClass;
  /** What was said, pauses marked; for examples. */
  readonly said: string;
  /** What the replies that were heard say they answer. */
  readonly answered: readonly string[];
  /** End of the last word → first audible sound of the answer at the ear; undefined where there was none. */
  readonly gapMs: number | undefined;
  /** Where the session says it went; without the network. */
  readonly spans: ObservedReply['spans'];
  readonly pauses: readonly PauseOutcome[];
  readonly split: boolean;
  /** The agent was audible before the caller had ended. */
  readonly cutIn: boolean;
  /** The answer covers all words: in one, or together with the answers to the parts before. */
  readonly covered: boolean;
  readonly doublyAnswered: boolean;
  /** Replies that were made for other words than the caller had said. */
  readonly wrongReplies: number;
  /** The answer had been prepared before the caller began to speak. */
  readonly anticipated: boolean;
  readonly bargeIn: BargeInOutcome | undefined;
  readonly disturbance: DisturbanceOutcome | undefined;
  /** Replies that nobody asked for: to a cough or a backchannel. */
  readonly needlessReplies: number;
  /** Holes of more than 60 ms that neither the caller nor the script had a part in. */
  readonly underruns: readonly Hole[];
  readonly replyCount: number;
  readonly apologies: number;
}

const UNDERRUN_MS = 60;
/** What happens in a reply so long after a disturbance may be its consequence: LiveKit's agents resume after 2 s. */
const AFTERMATH_MS = 3000;

export function judge(turn: ObservedTurn, conversation: ObservedConversation): TurnOutcome {
  const heard = conversation.replies.filter(
    ({ audibleAtMs = -Infinity }) => audibleAtMs > turn.startAtMs && audibleAtMs <= turn.untilMs,
  );
  const early = heard.filter((reply) => atEar(reply) <= turn.endAtMs);
  const late = heard.filter((reply) => atEar(reply) > turn.endAtMs);
  const wanted = late.filter((reply) => !isAfterDisturbance(reply, turn));
  const answer = wanted[0];
  const words = wordsOf(turn.scripted);
  const transcript = answer?.transcript ?? '';
  const whole = endsSaying(transcript, words);
  const parts = [...early, ...(answer === undefined ? [] : [answer])].map((reply) => reply.transcript).join(' ');
  return {
    class: turn.scripted.class,
    said: describe(turn),
    answered: heard.map((reply) => reply.transcript),
    gapMs: answer === undefined ? undefined : atEar(answer) - turn.endAtMs,
    spans: answer?.spans ?? [],
    pauses: pauseOutcomes(turn, early, whole ? undefined : transcript),
    cutIn: early.length > 0,
    split: early.length > 0 || (answer !== undefined && !whole),
    covered: answer !== undefined && (whole || endsSaying(parts, words)),
    doublyAnswered: wanted.length > 1,
    wrongReplies: heard.filter((reply) => isWrong(reply, turn, conversation)).length,
    anticipated: answer !== undefined && wasAnticipated(answer, turn.startAtMs, conversation.calls),
    bargeIn: bargeInOutcome(turn, heard[0], conversation),
    disturbance: disturbanceOutcome(turn, answer, conversation),
    needlessReplies: late.length - wanted.length,
    underruns: underruns(turn, late, conversation),
    replyCount: heard.length,
    apologies: heard.filter(({ kind }) => kind === 'apology').length,
  };
}

function atEar({ audibleAtMs = Infinity }: ObservedReply): number {
  return audibleAtMs + NETWORK_MS;
}

/**
 * No request that can have written the reply asked for what the caller had said, or for other words of the same sense: for all
 * of it, or for what followed a pause. A disturbance is answered to its own words.
 */
function isWrong(reply: ObservedReply, turn: ObservedTurn, { calls }: ObservedConversation): boolean {
  if (reply.kind !== 'reply' || isAfterDisturbance(reply, turn)) return false;
  const words = wordsOf(turn.scripted);
  const heardAtMs = atEar(reply);
  const paused = turn.pauses
    .filter(({ startAtMs }) => startAtMs < heardAtMs)
    .map(({ wordsBefore }) => wordsBefore.length);
  const ends = heardAtMs > turn.endAtMs ? [words.length] : paused;
  const said = ends.flatMap((end) =>
    [0, ...paused].filter((start) => start < end).map((start) => words.slice(start, end)),
  );
  return !writersOf(reply, calls).some(({ question }) =>
    said.some((those) => endsRight(question, those) || isSameSense(question, textOf(those))),
  );
}

function isAfterDisturbance(reply: ObservedReply, { disturbance }: ObservedTurn): boolean {
  return disturbance !== undefined && atEar(reply) >= disturbance.startAtMs;
}

/** `part`: what the answer is to, where that isn't the whole. */
function pauseOutcomes(turn: ObservedTurn, early: readonly ObservedReply[], part: string | undefined): PauseOutcome[] {
  const words = wordsOf(turn.scripted);
  return turn.pauses.map(({ ms, syntax, startAtMs, wordsBefore }, index) => {
    const untilMs = turn.pauses[index + 1]?.startAtMs ?? turn.endAtMs;
    const cutIn = early.some((reply) => atEar(reply) > startAtMs && atEar(reply) <= untilMs);
    const rest = words.slice(wordsBefore.length);
    const isRestOnly =
      part !== undefined &&
      part !== '' &&
      endsSaying(part, rest) &&
      !endsSaying(part, words.slice(wordsBefore.length - 1));
    return { ms, syntax, split: cutIn || isRestOnly };
  });
}

function bargeInOutcome(
  turn: ObservedTurn,
  next: ObservedReply | undefined,
  conversation: ObservedConversation,
): BargeInOutcome | undefined {
  const { replies, ear } = conversation;
  if (!turn.interrupts) return undefined;
  const interrupted = replies.findLast(({ audibleAtMs = Infinity }) => audibleAtMs < turn.startAtMs);
  if (interrupted === undefined || isSaidToItsEnd(interrupted)) return undefined;
  const untilMs = Math.min(next === undefined ? turn.untilMs : atEar(next), turn.untilMs);
  const since = (atMs: number | undefined): number => Math.max(0, (atMs ?? turn.startAtMs) - turn.startAtMs);
  return {
    loweredMs: since(ear.lastUnloweredAtMs(turn.startAtMs, untilMs)),
    silencedMs: since(ear.lastLouderAtMs(turn.startAtMs, untilMs)),
    cancelledMs: cancelledMs(interrupted, conversation),
  };
}

function disturbanceOutcome(
  { scripted, disturbance }: ObservedTurn,
  answer: ObservedReply | undefined,
  { ear }: ObservedConversation,
): DisturbanceOutcome | undefined {
  if (scripted.disturbance === undefined || disturbance === undefined || answer === undefined) return undefined;
  const untilMs = Math.min(answer.overAtMs ?? Infinity, disturbance.endAtMs + AFTERMATH_MS);
  const holes = ear.holes(disturbance.startAtMs, untilMs + NETWORK_MS, 20);
  return {
    kind: scripted.disturbance.kind,
    endedReply: !isSaidToItsEnd(answer),
    holeMs: Math.max(0, ...holes.map(({ ms }) => ms)),
  };
}

function isSaidToItsEnd({ heardText, writtenText }: ObservedReply): boolean {
  return heardText.trim().length >= writtenText.trim().length;
}

function underruns(
  { disturbance, untilMs }: ObservedTurn,
  late: readonly ObservedReply[],
  { ear }: ObservedConversation,
): Hole[] {
  return late.flatMap((reply) => {
    const holes = ear.holes(atEar(reply), Math.min(untilMs, (reply.overAtMs ?? untilMs) + NETWORK_MS), UNDERRUN_MS);
    return holes.filter(
      ({ atMs }) =>
        disturbance === undefined || atMs < disturbance.startAtMs || atMs > disturbance.endAtMs + AFTERMATH_MS,
    );
  });
}

function describe({ scripted }: ObservedTurn): string {
  return scripted.runs
    .map(({ words, pause }) => {
      const said = words.map(({ final }) => final).join(' ');
      return pause === undefined ? said : `${said} [${pause.ms} ms, ${pause.syntax}]`;
    })
    .join(' ');
}
