// What the caller waited for: from the end of their speech to the first audible sample of the answer (DESIGN 6). Pure.
// A turn is accounted from its marks alone, as often as more of them become known.

import { type BoundedInstant, durationErrorMs, seenAt, shifted } from './bounded.ts';
import { type CausedEvent, criticalPath, type HiddenWork, type Span } from './critical-path.ts';

export type SpanName =
  /** What an encoder holds back, of the caller's audio and of ours. */
  | 'codec look-ahead'
  /** From the caller's track to our socket, their packetisation included. */
  | 'uplink'
  /** Waiting for what the network reordered or lost, and decoding. */
  | 'jitter buffer'
  /** Until the words were there that the answer rests on. */
  | 'recognition'
  /** From those words to the request to the model. */
  | 'draft wait'
  /** Until there was something that can be said. */
  | 'generation'
  /** Until there was something to be heard; the leading silence of a voice counts. */
  | 'synthesis'
  /** Until the caller was taken to have finished, where all else was ready by then. */
  | 'decision'
  /** Until the packet with the first audible sample was sent. */
  | 'playout queue'
  | 'downlink'
  /** From the arrival of that packet to its playing on the caller's track: their jitter buffer. */
  | 'receiver';

/**
 * What comes out of an Opus decoder is this much later than what went into the encoder: 2.5 ms for the transform's overlap and
 * 4 ms that align its two codecs (libopus, `OPUS_GET_LOOKAHEAD`: 312 samples at 48 kHz, in every mode but restricted low
 * delay, which nobody uses for speech).
 */
export const OPUS_LOOK_AHEAD_MS = 6.5;

/** When the first audible sample was with the caller. */
export interface HeardMarks {
  /** Its packet was with the caller's receiver; absent where nobody told. */
  readonly delivered: BoundedInstant | undefined;
  /** The receiver put it onto the caller's track. */
  readonly played: BoundedInstant;
  /** The caller's page said so, or it is reckoned from what receivers do. */
  readonly basis: 'reported' | 'estimated';
}

/** Instants of one turn. What we did ourselves is known exactly. */
export interface TurnMarks {
  /** The end of speech was in the caller's track, by the timestamp of its samples; absent where clocks can't tell. */
  readonly speechEnd: BoundedInstant | undefined;
  /** The packet that holds it was here. */
  readonly speechEndArrivedAtMs: number;
  /** It was decoded. */
  readonly speechEndDecodedAtMs: number;
  /** The endpointing policy was satisfied, without regard to whether an answer was ready. */
  readonly couldDecideAtMs: number;
  /** What the policy waited for: silence that counts from the end of speech, or words that it had not yet. */
  readonly decidedBy: 'silence' | 'words';
  /** The words were there that the answer rests on. */
  readonly transcriptAtMs: number;
  /** Whether the recogniser had to be asked for them once the turn was decided, or gave them as they were spoken. */
  readonly transcribed: 'asSpoken' | 'onDecision';
  /**
   * `draft`: on the words, before the turn was decided. `anticipated`: before they were spoken. `onDecision`: only once the
   * turn was decided.
   */
  readonly prepared: 'draft' | 'anticipated' | 'onDecision';
  /** The model was asked. */
  readonly requestedAtMs: number;
  readonly firstChunkAtMs: number;
  /** The first audible PCM of the answer was there. */
  readonly readyAtMs: number;
  /** The packet with the first audible sample was sent. */
  readonly audibleSentAtMs: number;
  /** Absent where nothing is known of the caller's side. */
  readonly heard: HeardMarks | undefined;
}

export interface TurnAccount {
  /** What the caller heard as silence; undefined where either end is unknown. */
  readonly glassToGlassMs: number | undefined;
  /** How far that may be off, in 19 of 20 turns. */
  readonly errorMs: number | undefined;
  /** The part that we saw ourselves: from the arrival of the last speech to the first audible packet sent. */
  readonly responseMs: number;
  /** Whether what is at the caller's side was reported from there. Only such turns are to be compared with each other. */
  readonly basis: 'reported' | 'estimated' | 'unknown';
  /** The whole gap, or as much of it as is known: see `unknown`. Their sum is the gap. */
  readonly spans: readonly Span<SpanName>[];
  readonly unknown: readonly SpanName[];
  readonly hidden: readonly HiddenWork<SpanName>[];
  /** How much sooner the answer came than if it had been begun when the turn was decided and understood. */
  readonly savedMs: number;
}

type TurnEvent =
  | 'speechEnd'
  | 'speechEndEncoded'
  | 'speechEndArrived'
  | 'speechEndDecoded'
  | 'couldDecide'
  | 'transcript'
  | 'requested'
  | 'firstChunk'
  | 'ready'
  | 'audibleSent'
  | 'delivered'
  | 'played'
  | 'audible';

/** Undefined where the answer was audible before the caller had finished: a cut-in has no gap. */
export function turnAccount(marks: TurnMarks): TurnAccount | undefined {
  const { speechEnd, heard, speechEndArrivedAtMs, audibleSentAtMs } = marks;
  const events = eventsOf(marks);
  const beginning = speechEnd === undefined ? 'speechEndArrived' : 'speechEnd';
  const end = heard === undefined ? 'audibleSent' : 'audible';
  const from = events.get(beginning)?.at;
  const to = events.get(end)?.at;
  if (from === undefined || to === undefined || to.atMs < from.atMs) return undefined;
  const isWhole = speechEnd !== undefined && heard !== undefined;
  return {
    glassToGlassMs: isWhole ? to.atMs - from.atMs : undefined,
    errorMs: isWhole ? durationErrorMs(from, to) : undefined,
    responseMs: Math.max(0, audibleSentAtMs - speechEndArrivedAtMs),
    basis: isWhole ? heard.basis : 'unknown',
    ...criticalPath(events, beginning, end),
    unknown: [
      ...(speechEnd === undefined ? (['uplink'] as const) : []),
      ...(heard === undefined ? (['downlink', 'receiver'] as const) : []),
    ],
    savedMs: savedMs(marks),
  };
}

function eventsOf(marks: TurnMarks): ReadonlyMap<TurnEvent, CausedEvent<TurnEvent, SpanName>> {
  const { speechEnd, heard } = marks;
  const events = new Map<TurnEvent, CausedEvent<TurnEvent, SpanName>>();
  const add = (
    name: TurnEvent,
    at: BoundedInstant | number,
    ...causes: readonly (readonly [TurnEvent, SpanName])[]
  ): void => {
    events.set(name, {
      at: typeof at === 'number' ? seenAt(at) : at,
      causes: causes.map(([event, work]) => ({ event, work })),
    });
  };
  if (speechEnd !== undefined) {
    add('speechEnd', shifted(speechEnd, -OPUS_LOOK_AHEAD_MS));
    add('speechEndEncoded', speechEnd, ['speechEnd', 'codec look-ahead']);
  }
  add('speechEndArrived', marks.speechEndArrivedAtMs, ['speechEndEncoded', 'uplink']);
  add('speechEndDecoded', marks.speechEndDecodedAtMs, ['speechEndArrived', 'jitter buffer']);
  const isAskedFor = marks.transcribed === 'onDecision';
  // Words that were only asked for then can't have been what the decision waited for.
  const isDecidedByWords = marks.decidedBy === 'words' && !isAskedFor;
  add('couldDecide', marks.couldDecideAtMs, [isDecidedByWords ? 'transcript' : 'speechEndDecoded', 'decision']);
  add('transcript', marks.transcriptAtMs, [isAskedFor ? 'couldDecide' : 'speechEndDecoded', 'recognition']);
  add('requested', marks.requestedAtMs, ...causesOfRequest(marks));
  add('firstChunk', marks.firstChunkAtMs, ['requested', 'generation']);
  add('ready', marks.readyAtMs, ['firstChunk', 'synthesis']);
  add('audibleSent', marks.audibleSentAtMs, ['ready', 'playout queue'], ['couldDecide', 'playout queue']);
  if (heard !== undefined) {
    if (heard.delivered !== undefined) add('delivered', heard.delivered, ['audibleSent', 'downlink']);
    add('played', heard.played, heard.delivered ? ['delivered', 'receiver'] : ['audibleSent', 'downlink']);
    add('audible', shifted(heard.played, OPUS_LOOK_AHEAD_MS), ['played', 'codec look-ahead']);
  }
  return events;
}

function causesOfRequest({ prepared }: TurnMarks): readonly (readonly [TurnEvent, SpanName])[] {
  switch (prepared) {
    case 'draft':
      return [['transcript', 'draft wait']];
    case 'anticipated':
      return [['speechEndDecoded', 'draft wait']];
    case 'onDecision':
      return [
        ['transcript', 'draft wait'],
        ['couldDecide', 'draft wait'],
      ];
  }
}

/** Against the same work, begun when the turn was decided and its words were there. */
function savedMs(marks: TurnMarks): number {
  if (marks.prepared === 'onDecision') return 0;
  const couldRequestAtMs = Math.max(marks.couldDecideAtMs, marks.transcriptAtMs);
  const wouldBeReadyAtMs = couldRequestAtMs + Math.max(0, marks.readyAtMs - marks.requestedAtMs);
  return Math.max(0, wouldBeReadyAtMs - Math.max(marks.readyAtMs, marks.couldDecideAtMs));
}
