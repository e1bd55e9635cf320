// A call in virtual time over a line that returns the agent's voice: session, codec, voice activity and speech are real;
// recognition hears words in whatever sounds, so that any echo that gets through is one.

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import type { AudioFrame } from '../../src/audio/frame.ts';
import { levelDbfs } from '../../src/audio/level.ts';
import { createVoiceDetector, type VoiceDetector } from '../../src/audio/voice-activity.ts';
import { createLogger, type LogFields } from '../../src/lib/log.ts';
import { BoundedQueue } from '../../src/lib/queue.ts';
import { opusscriptCodec } from '../../src/opus/opusscript.ts';
import { FRAME_MS, FRAME_TICKS, type OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import type { Flite, OfflineVoice } from '../../src/tts/offline/flite.ts';
import type { TextToSpeech } from '../../src/tts/port.ts';
import { activePower, type EchoingLine, powerIn } from '../fixtures/echoing-line.ts';
import { FRAME_SAMPLES, LiveLine } from '../fixtures/live-line.ts';
import { SimRoom } from './sim-room.ts';
import { wait } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What the agent says, in turn; of the length of real answers. */
export const ANSWERS: readonly string[] = [
  'Good morning, this is the front desk of the harbour hotel. I have a table for four at half past eight, by the window, or a ' +
    'smaller one near the door at seven. The kitchen closes at ten, and the bar stays open until midnight.',
  'Sure. Your reservation number is seven four two nine one three, please keep it at hand when you arrive. Parking is free for ' +
    'our guests, and the garage is behind the house, right next to the old church.',
  'That comes to forty three pounds and twenty pence. It includes the service and a breakfast for two people, but not the ' +
    'drinks from the room. You can pay with any card, or in cash when you leave.',
  'Well, take the second street on the left, walk past the market, and you will see our sign above the door. It takes about ten ' +
    'minutes from the station. If it rains, the number six bus stops just outside.',
];
const SYLLABLE_FRAMES = 10;
const RECOGNITION_MS = 150;
const FIRST_AUDIO_MS = 150;
/** A pause of the agent's longer than this is one between two replies. */
const IDLE_MS = 1500;
const AUDIBLE_DBFS = -40;

/** Speech of the agent, made once for each text. */
export class SpokenTexts {
  readonly #flite: Flite;
  readonly #voice: OfflineVoice;
  readonly #made = new Map<string, Int16Array>();

  constructor(flite: Flite, voice: OfflineVoice) {
    this.#flite = flite;
    this.#voice = voice;
  }

  /** 16 kHz. */
  speech(text: string): Int16Array {
    const made = this.#made.get(text) ?? this.#flite.synthesize(text, this.#voice).samples;
    this.#made.set(text, made);
    return made;
  }
}

export interface EchoCallOptions {
  readonly line: EchoingLine;
  readonly spoken: SpokenTexts;
  /** Mean square, while it sounds, of the faintest that recognition hears words in. */
  readonly audiblePower: number;
  readonly agent?: AgentOptions;
}

export class EchoCall {
  readonly clock = new VirtualClock();
  readonly reports: TurnReport[] = [];
  /** When voice activity found a voice. */
  readonly voicesAtMs: number[] = [];
  /** What the log says of the caller's audio, at the end. */
  statistics: LogFields = {};
  /** When the agent was last heard. */
  lastAudibleAtMs = -Infinity;
  readonly #room: SimRoom;
  readonly #line: LiveLine;
  readonly #options: EchoCallOptions;
  #session: Session | undefined;
  #frames = 0;
  #answers = 0;

  constructor(options: EchoCallOptions) {
    this.#options = options;
    const { line, spoken } = options;
    const power = activePower(spoken.speech(ANSWERS[0] ?? '')) / 10 ** (line.attenuationDb / 10);
    this.#line = new LiveLine(line, power);
    this.#room = new EarRoom(this.clock, (payload) => this.#hear(payload));
  }

  async start(): Promise<void> {
    this.#session = await startSession({
      join: this.#room.join,
      stages: {
        stt: new HearsWords(this.clock, this.#options.audiblePower),
        model: { name: 'answers', reply: () => this.#answer() },
        tts: new FlitePieces(this.clock, this.#options.spoken),
        codec: opusscriptCodec,
        createVoiceDetector: () => this.#watched(createVoiceDetector()),
      },
      settings: defineAgent({ ...this.#options.agent, maxCallMs: 1e9 }),
      clock: this.clock,
      log: createLogger((_level, message, fields) => {
        if (message === 'audio of the caller') this.statistics = fields;
      }),
      onTurn: (report) => {
        if (report.heardText !== undefined) this.reports.push(report);
      },
    });
    this.#room.enter('caller');
  }

  /** 20 ms pass. The agent is asked by a message whenever it has been silent for a while. */
  async frame(voice?: Float32Array): Promise<void> {
    const nowMs = this.clock.nowMs();
    const isIdle = nowMs - Math.max(this.lastAudibleAtMs, 1000) > IDLE_MS;
    if (isIdle && voice === undefined && this.#frames % 50 === 0) {
      this.#room.tell({ type: 'text', topic: 'lk.chat', identity: 'caller', text: 'go on', attributes: {} });
    }
    this.#room.receive('caller', {
      ssrc: 7,
      payloadType: 111,
      sequenceNumber: this.#frames % 65_536,
      rtpTimestamp: (this.#frames * FRAME_TICKS) % 2 ** 32,
      marker: false,
      payload: this.#line.send(voice, nowMs),
    });
    this.#frames += 1;
    await this.clock.advance(FRAME_MS);
  }

  async close(): Promise<void> {
    await this.#session?.close();
    await this.clock.advance(10_000);
    this.#line.close();
  }

  #hear(payload: Uint8Array): void {
    const nowMs = this.clock.nowMs();
    if (levelDbfs(this.#line.receive(payload, nowMs)) > AUDIBLE_DBFS) this.lastAudibleAtMs = nowMs + FRAME_MS;
  }

  async *#answer(): AsyncGenerator<string, void> {
    const text = ANSWERS[this.#answers % ANSWERS.length] ?? '';
    this.#answers += 1;
    await Promise.resolve();
    yield text;
  }

  #watched(detector: VoiceDetector): VoiceDetector {
    const process = (frame: AudioFrame): ReturnType<VoiceDetector['process']> => {
      const events = detector.process(frame);
      if (events.some(({ type }) => type === 'voiceStarted')) this.voicesAtMs.push(this.clock.nowMs());
      return events;
    };
    return {
      process,
      get doubt() {
        return detector.doubt;
      },
    };
  }
}

class EarRoom extends SimRoom {
  readonly #onAudio: (payload: Uint8Array) => void;

  constructor(clock: VirtualClock, onAudio: (payload: Uint8Array) => void) {
    super(clock);
    this.#onAudio = onAudio;
  }

  override sendAudio({ payload }: OutgoingRtpPacket): boolean {
    this.#onAudio(payload);
    return true;
  }
}

class FlitePieces implements TextToSpeech {
  readonly name = 'flite';
  readonly sampleRateHz = 16_000;
  readonly #clock: VirtualClock;
  readonly #spoken: SpokenTexts;

  constructor(clock: VirtualClock, spoken: SpokenTexts) {
    this.#clock = clock;
    this.#spoken = spoken;
  }

  async *speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): ReturnType<TextToSpeech['speak']> & AsyncGenerator {
    let characters = 0;
    for await (const chunk of chunks) {
      await wait(this.#clock, FIRST_AUDIO_MS, signal);
      if (signal.aborted) return;
      const characterEnd = characters + chunk.length;
      yield { samples: this.#spoken.speech(chunk), characterStart: characters, characterEnd };
      characters = characterEnd;
    }
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Makes a word, one that the agent never says, of each 200 ms of sound. */
class HearsWords implements SpeechToText {
  readonly name = 'hears words';
  readonly wordTimes = false;
  readonly finalsAtPauses = true;
  readonly #clock: VirtualClock;
  readonly #audiblePower: number;

  constructor(clock: VirtualClock, audiblePower: number) {
    this.#clock = clock;
    this.#audiblePower = audiblePower;
  }

  open(): Promise<SttStream> {
    const events = new BoundedQueue<SttEvent>(1000);
    let soundFrames = 0;
    let words = 0;
    let endTimestamp = 0;
    const tell = (event: SttEvent): void => {
      this.#clock.after(RECOGNITION_MS, () => {
        if (!events.closed) events.push(event);
      });
    };
    const text = (): string => Array.from({ length: words }, () => 'wobble').join(' ');
    return Promise.resolve({
      events,
      write: ({ samples, timestamp }: AudioFrame) => {
        endTimestamp = timestamp + FRAME_TICKS;
        if (powerIn(samples, 0, samples.length) < this.#audiblePower) return;
        soundFrames += 1;
        if (soundFrames % SYLLABLE_FRAMES !== 0) return;
        words += 1;
        tell({ type: 'interim', text: text(), words: [], endTimestamp });
      },
      finalize: () => {
        tell({ type: 'final', text: text(), words: [], endTimestamp, rejected: false, answersFinalize: true });
        words = 0;
        soundFrames = 0;
      },
      close: () => events.close(),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What happened over some minutes in which only the agent spoke. */
export interface EchoAlone {
  readonly minutes: number;
  /** Replies that did not reach their end. */
  readonly interrupted: number;
  /** Turns that were made of the echo. */
  readonly answered: number;
  /** Voices that were found in it: each lowers the reply for a moment. */
  readonly voices: number;
  readonly statistics: LogFields;
}

export async function echoAlone(options: EchoCallOptions, minutes: number): Promise<EchoAlone> {
  const call = new EchoCall(options);
  await call.start();
  for (let frame = 0; frame < minutes * 3000; frame += 1) await call.frame();
  const reports = [...call.reports];
  await call.close();
  return {
    minutes,
    interrupted: reports.filter(isInterrupted).length,
    answered: reports.filter(({ source }) => source === 'voice').length,
    voices: call.voicesAtMs.length,
    statistics: call.statistics,
  };
}

/** Two seconds after the end of a clip nobody waits for the effect of it. */
const LONGEST_WAIT_FRAMES = 100;
/** A reply fades for 60 ms; an answer takes longer. */
const FADE_FRAMES = 4;

function isInterrupted({ heardText = '', reply = '' }: TurnReport): boolean {
  return heardText.trim() !== reply.trim();
}

export interface Interruption {
  /** From the first sample of the caller's speech, ms: until the reply is silent for good; absent where it isn't stopped. */
  readonly silencedAfterMs: number | undefined;
  /** Until a voice is known; the next frame of the reply is lowered. */
  readonly noticedAfterMs: number | undefined;
}

/** Callers who speak over the agent after `afterMs` of its speech, one after another, each for as long as the clip. */
export async function interruptions(
  options: EchoCallOptions,
  clips: readonly Float32Array[],
  afterMs: number,
): Promise<Interruption[]> {
  const call = new EchoCall(options);
  await call.start();
  const found: Interruption[] = [];
  for (const clip of clips) {
    await agentHasSpoken(call, afterMs);
    const fromMs = call.clock.nowMs() - FRAME_MS;
    const replies = call.reports.length;
    const voices = call.voicesAtMs.length;
    for (let at = 0; at < clip.length; at += FRAME_SAMPLES) await call.frame(clip.subarray(at, at + FRAME_SAMPLES));
    for (let waited = 0; waited < LONGEST_WAIT_FRAMES && call.reports.length === replies; waited += 1)
      await call.frame();
    const ended = call.reports[replies];
    for (let fade = 0; fade < FADE_FRAMES; fade += 1) await call.frame();
    const silencedAtMs = call.lastAudibleAtMs;
    const noticedAtMs = call.voicesAtMs[voices];
    found.push({
      silencedAfterMs: ended !== undefined && isInterrupted(ended) ? silencedAtMs - fromMs : undefined,
      noticedAfterMs: noticedAtMs === undefined ? undefined : noticedAtMs - fromMs,
    });
  }
  await call.close();
  return found;
}

/** Waits until the agent has been speaking for a while, without a long pause. */
async function agentHasSpoken(call: EchoCall, forMs: number): Promise<void> {
  let sinceMs = call.clock.nowMs();
  while (call.clock.nowMs() - sinceMs < forMs || call.clock.nowMs() > call.lastAudibleAtMs) {
    if (call.clock.nowMs() - call.lastAudibleAtMs > 700) sinceMs = call.clock.nowMs();
    await call.frame();
  }
}
