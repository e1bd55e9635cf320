// What the stand-in for OpenAI's audio endpoints hears and says. Deterministic.

const HEARING_RATE_HZ = 16_000;
const VOICE_RATE_HZ = 24_000;

/** As `verbose_json` tells it; in seconds. */
export interface TranscribedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

interface Transcript {
  readonly text: string;
  readonly words: readonly TranscribedWord[];
  readonly durationSeconds: number;
}

const WINDOW_SAMPLES = HEARING_RATE_HZ / 100;
const VOICE_RMS = 300;
/** What Whisper is known to hear in silence. */
const HALLUCINATION = 'Thank you for watching!';

/** The words of `understand`'s answer, spread evenly over what sounds. Without any sound it is made up, as models do. */
export function transcriptOf(samples: Int16Array, understand: (samples: Int16Array) => string): Transcript {
  const sounding: number[] = [];
  for (let at = 0; at + WINDOW_SAMPLES <= samples.length; at += WINDOW_SAMPLES) {
    let energy = 0;
    for (const sample of samples.subarray(at, at + WINDOW_SAMPLES)) energy += sample * sample;
    if (energy / WINDOW_SAMPLES >= VOICE_RMS ** 2) sounding.push(at);
  }
  const durationSeconds = samples.length / HEARING_RATE_HZ;
  if (sounding.length === 0) return { text: HALLUCINATION, words: [], durationSeconds };
  const text = understand(samples);
  const words = text.split(/\s+/).filter((word) => word !== '');
  const windowAt = (share: number): number => sounding[Math.min(sounding.length - 1, Math.floor(share))] ?? 0;
  return {
    text,
    durationSeconds,
    words: words.map((word, index) => ({
      word: word.replaceAll(/[.,!?]/g, ''),
      start: windowAt((index * sounding.length) / words.length) / HEARING_RATE_HZ,
      end: (windowAt(((index + 1) * sounding.length) / words.length - 1) + WINDOW_SAMPLES) / HEARING_RATE_HZ,
    })),
  };
}

const MS_PER_CHARACTER = 60;
const SILENCE_BEFORE_MS = 120;
const SILENCE_AFTER_MS = 200;
const TONE_HZ = 220;
const TONE_LEVEL = 8000;

/** A tone as long as the text takes to speak, with the silence around it that voices leave. */
export function synthetic({ input, speed }: { readonly input: string; readonly speed: number }): Int16Array {
  const before = samplesOf(SILENCE_BEFORE_MS);
  const tone = samplesOf((input.length * MS_PER_CHARACTER) / speed);
  const samples = new Int16Array(before + tone + samplesOf(SILENCE_AFTER_MS));
  for (let at = 0; at < tone; at += 1) {
    samples[before + at] = Math.round(TONE_LEVEL * Math.sin((2 * Math.PI * TONE_HZ * at) / VOICE_RATE_HZ));
  }
  return samples;
}

function samplesOf(ms: number): number {
  return Math.round((ms * VOICE_RATE_HZ) / 1000);
}
