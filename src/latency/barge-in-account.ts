// How long a caller who broke in went on hearing the agent: from the first sample of their voice to the last audible sample
// of the reply at their ear (DESIGN 6). Pure; the counterpart of `turnAccount`.

import { type BoundedInstant, durationErrorMs, seenAt, shifted } from './bounded.ts';
import { type CausedEvent, criticalPath, type Span } from './critical-path.ts';
import { type HeardMarks, OPUS_LOOK_AHEAD_MS } from './turn-account.ts';

export type BargeInSpanName =
  | 'codec look-ahead'
  | 'uplink'
  | 'jitter buffer'
  /** Until it was taken for voice. */
  | 'detection'
  /** Until there was enough of it, or words, to end the reply. */
  | 'evidence'
  /** Until the last audible packet of the reply was sent. */
  | 'fade'
  | 'downlink'
  | 'receiver';

export interface BargeInMarks {
  /** The onset was in the caller's track, by the timestamp of its samples; absent where clocks can't tell. */
  readonly onset: BoundedInstant | undefined;
  readonly onsetArrivedAtMs: number;
  readonly onsetDecodedAtMs: number;
  readonly voiceDetectedAtMs: number;
  readonly stoppedAtMs: number;
  /** The packet with the last audible sample of the reply, its fade included, was sent. */
  readonly lastAudibleSentAtMs: number;
  /** When that sample was with the caller; absent where nothing is known of their side. */
  readonly heard: HeardMarks | undefined;
}

export interface BargeInAccount {
  /** Undefined where either end is unknown. */
  readonly bargeInMs: number | undefined;
  readonly errorMs: number | undefined;
  readonly basis: 'reported' | 'estimated' | 'unknown';
  /** As much of it as is known; their sum is the whole. */
  readonly spans: readonly Span<BargeInSpanName>[];
}

type BargeInEvent =
  | 'onset'
  | 'onsetEncoded'
  | 'onsetArrived'
  | 'onsetDecoded'
  | 'voiceDetected'
  | 'stopped'
  | 'lastAudibleSent'
  | 'delivered'
  | 'played'
  | 'lastAudible';

/** Undefined where the reply fell silent before the caller began. */
export function bargeInAccount(marks: BargeInMarks): BargeInAccount | undefined {
  const { onset, heard } = marks;
  const events = eventsOf(marks);
  const beginning = onset === undefined ? 'onsetArrived' : 'onset';
  const end = heard === undefined ? 'lastAudibleSent' : 'lastAudible';
  const from = events.get(beginning)?.at;
  const to = events.get(end)?.at;
  if (from === undefined || to === undefined || to.atMs < from.atMs) return undefined;
  const isWhole = onset !== undefined && heard !== undefined;
  return {
    bargeInMs: isWhole ? to.atMs - from.atMs : undefined,
    errorMs: isWhole ? durationErrorMs(from, to) : undefined,
    basis: isWhole ? heard.basis : 'unknown',
    spans: criticalPath(events, beginning, end).spans,
  };
}

function eventsOf(marks: BargeInMarks): ReadonlyMap<BargeInEvent, CausedEvent<BargeInEvent, BargeInSpanName>> {
  const { onset, heard } = marks;
  const events = new Map<BargeInEvent, CausedEvent<BargeInEvent, BargeInSpanName>>();
  const add = (name: BargeInEvent, at: BoundedInstant, cause?: BargeInEvent, work?: BargeInSpanName): void => {
    events.set(name, { at, causes: cause === undefined || work === undefined ? [] : [{ event: cause, work }] });
  };
  if (onset !== undefined) {
    add('onset', shifted(onset, -OPUS_LOOK_AHEAD_MS));
    add('onsetEncoded', onset, 'onset', 'codec look-ahead');
  }
  add('onsetArrived', seenAt(marks.onsetArrivedAtMs), 'onsetEncoded', 'uplink');
  add('onsetDecoded', seenAt(marks.onsetDecodedAtMs), 'onsetArrived', 'jitter buffer');
  add('voiceDetected', seenAt(marks.voiceDetectedAtMs), 'onsetDecoded', 'detection');
  add('stopped', seenAt(marks.stoppedAtMs), 'voiceDetected', 'evidence');
  add('lastAudibleSent', seenAt(marks.lastAudibleSentAtMs), 'stopped', 'fade');
  if (heard === undefined) return events;
  if (heard.delivered === undefined) add('played', heard.played, 'lastAudibleSent', 'downlink');
  else {
    add('delivered', heard.delivered, 'lastAudibleSent', 'downlink');
    add('played', heard.played, 'delivered', 'receiver');
  }
  add('lastAudible', shifted(heard.played, OPUS_LOOK_AHEAD_MS), 'played', 'codec look-ahead');
  return events;
}
