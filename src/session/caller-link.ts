// Everything that belongs to one caller and goes with them: the subscription, the audio chain, the recognition.

import type { AgentSettings } from '../agent.ts';
import type { SpeechEnd, SpeechOnset } from '../audio/speech-edge.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { AudioSubscription, Room } from '../room/port.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';
import { CallerAudio } from './caller-audio.ts';
import type { CallRecorder } from './call-recorder.ts';
import { CallerClocks } from './caller-clocks.ts';
import type { SoundModel } from '../audio/sound-model.ts';
import { CallerEcho } from './caller-echo.ts';
import { loggedIdentity } from './linked-participant.ts';
import { Recognition } from './recognition.ts';
import type { Stages } from './stages.ts';
import { TurnSound } from './turn-sound.ts';

export interface CallerLinkOptions {
  readonly identity: string;
  readonly room: Room;
  readonly stages: Stages;
  /** Judges the sound of each pause, where that is wanted. */
  readonly soundModel: SoundModel | undefined;
  readonly settings: Pick<AgentSettings, 'bufferFrames' | 'ownVoice'>;
  readonly onEvent: (event: TurnEvent) => void;
  /** Takes what the caller is heard to say, for a recording. */
  readonly recorder: CallRecorder | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** When the recogniser told words, and whether only because it was asked for them. */
export interface ToldWords {
  readonly atMs: number;
  readonly onRequest: boolean;
}

/** Words come some times a second; accounts look back a few seconds. */
const MAX_TOLD_WORDS = 64;

export class CallerLink {
  readonly identity: string;
  /** The same as logs may have it. */
  readonly loggedIdentity: string;
  readonly #audio: CallerAudio;
  readonly #recognition: Recognition;
  readonly #sound: TurnSound | undefined;
  readonly #subscription: AudioSubscription;
  /** Absent where the agent's own voice is not to be looked for. */
  readonly #echo: CallerEcho | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** When words of the caller were told, the latest last. */
  readonly #toldWords: ToldWords[] = [];
  /** What is known of the caller's clocks and ears, for the account of a turn. */
  readonly clocks: CallerClocks;

  constructor(options: CallerLinkOptions) {
    const { identity, room, stages, soundModel, settings, onEvent, recorder, clock, log, signal } = options;
    this.identity = identity;
    this.loggedIdentity = loggedIdentity({ identity, kind: room.participants.get(identity)?.kind ?? 'standard' });
    this.#clock = clock;
    this.#log = log;
    this.clocks = new CallerClocks({ identity, room, clock });
    const echo = settings.ownVoice === 'auto' ? new CallerEcho(stages.tts.sampleRateHz) : undefined;
    this.#echo = echo;
    this.#recognition = new Recognition({
      stt: stages.stt,
      onEvent: (event) => {
        this.#noteWords(event, clock.nowMs());
        onEvent(echo?.withoutOwnWords(event) ?? event);
      },
      onDeaf: (deaf) => onEvent({ type: deaf ? 'recognitionLost' : 'recognitionRestored' }),
      bufferFrames: settings.bufferFrames,
      clock,
      log,
      signal,
    });
    this.#sound = soundModel && new TurnSound({ model: soundModel, onEvent, log, signal });
    this.#audio = new CallerAudio({
      codec: stages.codec,
      voice: stages.createVoiceDetector(),
      ...(recorder && { onDecoded: (frame) => recorder.heard(frame, this.clocks) }),
      ...(echo && { withoutEcho: (frame) => echo.hear(frame) }),
      write: (frame) => {
        this.#recognition.write(frame);
        this.#sound?.write(frame);
      },
      onEvent: (event) => {
        if (event.type === 'voiceStarted' || event.type === 'voiceEnded') echo?.noteVoice(event);
        onEvent(event);
      },
      clock,
      log,
    });
    this.#subscription = room.subscribeAudio(identity, this.clocks.watching(this.#audio));
  }

  /** A frame of the agent's track was sent; `atMs`: when it belongs. */
  played(frame: Int16Array, atMs: number): void {
    this.#echo?.played(frame, atMs);
  }

  /** What the caller has heard of a reply by now. */
  spoken(replyId: number, heardText: string): void {
    this.#echo?.spoken(replyId, heardText, this.#clock.nowMs());
  }

  /** Asks for the final transcript of what was said so far. */
  finalize(): void {
    this.#recognition.finalize();
  }

  /** Has the sound of a pause judged; the answer is an event. */
  judgeSound(command: Extract<TurnCommand, { type: 'judgeSound' }>): void {
    this.#sound?.judge(command);
  }

  /** Audio time has reached this extended RTP timestamp. */
  get reachedTimestamp(): number {
    return this.#audio.reachedTimestamp;
  }

  /** Where the sound began that has been voice since `voiceStartedAt`. */
  onsetOfSpeech(voiceStartedAt: number): SpeechOnset | undefined {
    return this.#audio.onsetOfSpeech(voiceStartedAt);
  }

  /** Where the speech that the VAD closed at `voiceEndedAt` really ended. */
  endOfSpeech(voiceEndedAt: number): SpeechEnd | undefined {
    return this.#audio.endOfSpeech(voiceEndedAt);
  }

  /** The last words of the caller that had been told by `atMs`; undefined where there were none. */
  wordsToldBefore(atMs: number): ToldWords | undefined {
    return this.#toldWords.findLast((told) => told.atMs <= atMs);
  }

  close(): void {
    this.clocks.close();
    this.#subscription.close();
    this.#audio.close();
    this.#recognition.close();
    this.#sound?.close();
    const { droppedFrames } = this.#recognition;
    this.#log.info('audio of the caller', {
      identity: this.loggedIdentity,
      ...this.#audio.statistics,
      ...this.#echo?.statistics,
      droppedFrames,
    });
  }

  #noteWords(event: TurnEvent, atMs: number): void {
    if (event.type !== 'interim' && event.type !== 'final') return;
    this.#toldWords.push({ atMs, onRequest: event.type === 'final' && event.answersFinalize });
    if (this.#toldWords.length > MAX_TOLD_WORDS) this.#toldWords.shift();
  }
}
