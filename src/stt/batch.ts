// The batch variant of a streaming recogniser (`streaming.stt = false`): the audio of a turn is held until its final is
// asked for, and then given to the recogniser at once. No interims; one final for each that is asked for.

import type { AudioFrame } from '../audio/frame.ts';
import { type Logger, silentLogger } from '../lib/log.ts';
import { HeldAudio } from './held-audio.ts';
import type { SpeechToText, SttEvent, SttStream } from './port.ts';

type Final = Extract<SttEvent, { type: 'final' }>;

/** Closing it closes `stt`. */
export function batchSpeechToText(
  stt: SpeechToText,
  { log = silentLogger }: { readonly log?: Logger } = {},
): SpeechToText {
  return {
    name: `${stt.name} in batch`,
    wordTimes: stt.wordTimes,
    wholeTurns: true,
    open: async (options) => new BatchStream(await stt.open(options), log),
    close: () => stt.close(),
  };
}

class BatchStream implements SttStream {
  readonly #stream: SttStream;
  readonly #log: Logger;
  readonly #held = new HeldAudio();
  /** What the finals that were asked for cover; silence isn't given to the recogniser, yet it was heard. */
  readonly #coveredTimestamps: number[] = [];
  readonly events: AsyncIterable<SttEvent>;

  constructor(stream: SttStream, log: Logger) {
    this.#stream = stream;
    this.#log = log;
    this.events = this.#answers();
  }

  write(frame: AudioFrame): void {
    this.#held.write(frame);
  }

  finalize(): void {
    const { frames, droppedMs, endTimestamp } = this.#held.take();
    if (droppedMs > 0) this.#log.warn('a turn was too long to be recognised whole', { droppedMs });
    this.#coveredTimestamps.push(endTimestamp);
    for (const frame of frames) this.#stream.write(frame);
    this.#stream.finalize();
  }

  close(): void {
    this.#stream.close();
  }

  /** What the recogniser ends by itself is told with the next final that was asked for. */
  async *#answers(): AsyncGenerator<SttEvent, void, undefined> {
    let finals: readonly Final[] = [];
    for await (const event of this.#stream.events) {
      if (event.type === 'interim') continue;
      finals = [...finals, event];
      if (!event.answersFinalize) continue;
      yield { ...event, ...merged(finals), endTimestamp: this.#coveredTimestamps.shift() ?? event.endTimestamp };
      finals = [];
    }
  }
}

function merged(finals: readonly Final[]): Pick<Final, 'text' | 'words' | 'rejected'> {
  return {
    text: finals
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join(' '),
    words: finals.flatMap(({ words }) => words),
    rejected: finals.some(({ rejected }) => rejected),
  };
}
