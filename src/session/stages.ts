// What a conversation is made of.

import type { VoiceDetector } from '../audio/voice-activity.ts';
import type { ReplyModel } from '../llm/port.ts';
import type { OpusCodec } from '../opus/port.ts';
import type { SpeechToText } from '../stt/port.ts';
import type { TextToSpeech } from '../tts/port.ts';

/** The stages of a conversation; each may be shared by many sessions. */
export interface Stages {
  readonly stt: SpeechToText;
  readonly model: ReplyModel;
  readonly tts: TextToSpeech;
  /** Speaks where `tts` has failed. Of the same sample rate. */
  readonly fallbackTts?: TextToSpeech;
  readonly codec: OpusCodec;
  /** Makes the voice activity detector of one caller. */
  readonly createVoiceDetector: () => VoiceDetector;
}
