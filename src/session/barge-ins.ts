// How callers break in: taken note of while both speak, for the account of a reply that the caller's voice ends.

import { AUDIBLE_WINDOW_MS, lastAudibleWindowMs } from '../audio/level.ts';
import type { SpeechOnset } from '../audio/speech-edge.ts';
import type { BargeInMarks } from '../latency/barge-in-account.ts';
import { shifted } from '../latency/bounded.ts';
import type { Clock } from '../lib/clock.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';
import type { TurnState } from '../turns/state.ts';
import type { CallerLink } from './caller-link.ts';

/** The caller makes a sound while a reply is heard, which has not been given back to them in full since. */
interface Overlap {
  readonly link: CallerLink;
  readonly onset: SpeechOnset;
  readonly detectedAtMs: number;
  /** Since when the reply has been silent; undefined while it is only lowered. */
  silencedAtMs: number | undefined;
}

/** The last window of a reply that is audible. */
interface LastAudible {
  readonly sentAtMs: number;
  readonly rtpTimestamp: number;
}

/** A reply that ended so; its fade is still on its way. */
interface Ended {
  readonly replyId: number;
  readonly overlap: Overlap;
  readonly stoppedAtMs: number;
  lastAudible: LastAudible | undefined;
}

/** What else ends a reply (typed words, the end of the call) is none of the caller's voice. */
const VOICE_EVENTS: ReadonlySet<TurnEvent['type']> = new Set([
  'voiceStarted',
  'voiceEnded',
  'tick',
  'interim',
  'final',
] as const);

export class BargeIns {
  readonly #clock: Clock;
  readonly #sampleRateHz: number;
  #overlap: Overlap | undefined;
  #lastAudible: LastAudible | undefined;
  #ended: Ended | undefined;

  /** `sampleRateHz`: of the frames that are sent. */
  constructor(clock: Clock, sampleRateHz: number) {
    this.#clock = clock;
    this.#sampleRateHz = sampleRateHz;
  }

  /** Takes note of a frame of ours that was sent. */
  sent(samples: Int16Array, rtpTimestamp: number, of: 'speech' | 'fade'): void {
    const offsetMs = lastAudibleWindowMs(samples, this.#sampleRateHz);
    if (offsetMs === undefined) return;
    const at = wrapSerial(rtpTimestamp + offsetMs * TICKS_PER_MS, 32);
    this.#lastAudible = { sentAtMs: this.#clock.nowMs(), rtpTimestamp: at };
    if (of === 'fade' && this.#ended !== undefined) this.#ended.lastAudible = this.#lastAudible;
  }

  /** Takes note of an event, in the state that it finds. */
  observe(event: TurnEvent, { agent }: TurnState, link: CallerLink | undefined): void {
    if (event.type === 'replyFinished' || event.type === 'replyFailed') this.#overlap = undefined;
    if (event.type !== 'voiceStarted' || agent.kind !== 'speaking' || this.#overlap !== undefined) return;
    const onset = link?.onsetOfSpeech(event.timestamp);
    if (link === undefined || onset === undefined) return;
    this.#overlap = { link, onset, detectedAtMs: this.#clock.nowMs(), silencedAtMs: undefined };
  }

  /** Takes note of what came of an event. */
  follow(event: TurnEvent, command: TurnCommand): void {
    const overlap = this.#overlap;
    if (overlap === undefined) return;
    if (command.type === 'deliverReply') {
      if (command.delivery === 'full') this.#overlap = undefined;
      else overlap.silencedAtMs = command.delivery === 'lowered' ? undefined : this.#clock.nowMs();
    } else if (command.type === 'stopReply') {
      this.#overlap = undefined;
      if (!VOICE_EVENTS.has(event.type)) return;
      const stoppedAtMs = overlap.silencedAtMs ?? this.#clock.nowMs();
      this.#ended = { replyId: command.replyId, overlap, stoppedAtMs, lastAudible: this.#lastAudible };
    }
  }

  /** Of a reply that is over: what is known of how the caller ended it, whenever asked. Undefined where they did not. */
  marksOf(replyId: number): (() => BargeInMarks | undefined) | undefined {
    const ended = this.#ended;
    return ended?.replyId === replyId ? () => marksOf(ended) : undefined;
  }
}

/** Undefined where nothing of the reply was audible. */
function marksOf({ overlap, stoppedAtMs, lastAudible }: Ended): BargeInMarks | undefined {
  if (lastAudible === undefined) return undefined;
  const { link, onset, detectedAtMs } = overlap;
  const { sentAtMs, rtpTimestamp } = lastAudible;
  const heard = link.clocks.heard(rtpTimestamp, sentAtMs);
  return {
    onset: onset.source && link.clocks.captured(onset.source),
    onsetArrivedAtMs: onset.arrivedAtMs,
    onsetDecodedAtMs: onset.decodedAtMs,
    voiceDetectedAtMs: detectedAtMs,
    stoppedAtMs,
    lastAudibleSentAtMs: sentAtMs,
    heard: heard && { ...heard, played: shifted(heard.played, AUDIBLE_WINDOW_MS) },
  };
}
