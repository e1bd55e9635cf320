// The first account of a turn: from the arrival of the caller's last voiced audio at the agent to the first audible
// packet sent. A part of what the caller hears, not glass-to-glass: uplink, downlink and both devices are not in it.

/** Instants of one turn on the monotonic clock, in the order in which they cause each other. */
export interface TurnMarks {
  /** The packet that holds the end of the caller's speech arrived. */
  readonly speechEndArrivedAtMs: number;
  /** The endpointing policy was satisfied; the final transcript was asked for. */
  readonly decidedAtMs: number;
  /** The transcript was complete; the model was asked. */
  readonly committedAtMs: number;
  /** Where the answer was prepared before the turn was decided: when the model was asked, and when it was decided. */
  readonly draft: { readonly startedAtMs: number; readonly releasedAtMs: number } | undefined;
  /** The first speakable chunk of the reply existed. */
  readonly firstChunkAtMs: number;
  /** The first audio of the reply existed. */
  readonly firstAudioAtMs: number;
  /** The first packet with audible audio was handed to the transport. */
  readonly audibleSentAtMs: number;
}

export type SpanName = 'decision' | 'recognition' | 'generation' | 'synthesis' | 'playout queue';

export interface Span {
  readonly name: SpanName;
  readonly ms: number;
}

export interface ResponseAccount {
  /** From the arrival of the last voiced audio to the first audible packet; the sum of the spans. */
  readonly responseMs: number;
  readonly spans: readonly Span[];
}

/** Contiguous spans; an instant that lies before its cause (work that was done ahead) makes a span of zero length. */
export function responseAccount(marks: TurnMarks): ResponseAccount {
  const { draft } = marks;
  const ends: readonly (readonly [SpanName, number])[] =
    draft === undefined
      ? [
          ['decision', marks.decidedAtMs],
          ['recognition', marks.committedAtMs],
          ['generation', marks.firstChunkAtMs],
          ['synthesis', marks.firstAudioAtMs],
          ['playout queue', marks.audibleSentAtMs],
        ]
      : [
          ['recognition', draft.startedAtMs],
          ['generation', Math.min(marks.firstChunkAtMs, draft.releasedAtMs)],
          ['synthesis', Math.min(marks.firstAudioAtMs, draft.releasedAtMs)],
          ['decision', draft.releasedAtMs],
          ['generation', marks.firstChunkAtMs],
          ['synthesis', marks.firstAudioAtMs],
          ['playout queue', marks.audibleSentAtMs],
        ];
  let reachedAtMs = marks.speechEndArrivedAtMs;
  const spans = ends.map(([name, endAtMs]): Span => {
    const ms = Math.max(0, endAtMs - reachedAtMs);
    reachedAtMs += ms;
    return { name, ms };
  });
  return {
    responseMs: reachedAtMs - marks.speechEndArrivedAtMs,
    spans: draft === undefined ? spans : spans.filter(({ ms }) => ms > 0),
  };
}
