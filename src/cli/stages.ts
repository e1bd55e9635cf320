// The stages of a call, from the providers that were chosen, the environment and the settings: one place for all commands.

import type { AgentSettings } from '../agent.ts';
import { smartTurn } from '../audio/smart-turn.ts';
import type { SoundModel } from '../audio/sound-model.ts';
import { createVoiceDetector } from '../audio/voice-activity.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { frontDesk, speechGrammar } from '../llm/front-desk/front-desk.ts';
import { languageModelReplies } from '../llm/language-model.ts';
import { openaiReplies } from '../llm/openai.ts';
import type { ReplyModel } from '../llm/port.ts';
import { opusscriptCodec } from '../opus/opusscript.ts';
import type { Stages } from '../session/stages.ts';
import type { ModelFacts } from '../telemetry/call-trace.ts';
import { deepgramSpeechToText } from '../stt/deepgram.ts';
import { offlineSpeechToText } from '../stt/offline.ts';
import { openaiSpeechToText } from '../stt/openai.ts';
import type { SpeechToText } from '../stt/port.ts';
import { cartesiaTextToSpeech } from '../tts/cartesia.ts';
import { offlineTextToSpeech } from '../tts/offline.ts';
import { openaiTextToSpeech } from '../tts/openai.ts';
import { resampledTextToSpeech } from '../tts/resampled.ts';
import type { TextToSpeech } from '../tts/port.ts';
import type { Environment } from './environment.ts';
import { cartesiaVoice, defaultInstructions, defaultReasoning, replyModel } from './provider-defaults.ts';
import type { Providers } from './providers.ts';

export interface StagesOptions {
  readonly providers: Providers;
  readonly environment: Environment;
  readonly settings: AgentSettings;
  readonly log: Logger;
  readonly clock?: Clock;
}

export interface CallStages extends Stages {
  /** Closes what the calls of this process share. */
  close(): Promise<void>;
}

/** Streaming stages; the session makes batch stages of them where the settings say so. Throws a `ConfigurationError`. */
export function createStages(options: StagesOptions): CallStages {
  const stt = speechToText(options);
  const model = replyModelOf(options);
  const tts = textToSpeech(options);
  const fallbackTts = fallbackVoice(options, tts.sampleRateHz);
  const sound = soundModel(options);
  return {
    stt,
    model,
    tts,
    ...(fallbackTts && { fallbackTts }),
    codec: opusscriptCodec,
    createVoiceDetector,
    ...(sound && { soundModel: sound }),
    close: async () => {
      await Promise.all([stt.close(), model.close?.(), tts.close(), fallbackTts?.close(), sound?.close()]);
    },
  };
}

/** Whatever speaks the OpenAI API goes by that name: the GenAI conventions name the protocol that is spoken. */
export function modelFacts({
  providers,
  environment,
  settings,
}: Pick<StagesOptions, 'providers' | 'environment' | 'settings'>): ModelFacts {
  switch (providers.llm) {
    case 'openai':
      return { provider: 'openai', name: replyModel(environment, settings.llm.model), isLocal: false };
    case 'offline':
      return { provider: 'repartee', name: 'front-desk', isLocal: true };
  }
}

/** For the start: `hears by deepgram nova-3, replies by …`. */
export function describeStages({ stt, model, tts, fallbackTts }: Stages, settings: AgentSettings): string {
  const { streaming, parallel } = settings;
  const hears = `hears by ${stt.name}${streaming.stt ? '' : ' (batch)'}`;
  const replies = `replies by ${model.name}${streaming.llm ? '' : ' (batch)'}`;
  const fallback = fallbackTts === undefined ? '' : ` (else ${fallbackTts.name})`;
  const speaks = `speaks by ${tts.name}${streaming.tts ? '' : ' (batch)'}${fallback}`;
  const judges =
    settings.endpointing.soundModel === 'off' ? '' : `, judges pauses by ${settings.endpointing.soundModel}`;
  return `${hears}${judges}, ${replies}, ${speaks}${parallel ? '' : ', one stage after the other'}`;
}

function speechToText({ providers, environment, settings, log, clock = systemClock }: StagesOptions): SpeechToText {
  const { language } = settings;
  const { model: modelName, keyTerms } = settings.stt;
  switch (providers.stt) {
    case 'deepgram':
      return deepgramSpeechToText({
        apiKey: environment.DEEPGRAM_API_KEY ?? '',
        ...(environment.DEEPGRAM_BASE_URL !== undefined && { baseUrl: environment.DEEPGRAM_BASE_URL }),
        ...(modelName !== undefined && { model: modelName }),
        language,
        keyTerms,
        clock,
        log,
      });
    case 'openai':
      return openaiSpeechToText({
        ...openaiAccess(environment),
        ...(modelName !== undefined && { model: modelName }),
        ...(language !== 'multi' && { language }),
        keyTerms,
        // What comes after the turn's own deadline still corrects the answer that was given without it.
        answerWithinMs: 2 * settings.endpointing.batchDeadlineMs,
        clock,
        log,
      });
    case 'offline':
      return offlineSpeechToText({ grammar: speechGrammar, log });
  }
}

function replyModelOf({ providers, environment, settings, clock = systemClock }: StagesOptions): ReplyModel {
  switch (providers.llm) {
    case 'openai': {
      const name = replyModel(environment, settings.llm.model);
      if (name === undefined) {
        throw new ConfigurationError(
          'OPENAI_MODEL not set: OPENAI_BASE_URL names a server, but not which of its models is to reply. ' +
            'Set it, or --model; "repartee doctor" shows what the server has.',
        );
      }
      const { temperature, maxOutputTokens, reasoning = defaultReasoning(name) } = settings.llm;
      return openaiReplies({
        ...openaiAccess(environment),
        model: name,
        clock,
        instructions: settings.instructions ?? defaultInstructions(settings.language),
        ...(temperature !== undefined && { temperature }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
        ...(reasoning !== undefined && { reasoning }),
      });
    }
    case 'offline':
      return languageModelReplies({ model: frontDesk() });
  }
}

function textToSpeech({ providers, environment, settings, log, clock = systemClock }: StagesOptions): TextToSpeech {
  const { model: modelName, voice, speed } = settings.tts;
  switch (providers.tts) {
    case 'cartesia':
      return cartesiaTextToSpeech({
        apiKey: environment.CARTESIA_API_KEY ?? '',
        ...(environment.CARTESIA_BASE_URL !== undefined && { baseUrl: environment.CARTESIA_BASE_URL }),
        ...(modelName !== undefined && { model: modelName }),
        voice: cartesiaVoice(environment, voice),
        ...(settings.language !== 'multi' && { language: settings.language }),
        speed,
        clock,
        log,
      });
    case 'openai':
      return openaiTextToSpeech({
        ...openaiAccess(environment),
        ...(modelName !== undefined && { model: modelName }),
        ...(voice !== undefined && { voice }),
        speed,
        clock,
        log,
      });
    case 'offline':
      return offlineTextToSpeech(voice === undefined ? {} : { voice: offlineVoice(voice) });
  }
}

/** The offline voice, which speaks English and needs nobody, stands in for one that fails. */
function fallbackVoice({ providers, settings }: StagesOptions, sampleRateHz: number): TextToSpeech | undefined {
  const isEnglish = /^en\b/i.test(settings.language);
  if (providers.tts === 'offline' || !isEnglish) return undefined;
  return resampledTextToSpeech(offlineTextToSpeech(), sampleRateHz);
}

function soundModel({ settings, log, clock = systemClock }: StagesOptions): SoundModel | undefined {
  const { soundModel: name, soundModelPath: weightsPath } = settings.endpointing;
  return name === 'off' ? undefined : smartTurn({ weightsPath, clock, log });
}

function openaiAccess({ OPENAI_API_KEY: apiKey = '', OPENAI_BASE_URL: baseUrl }: Environment): {
  readonly apiKey: string;
  readonly baseUrl?: string;
} {
  return { apiKey, ...(baseUrl !== undefined && { baseUrl }) };
}

const offlineVoices = ['slt', 'rms', 'awb'] as const;

function offlineVoice(name: string): (typeof offlineVoices)[number] {
  const voice = offlineVoices.find((one) => one === name);
  if (voice === undefined) {
    throw new ConfigurationError(`The offline voice has no "${name}": choose one of ${offlineVoices.join(', ')}.`);
  }
  return voice;
}
