// One caller's audio, from the packet to VAD and STT, in one synchronous chain:
// jitter buffer → audio clock → Opus → (keys silenced) → (own voice silenced) → speech edge → VAD → recognition.

import { AudioClock } from '../audio/audio-clock.ts';
import type { AudioStep } from '../audio/audio-clock.ts';
import { DtmfToneDetector } from '../audio/dtmf-tones.ts';
import { LISTENING_RATE_HZ } from '../audio/frame.ts';
import type { AudioFrame } from '../audio/frame.ts';
import { SpeechEdge } from '../audio/speech-edge.ts';
import type { SpeechEnd, SpeechOnset } from '../audio/speech-edge.ts';
import type { VoiceDetector, VoiceEvent } from '../audio/voice-activity.ts';
import { JitterBuffer } from '../jitter/jitter-buffer.ts';
import type { JitterRelease } from '../jitter/jitter-buffer.ts';
import type { Clock } from '../lib/clock.ts';
import { ReparteeError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { OpusCodec, OpusDecoder } from '../opus/port.ts';
import type { AudioSink } from '../room/port.ts';
import { FRAME_MS, TICKS_PER_MS } from '../rtp/packet.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import type { TurnEvent } from '../turns/events.ts';
import { AudioTicker } from './audio-ticker.ts';

const SILENT_FRAME = new Int16Array((LISTENING_RATE_HZ * FRAME_MS) / 1000);

export interface CallerAudioOptions {
  readonly codec: OpusCodec;
  readonly voice: VoiceDetector;
  /** Takes every frame as it was decoded, without the sound of a telephone's keys. */
  readonly onDecoded?: ((frame: AudioFrame) => void) | undefined;
  /** Takes each frame once; gives each once, in order, as it is or silenced, some of them later. */
  readonly withoutEcho?: (frame: AudioFrame) => readonly AudioFrame[];
  /** Takes every frame, in order: recognition. */
  readonly write: (frame: AudioFrame) => void;
  readonly onEvent: (event: TurnEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class CallerAudio implements AudioSink {
  readonly #options: CallerAudioOptions;
  readonly #decoder: OpusDecoder;
  readonly #jitter = new JitterBuffer();
  readonly #audioClock = new AudioClock();
  readonly #keyTones = new DtmfToneDetector();
  readonly #edge = new SpeechEdge();
  readonly #ticker: AudioTicker;
  /** The end of what was passed on: time that may still hold a voice has not passed for those who count silence. */
  #reachedTimestamp = 0;
  #undecodableCount = 0;

  constructor(options: CallerAudioOptions) {
    this.#options = options;
    this.#decoder = options.codec.createDecoder({ sampleRateHz: LISTENING_RATE_HZ });
    this.#ticker = new AudioTicker(options.clock, () => this.#passTime());
  }

  get statistics(): JitterBuffer['statistics'] & { readonly undecodableCount: number } {
    return { ...this.#jitter.statistics, undecodableCount: this.#undecodableCount };
  }

  onPacket(packet: RtpPacket): void {
    const releases = this.#jitter.push(packet, packet.arrivedAtMs);
    this.#release(releases);
    if (releases.length === 0 || !this.#flows) this.#ticker.keepTime();
    else if (this.#ticker.ride()) this.#tick();
  }

  onMuted(muted: boolean): void {
    this.#audioClock.setMuted(muted);
    this.#ticker.keepTime();
  }

  /** Audio time has reached this extended RTP timestamp; 0 before the first packet. */
  get reachedTimestamp(): number {
    return this.#reachedTimestamp;
  }

  /** Where the sound began that has been voice since `voiceStartedAt`. */
  onsetOfSpeech(voiceStartedAt: number): SpeechOnset | undefined {
    return this.#edge.onsetSince(voiceStartedAt);
  }

  /** Where the speech that the VAD closed at `voiceEndedAt` really ended. */
  endOfSpeech(voiceEndedAt: number): SpeechEnd | undefined {
    return this.#edge.endOfSpeech(voiceEndedAt);
  }

  close(): void {
    this.#ticker.stop();
    this.#decoder.close();
  }

  /** Whether nothing but packets is to be expected: no gap that is waited for, no DTX, no mute. */
  get #flows(): boolean {
    return this.#audioClock.state === 'flowing' && this.#jitter.nextDeadlineAtMs === undefined;
  }

  /** Audio time also advances without packets, and a gap is waited for only so long. */
  #passTime(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#release(this.#jitter.poll(nowMs));
    for (const step of this.#audioClock.onTick(nowMs)) this.#take(step, nowMs);
    this.#tick();
  }

  /** With a packet this is all: the audio clock isn't asked, which would take the rest of a late burst for missing. */
  #tick(): void {
    this.#options.onEvent({
      type: 'tick',
      timestamp: this.#reachedTimestamp,
      voiceDoubt: this.#options.voice.doubt ?? (this.#edge.hasFallen ? 'mayHaveEnded' : undefined),
      voiceMovementDb: this.#options.voice.movementDb,
    });
  }

  #release(releases: readonly JitterRelease[]): void {
    const nowMs = this.#options.clock.nowMs();
    for (const release of releases) {
      for (const step of this.#audioClock.onRelease(release)) this.#take(step, nowMs);
    }
  }

  #take(step: AudioStep, nowMs: number): void {
    switch (step.type) {
      case 'decode':
        this.#emitReceived(step.packet, step.timestamp, nowMs);
        break;
      case 'conceal':
        this.#emit({
          samples: this.#decoder.conceal(),
          timestamp: step.timestamp,
          origin: 'concealed',
          arrivedAtMs: nowMs,
        });
        break;
      case 'silence':
        this.#emit({ samples: SILENT_FRAME, timestamp: step.timestamp, origin: 'silence', arrivedAtMs: nowMs });
        break;
    }
  }

  #emitReceived(packet: RtpPacket, timestamp: number, decodedAtMs: number): void {
    const { ssrc, rtpTimestamp, arrivedAtMs } = packet;
    const samples = this.#decode(packet);
    this.#emit({
      samples,
      timestamp,
      origin: 'received',
      source: { ssrc, rtpTimestamp },
      arrivedAtMs,
      decodedAtMs,
    });
  }

  /** A VAD takes a word for voice from its first vowel on. */
  #sharpened(event: VoiceEvent): VoiceEvent {
    if (event.type === 'voiceEnded') return event;
    return { ...event, timestamp: this.#edge.startOfSpeech(event.timestamp) };
  }

  /** A payload that is not Opus is concealed like a lost one. */
  #decode(packet: RtpPacket): Int16Array {
    try {
      return this.#decoder.decode(packet.payload);
    } catch (error) {
      if (!(error instanceof ReparteeError)) throw error;
      this.#undecodableCount += 1;
      if (this.#undecodableCount === 1) this.#options.log.warn('undecodable audio from the caller', { error });
      return this.#decoder.conceal();
    }
  }

  /** The sound of a telephone's keys is neither voice nor words: which ones were pressed comes another way. */
  #emit(sound: AudioFrame): void {
    const frame: AudioFrame = { ...sound, samples: this.#keyTones.silenceKeys(sound.samples) };
    this.#options.onDecoded?.(frame);
    const { withoutEcho } = this.#options;
    if (withoutEcho === undefined) this.#passOn(frame);
    else for (const known of withoutEcho(frame)) this.#passOn(known);
  }

  #passOn(frame: AudioFrame): void {
    this.#reachedTimestamp = frame.timestamp + (frame.samples.length * TICKS_PER_MS * 1000) / LISTENING_RATE_HZ;
    this.#edge.observe(frame);
    for (const event of this.#options.voice.process(frame)) this.#options.onEvent(this.#sharpened(event));
    this.#options.write(frame);
  }
}
