// The agent's own voice as it comes back from one caller: kept from voice activity and recognition as sound (EchoGate), and
// from the turn engine as words, should some have got through.

import { EchoGate, type EchoGateStatistics } from '../audio/echo-gate.ts';
import type { AudioFrame } from '../audio/frame.ts';
import { OwnVoice } from '../audio/own-voice.ts';
import type { VoiceEvent } from '../audio/voice-activity.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { SttEvent } from '../stt/port.ts';
import { matchesOwnWords } from '../turns/own-words.ts';
import { OnAir } from './on-air.ts';

/** Rooms ring on for so long, recognisers give the ends of words no better. */
const TAIL_MS = 300;
/** A frame of echo; what was learnt badly in the beginning is forgotten within some seconds of it. */
const LEVEL_FALL_DB = 0.02;
/** Words that no voice was found for began at most so long before. */
const UNVOICED_WORDS_MS = 1000;

export interface CallerEchoStatistics extends EchoGateStatistics {
  /** Transcripts that held nothing but the agent's words. */
  readonly ownTranscripts: number;
  /** Where something came back: how late at last, and how loud its loudest was in the last seconds of it (dBFS of a sine, by band). */
  readonly echoDelayMs?: number;
  readonly echoLevelDb?: number;
}

export class CallerEcho {
  readonly #ownVoice: OwnVoice;
  readonly #gate = new EchoGate();
  readonly #onAir = new OnAir();
  #delayMs: number | undefined;
  #echoLevelDb = -Infinity;
  #ownTranscripts = 0;
  /** The frame that came last: it tells when a timestamp was heard. */
  #last: Pick<AudioFrame, 'timestamp' | 'arrivedAtMs'> = { timestamp: 0, arrivedAtMs: 0 };
  /** The voice since the last final: where it began, and where it ended if it has. */
  #voice: { readonly startedAt: number; readonly endedAt: number | undefined } | undefined;

  /** `sampleRateHz`: of what is played. */
  constructor(sampleRateHz: number) {
    this.#ownVoice = new OwnVoice(sampleRateHz);
  }

  get statistics(): CallerEchoStatistics {
    return {
      ...this.#gate.statistics,
      ownTranscripts: this.#ownTranscripts,
      ...(this.#delayMs !== undefined && { echoDelayMs: this.#delayMs, echoLevelDb: Math.round(this.#echoLevelDb) }),
    };
  }

  /** A frame of the agent's track was sent; `atMs`: when it belongs. */
  played(frame: Int16Array, atMs: number): void {
    this.#ownVoice.played(frame, atMs);
    this.#onAir.sounded(frame, atMs);
  }

  /** What the caller has heard of a reply by now. */
  spoken(replyId: number, heardText: string, nowMs: number): void {
    this.#onAir.spoken(replyId, heardText, nowMs);
  }

  /** Takes the next frame of the caller's audio; returns what is known to be the caller's by now, silence in place of echo. */
  hear(frame: AudioFrame): readonly AudioFrame[] {
    this.#last = frame;
    const verdict = this.#ownVoice.heard(frame.samples, frame.arrivedAtMs);
    if (verdict.content === 'echo' && verdict.delayMs !== undefined) {
      this.#delayMs = verdict.delayMs;
      this.#echoLevelDb = Math.max(this.#echoLevelDb - LEVEL_FALL_DB, verdict.echoLevelDb ?? -Infinity);
    }
    return this.#gate.push(frame, verdict);
  }

  /** What voice activity made of it. */
  noteVoice(event: VoiceEvent): void {
    if (event.type === 'voiceEnded') {
      this.#voice = { startedAt: this.#voice?.startedAt ?? event.timestamp, endedAt: event.timestamp };
    } else {
      this.#voice = { startedAt: this.#voice?.startedAt ?? event.timestamp, endedAt: undefined };
    }
  }

  /**
   * A transcript without the agent's own words: empty where it holds nothing else, and they were heard while they were, or
   * could come back from being, on the air. Who repeats them later means it. The event stays: it may be an answer.
   */
  withoutOwnWords(event: SttEvent): SttEvent {
    const isOwn = event.text !== '' && this.#isOwn(event);
    if (event.type === 'final') this.#voice = this.#voice?.endedAt === undefined ? this.#voiceFrom(event) : undefined;
    if (!isOwn) return event;
    this.#ownTranscripts += 1;
    return { ...event, text: '', words: [] };
  }

  #isOwn({ text, words, endTimestamp }: SttEvent): boolean {
    const startedAt = words[0]?.startTimestamp ?? this.#voice?.startedAt;
    const endedAt = words.at(-1)?.endTimestamp ?? this.#voice?.endedAt ?? endTimestamp;
    const endedAtMs = this.#arrivedAtMs(endedAt);
    const startedAtMs = startedAt === undefined ? endedAtMs - UNVOICED_WORDS_MS : this.#arrivedAtMs(startedAt);
    const delayMs = this.#delayMs ?? 0;
    if (!this.#onAir.covers(startedAtMs - delayMs, endedAtMs - delayMs - TAIL_MS)) return false;
    return matchesOwnWords(text, this.#onAir.wordsBetween(startedAtMs - delayMs, endedAtMs));
  }

  /** A voice that goes on after a final: what follows begins there. */
  #voiceFrom({ endTimestamp }: SttEvent): { readonly startedAt: number; readonly endedAt: undefined } | undefined {
    return this.#voice && { startedAt: Math.max(this.#voice.startedAt, endTimestamp), endedAt: undefined };
  }

  #arrivedAtMs(timestamp: number): number {
    return this.#last.arrivedAtMs - (this.#last.timestamp - timestamp) / TICKS_PER_MS;
  }
}
