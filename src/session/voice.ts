// Speaks with the first of several voices that can: deadlines and further attempts for each, and the next one where a voice
// has failed before its first sound.

import type { AgentSettings } from '../agent.ts';
import { withAttempts } from '../lib/attempts.ts';
import type { Clock } from '../lib/clock.ts';
import { StageError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { Replayable } from '../lib/replayable.ts';
import type { SpokenAudio, TextToSpeech } from '../tts/port.ts';

export interface VoiceOptions {
  /** In the order of preference. */
  readonly voices: readonly TextToSpeech[];
  readonly deadlines: Pick<AgentSettings['tts'], 'firstAudioDeadlineMs' | 'stallDeadlineMs'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Throws the `StageError` of the last voice, or whatever `chunks` throws. Ends quietly when aborted. */
export async function* speak(
  chunks: AsyncIterable<string>,
  { voices, deadlines, clock, log, signal }: VoiceOptions,
): AsyncGenerator<SpokenAudio, void, undefined> {
  const text = new Replayable(chunks);
  for (const [index, voice] of voices.entries()) {
    let begun = false;
    try {
      const audio = withAttempts((attempt) => voice.speak(text, { signal: attempt }), {
        clock,
        signal,
        firstDeadlineMs: deadlines.firstAudioDeadlineMs,
        stallDeadlineMs: deadlines.stallDeadlineMs,
        isStarved: () => text.isAwaited,
        isRetryable: (error) => isOfVoice(error) && error.retryable,
        late: (waitedMs) =>
          new StageError('TTS', `${voice.name} gave no audio for ${waitedMs} ms.`, { retryable: true }),
        onRetry: (error, delayMs) => log.warn('the voice failed; trying again', { voice: voice.name, error, delayMs }),
      });
      for await (const piece of audio) {
        begun = true;
        yield piece;
      }
      return;
    } catch (error) {
      if (begun || index === voices.length - 1 || !isOfVoice(error)) throw error;
      log.error('the voice failed; speaking with the next one', { voice: voice.name, error });
    }
  }
}

function isOfVoice(error: unknown): error is StageError {
  return error instanceof StageError && error.code === 'TTS';
}
