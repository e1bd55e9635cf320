// Where a reply that was heard comes from: which request wrote it, and what was still at work on it when it was stopped.

import type { ObservedConversation, ObservedReply } from './conversation.ts';
import type { ModelCall } from './model.ts';
import { squashed } from './words.ts';

/** The requests that may have written the reply, oldest first: they began before it was heard, and it is how their text begins. */
export function writersOf(
  { audibleAtMs = -Infinity, writtenText }: ObservedReply,
  calls: readonly ModelCall[],
): ModelCall[] {
  const written = squashed(writtenText);
  return calls.filter(({ startedAtMs, text }) => startedAtMs < audibleAtMs && squashed(text).startsWith(written));
}

/** Whether the reply was there before the caller began to speak: it answers what they were expected to say. */
export function wasAnticipated(reply: ObservedReply, turnStartAtMs: number, calls: readonly ModelCall[]): boolean {
  const writer = writersOf(reply, calls).at(-1);
  return writer !== undefined && writer.startedAtMs < turnStartAtMs;
}

/**
 * From the decision to stop a reply until its request and its voice were closed; undefined where both had ended before,
 * infinite where one never did.
 */
export function cancelledMs(reply: ObservedReply, { calls, voice }: ObservedConversation): number | undefined {
  const { overAtMs, writtenText } = reply;
  if (overAtMs === undefined) return undefined;
  const contexts = voice.contexts.filter(({ text }) => text !== '' && squashed(writtenText).includes(squashed(text)));
  const upstream = [
    ...writersOf(reply, calls).map(({ startedAtMs, endedAtMs = Infinity }) => ({ startedAtMs, endedAtMs })),
    ...contexts.map(({ openedAtMs, closedAtMs = Infinity }) => ({ startedAtMs: openedAtMs, endedAtMs: closedAtMs })),
  ];
  const running = upstream.filter(({ startedAtMs, endedAtMs }) => startedAtMs < overAtMs && endedAtMs >= overAtMs);
  return running.length === 0 ? undefined : Math.max(...running.map(({ endedAtMs }) => endedAtMs - overAtMs));
}
