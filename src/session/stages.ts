// What a conversation is made of, and how the settings wire it.

import type { AgentSettings } from '../agent.ts';
import type { SoundModel } from '../audio/sound-model.ts';
import type { VoiceDetector } from '../audio/voice-activity.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { batchReplies } from '../llm/batch.ts';
import type { Logger } from '../lib/log.ts';
import type { ReplyModel } from '../llm/port.ts';
import type { OpusCodec } from '../opus/port.ts';
import { batchSpeechToText } from '../stt/batch.ts';
import type { SpeechToText } from '../stt/port.ts';
import { batchTextToSpeech } from '../tts/batch.ts';
import { chunkedTextToSpeech } from '../tts/chunked.ts';
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
  /** Judges the sound of pauses, where `endpointing.soundModel` names it. */
  readonly soundModel?: SoundModel;
}

type Mode = Pick<AgentSettings, 'streaming' | 'parallel'>;
type Wiring = Mode & Pick<AgentSettings, 'language' | 'endpointing'>;

/**
 * The batch variant of each stage that is not to stream. Where nothing runs in parallel, the voice waits for the whole reply
 * and the playout for the whole audio; recognition is over before the model begins in any case.
 */
export function stagesFor(stages: Stages, settings: Wiring, log: Logger): Stages {
  const { streaming, parallel } = settings;
  const { stt, model, tts, fallbackTts } = stages;
  if (fallbackTts !== undefined && fallbackTts.sampleRateHz !== tts.sampleRateHz) {
    throw new ConfigurationError(
      `The fallback voice has ${fallbackTts.sampleRateHz} Hz and ${tts.name} ${tts.sampleRateHz} Hz: give both the same rate.`,
    );
  }
  if (settings.endpointing.soundModel !== 'off' && stages.soundModel === undefined) {
    throw new ConfigurationError(
      `endpointing.soundModel is ${settings.endpointing.soundModel}, but there is no soundModel among the stages.`,
    );
  }
  const inBatch = (voice: TextToSpeech): TextToSpeech => (isVoiceInBatch(settings) ? batchTextToSpeech(voice) : voice);
  // Otherwise the text would be held back from the first voice until it suits the second.
  const standIn =
    fallbackTts && tts.takesTokens === true ? chunkedTextToSpeech(fallbackTts, settings.language) : fallbackTts;
  return {
    ...stages,
    stt: streaming.stt ? stt : batchSpeechToText(stt, { log }),
    model: streaming.llm && parallel ? model : batchReplies(model),
    tts: inBatch(tts),
    ...(standIn && { fallbackTts: inBatch(standIn) }),
  };
}

/** Whether a reply is played only once all of it has been synthesised. */
export function isVoiceInBatch({ streaming, parallel }: Mode): boolean {
  return !(streaming.tts && parallel);
}

/** Whether a reply may be begun before the turn is over: not in a classic pipeline, where each stage waits for the one before. */
export function preparesAhead({ streaming: { stt, llm, tts }, parallel }: Mode): boolean {
  return parallel && (stt || llm || tts);
}
