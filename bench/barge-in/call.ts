// One call in virtual time: the agent says something long, the caller speaks into it, and the ear hears what becomes of it.
// The session, its playout and Silero are real; Opus too; 10 ms of network each way, a recogniser with a set delay.

import { defineAgent, type AgentOptions } from '../../src/agent.ts';
import type { AudioFrame } from '../../src/audio/frame.ts';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import type { SpokenAudio } from '../../src/audio/spoken.ts';
import { createVoiceDetector } from '../../src/audio/voice-activity.ts';
import { BoundedQueue } from '../../src/lib/queue.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { opusscriptCodec } from '../../src/opus/opusscript.ts';
import { FRAME_MS } from '../../src/rtp/packet.ts';
import type { OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import { startSession } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import type { TextToSpeech } from '../../src/tts/port.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { levelDbfs, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { SimCaller } from '../../test/sim/sim-caller.ts';
import { SimRoom } from '../../test/sim/sim-room.ts';
import { SimModel } from '../../test/sim/stages.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { CodedVoice } from '../heard/coded-voice.ts';
import { holes, loweredAtMs, loudnessDbfs, silencedAtMs } from '../heard/ear.ts';
import type { EarWindow, Hole } from '../heard/ear.ts';
import { LONG_REPLY } from '../heard/long-reply.ts';
import { utteranceOf } from '../providers/deepgram.ts';

/** One way. */
const NETWORK_MS = 10;
/** From the end of a word to its interim. */
const RECOGNITION_MS = 150;
const FRAME_SAMPLES = (LISTENING_RATE_HZ * FRAME_MS) / 1000;
const LEAD_MS = 1000;
/** What follows so soon may be of the sound's making. */
const AFTERMATH_MS = 2000;
const HOLE_MS = 20;

const voice = new CodedVoice(LONG_REPLY);

export interface Observed {
  /** From the first sample of the clip, at the ear: the reply is 12 dB lower for good; below −40 dBFS for good. */
  readonly loweredMs: number;
  readonly silencedMs: number;
  readonly ended: boolean;
  /** Longest first. */
  readonly holes: readonly Hole[];
}

export interface CallSound {
  readonly samples: Int16Array;
  readonly heardAs: string;
  /** Of the line, at all times: peak of a uniform distribution, in 16 bit steps. */
  readonly noisePeak: number;
  /** How long the reply had been heard. */
  readonly afterMs: number;
  /** Where in a packet the clip begins: 0 to 319. */
  readonly offsetSamples: number;
}

export async function speakInto(sound: CallSound, options: AgentOptions = {}): Promise<Observed> {
  const clock = new VirtualClock();
  const ear = new Ear(clock);
  const reports: TurnReport[] = [];
  const recogniser = new Recogniser(clock);
  const session = await startSession({
    join: ear.join,
    stages: {
      stt: recogniser,
      model: new SimModel(clock, () => 'Yes.'),
      tts: tts(),
      codec: opusscriptCodec,
      createVoiceDetector,
    },
    settings: defineAgent({ anticipation: { source: 'off' }, greeting: LONG_REPLY, ...options }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  const caller = new SimCaller(clock, ear);
  caller.network = () => FRAME_MS + NETWORK_MS;
  const encoder = opusscriptCodec.createEncoder({ sampleRateHz: LISTENING_RATE_HZ });
  const line = noisyLine(sound.noisePeak);
  const quiet = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += FRAME_MS)
      await caller.sound(encoder.encode(line(new Int16Array(FRAME_SAMPLES))));
  };
  await quiet(LEAD_MS + sound.afterMs);
  const onsetAtMs = clock.nowMs() + (sound.offsetSamples * 1000) / LISTENING_RATE_HZ;
  recogniser.script = utteranceOf(sound.heardAs, sound.samples).map(({ text, endMs }) => ({
    text,
    dueAtMs: onsetAtMs + endMs + FRAME_MS + NETWORK_MS + RECOGNITION_MS,
  }));
  for (let start = -sound.offsetSamples; start < sound.samples.length; start += FRAME_SAMPLES) {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(sound.samples.subarray(Math.max(0, start), Math.max(0, start + FRAME_SAMPLES)), Math.max(0, -start));
    await caller.sound(encoder.encode(line(frame)));
  }
  const clipEndAtMs = clock.nowMs();
  await quiet(AFTERMATH_MS);
  const ended = reports.some(({ heardText }) => heardText !== undefined);
  await session.close();
  await clock.advance(5000);
  encoder.close();
  ear.stopListening();
  const windows = ear.windows();
  const within = windows.filter(({ atMs }) => atMs > onsetAtMs && atMs <= clipEndAtMs + 80);
  const full = loudnessDbfs(windows.filter(({ atMs }) => atMs < onsetAtMs));
  return {
    loweredMs: loweredAtMs(within, onsetAtMs, full) - onsetAtMs,
    silencedMs: silencedAtMs(within, onsetAtMs) - onsetAtMs,
    ended,
    holes: holes(
      windows.filter(({ atMs }) => atMs > onsetAtMs - 100 && atMs < clipEndAtMs + AFTERMATH_MS),
      HOLE_MS,
      voice,
    ).toSorted((one, other) => other.ms - one.ms),
  };
}

/** Hears all that is sent, on the grid of 10 ms. */
class Ear extends SimRoom {
  readonly #clock: Clock;
  readonly #heard: EarWindow[] = [];
  readonly #decoder = opusscriptCodec.createDecoder({ sampleRateHz: LISTENING_RATE_HZ });

  constructor(clock: Clock) {
    super(clock);
    this.#clock = clock;
  }

  override sendAudio(packet: OutgoingRtpPacket): boolean {
    const atMs = this.#clock.nowMs() + NETWORK_MS;
    const samples = this.#decoder.decode(packet.payload);
    const half = samples.length / 2;
    for (const [index, part] of [samples.subarray(0, half), samples.subarray(half)].entries()) {
      const tone = voice.toneOf(part, LISTENING_RATE_HZ);
      this.#heard.push({ atMs: atMs + (index + 1) * WINDOW_MS, dbfs: levelDbfs(part), tone });
    }
    return super.sendAudio(packet);
  }

  stopListening(): void {
    this.#decoder.close();
  }

  /** With silence where nothing came. */
  windows(): readonly EarWindow[] {
    const all: EarWindow[] = [];
    for (const window of this.#heard) {
      for (let last = all.at(-1); last !== undefined && window.atMs - last.atMs > 1.5 * WINDOW_MS; last = all.at(-1)) {
        all.push({ atMs: last.atMs + WINDOW_MS, dbfs: -Infinity, tone: undefined });
      }
      all.push(window);
    }
    return all;
  }
}

/** The coded voice, all of a piece of text at once. */
function tts(): TextToSpeech {
  return {
    name: 'coded',
    sampleRateHz: LISTENING_RATE_HZ,
    async *speak(chunks): AsyncGenerator<SpokenAudio, void, undefined> {
      let characterStart = 0;
      for await (const chunk of chunks) {
        const characterEnd = characterStart + chunk.length;
        yield { samples: voice.synthesise(chunk, LISTENING_RATE_HZ), characterStart, characterEnd };
        characterStart = characterEnd;
      }
    },
    warmUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Tells each word of the script when it is due, and a final when asked. */
class Recogniser implements SpeechToText {
  readonly name = 'scripted';
  readonly wordTimes = false;
  readonly finalsAtPauses = true;
  script: readonly { readonly text: string; readonly dueAtMs: number }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(): Promise<SttStream> {
    const events = new BoundedQueue<SttEvent>(1000);
    let endTimestamp = 0;
    let told = '';
    let settledCount = 0;
    const known = (): string =>
      this.script
        .filter(({ dueAtMs }) => dueAtMs <= this.#clock.nowMs())
        .slice(settledCount)
        .map(({ text }) => text)
        .join(' ');
    return Promise.resolve({
      events,
      write: (frame: AudioFrame) => {
        endTimestamp = frame.timestamp;
        const text = known();
        if (text !== told && text !== '') events.push({ type: 'interim', text, words: [], endTimestamp });
        told = text;
      },
      finalize: () => {
        const end = endTimestamp;
        this.#clock.after(RECOGNITION_MS, () => {
          const text = known();
          settledCount += text === '' ? 0 : text.split(' ').length;
          told = '';
          events.push({ type: 'final', text, words: [], endTimestamp: end, rejected: false, answersFinalize: true });
        });
      },
      close: () => events.close(),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A faint noise, as no microphone is without. Seeded: always the same. */
function noisyLine(peak: number): (samples: Int16Array) => Int16Array {
  let seed = 1;
  return (samples) =>
    samples.map((sample) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return Math.max(-32_768, Math.min(32_767, sample + Math.round((seed / 0x7fff_ffff - 0.5) * 2 * peak)));
    });
}
