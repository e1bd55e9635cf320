// Audio time of a caller: advanced by packets, and by a 20 ms tick where there are none. DTX and mute become silence in real
// time; a stall becomes nothing, for a while: it is not a pause (DESIGN, one frame's journey, 2).
// RFC 7587 section 3.1.3 (DTX). Decides only what is decoded, concealed or written as silence, and where it lies in time.

import type { JitterRelease } from '../jitter/jitter-buffer.ts';
import { unreachable } from '../lib/errors.ts';
import { RtpClock } from '../rtp/clock.ts';
import { assumedDurationTicks, isDtxPayload } from '../rtp/opus-payload.ts';
import { FRAME_MS, FRAME_TICKS, type RtpPacket } from '../rtp/packet.ts';

export type AudioStep =
  /** `timestamp`: extended, of the first sample. Never less than the end of the step before. */
  | { readonly type: 'decode'; readonly packet: RtpPacket; readonly timestamp: number }
  /** Exactly 20 ms in place of lost audio. */
  | { readonly type: 'conceal'; readonly timestamp: number }
  /** Exactly 20 ms of digital silence. */
  | { readonly type: 'silence'; readonly timestamp: number };

/**
 * `waiting`: no packet yet. `flowing`: audio comes. `dtx`: the sender said that it stops sending until there is sound.
 * `muted`: signalled. `stalled`: packets are overdue without a word; nothing is written. `lost`: stalled for 400 ms.
 */
export type AudioClockState = 'waiting' | 'flowing' | 'dtx' | 'muted' | 'stalled' | 'lost';

/**
 * Silence is written this much after a packet could have come at the earliest, so that one which resumes with ordinary
 * jitter isn't overtaken. It is also what a pause costs in DTX, so it is no longer than a frame and a half.
 */
const GUARD_MS = 30;
/** How long a stall stops time. Longer, and a caller who is gone would keep everyone waiting. */
const STALL_LIMIT_MS = 400;
/** Concealment sounds like the voice for 60 to 100 ms, then like a machine: silence beyond (5 frames). */
const LONGEST_CONCEALMENT_FRAMES = 5;
/** Most frames of filling that one call emits, half a second: what lies beyond is stepped over, or left to the next tick. */
const FRAMES_PER_CALL = 25;

const NOTHING: readonly AudioStep[] = [];

/**
 * Pure. Written time never goes back, and never stands in for a packet that can still come: late audio is placed after what
 * was written in its stead (`displacementTicks`), and the next pause of the sender is shortened by as much.
 */
export class AudioClock {
  /** When packets come that nothing delays. */
  #arrivals = new RtpClock();
  /** Where the written audio ends; undefined before the first packet. */
  #position: number | undefined;
  #displacementTicks = 0;
  #muted = false;
  /** Whether the sender's last word was that nothing follows. */
  #resting = false;
  /** How long overdue the next packet has been since the last one; written silence doesn't make it less. */
  #lateByMs = 0;
  #concealedFrames = 0;

  get state(): AudioClockState {
    if (this.#position === undefined) return 'waiting';
    if (this.#muted) return 'muted';
    if (this.#resting) return 'dtx';
    if (this.#lateByMs >= STALL_LIMIT_MS) return 'lost';
    return this.#lateByMs >= GUARD_MS ? 'stalled' : 'flowing';
  }

  /** How far what is written at present lies behind its true place on the sender's time line, in ticks; 0 as a rule. */
  get displacementTicks(): number {
    return this.#displacementTicks;
  }

  /** Takes what the jitter buffer released and says what to do, in order. Each packet yields its `decode`. */
  onRelease(release: JitterRelease): readonly AudioStep[] {
    switch (release.type) {
      case 'packet':
        return this.#onPacket(release.packet, release.timestamp);
      case 'lost':
        return this.#onLost(release.count, release.untilTimestamp);
      case 'reset':
        this.#arrivals = new RtpClock();
        return NOTHING;
      default:
        return unreachable(release);
    }
  }

  /** Lets time pass: to be called every 20 ms. Catches up at most half a second in one call, the rest in the next ones. */
  onTick(nowMs: number): readonly AudioStep[] {
    const lateByMs = this.#lateness(nowMs);
    if (lateByMs === undefined) return NOTHING;
    const steps: AudioStep[] = [];
    const toleratedMs = this.#muted || this.#resting ? GUARD_MS : STALL_LIMIT_MS;
    const dueFrames = Math.floor((lateByMs - toleratedMs) / FRAME_MS) + 1;
    for (let frame = 0; frame < Math.min(dueFrames, FRAMES_PER_CALL); frame += 1) this.#write('silence', steps);
    this.#lateByMs = Math.max(this.#lateByMs, lateByMs);
    return steps;
  }

  /**
   * The sender muted or unmuted its track. The signal takes another way than the packets, so audio of before may still
   * follow it, and is decoded. After the end of a mute it is silent until packets come.
   */
  setMuted(muted: boolean): void {
    if (this.#muted && !muted) {
      this.#resting = true;
      this.#lateByMs = 0;
    }
    this.#muted = muted;
  }

  #onPacket(packet: RtpPacket, timestamp: number): readonly AudioStep[] {
    const steps: AudioStep[] = [];
    this.#arrivals.observe(timestamp, packet.arrivedAtMs);
    const placedAt = this.#place(timestamp, steps);
    steps.push({ type: 'decode', packet, timestamp: placedAt });
    this.#position = placedAt + assumedDurationTicks(packet.payload);
    this.#resting = isDtxPayload(packet.payload);
    this.#lateByMs = 0;
    this.#concealedFrames = 0;
    return steps;
  }

  /** The audio before the gap is played on for a moment; in a pause there is nothing to play on. */
  #onLost(count: number, untilTimestamp: number): readonly AudioStep[] {
    const steps: AudioStep[] = [];
    const quiet = this.#muted || this.#resting;
    const concealable = quiet ? 0 : Math.min(count, LONGEST_CONCEALMENT_FRAMES - this.#concealedFrames);
    const gapFrames = this.#framesUntil(untilTimestamp + this.#displacementTicks);
    for (let frame = 0; frame < Math.min(gapFrames, concealable); frame += 1) {
      this.#concealedFrames += 1;
      this.#write('conceal', steps);
    }
    return steps;
  }

  /**
   * Where a packet goes: its own place, or right after what was written if that is already behind it. A gap before it first
   * takes back the displacement; what is left of it is silence, up to half a second, and beyond that a step in time.
   */
  #place(timestamp: number, steps: AudioStep[]): number {
    if (this.#position === undefined) return timestamp;
    const gapTicks = timestamp + this.#displacementTicks - this.#position;
    if (gapTicks < 0) {
      this.#displacementTicks -= gapTicks;
      return this.#position;
    }
    this.#displacementTicks -= Math.min(this.#displacementTicks, gapTicks);
    const placedAt = timestamp + this.#displacementTicks;
    const frames = Math.min(this.#framesUntil(placedAt), FRAMES_PER_CALL);
    for (let frame = 0; frame < frames; frame += 1) this.#write('silence', steps);
    return placedAt;
  }

  #framesUntil(timestamp: number): number {
    return this.#position === undefined ? 0 : Math.max(0, Math.floor((timestamp - this.#position) / FRAME_TICKS));
  }

  #write(type: 'conceal' | 'silence', steps: AudioStep[]): void {
    if (this.#position === undefined) return;
    steps.push({ type, timestamp: this.#position });
    this.#position += FRAME_TICKS;
  }

  /** For how long a packet that continues what is written could have been here. Negative while it can't have come yet. */
  #lateness(nowMs: number): number | undefined {
    if (this.#position === undefined) return undefined;
    const couldArriveAtMs = this.#arrivals.instantOf(this.#position - this.#displacementTicks);
    return couldArriveAtMs === undefined ? undefined : nowMs - couldArriveAtMs;
  }
}
