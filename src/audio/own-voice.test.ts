import { describe, expect, it } from 'vitest';
import {
  activePower,
  echoOf,
  heardOver,
  LINE_RATE_HZ,
  powerIn,
  randomNumbers,
  toPcm,
  type EchoingLine,
} from '../../test/fixtures/echoing-line.ts';
import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { Flite } from '../tts/offline/flite.ts';
import { OwnVoice, type OwnVoiceVerdict } from './own-voice.ts';
import { Resampler } from './resampler.ts';

const FRAME_SAMPLES = 320;
const FRAME_MS = 20;
const START_MS = 5000;

const flite = await Flite.load();
const played = conversation(
  [
    'Good morning, this is the front desk of the harbour hotel. How can I help you today?',
    'I have a table for four at half past eight, by the window. Would that suit you?',
    'Your reservation number is seven four two nine one three, please keep it at hand when you arrive.',
    'Okay. That comes to forty three pounds and twenty pence, including service and the breakfast for two people.',
    'Please take the second street on the left, walk past the old church, and you will see our sign above the door.',
  ].map((text) => flite.synthesize(text, 'slt').samples),
  16_000,
);
const callers = [
  ...[
    'Wait, I meant something else.',
    'No, stop, that is wrong.',
    'Can you make it five people?',
    'How much is that?',
  ].flatMap((text) => [flite.synthesize(text, 'rms').samples, flite.synthesize(text, 'awb').samples]),
  readFixtureWav('speech/librivox-sense-0880.wav'),
  readFixtureWav('speech/digits-29340.wav'),
].map(fromOnset);

const LINES: readonly (readonly [string, EchoingLine])[] = [
  ['−15 dB after 40 ms', { attenuationDb: 15, delayMs: 40 }],
  ['−25 dB after 150 ms, a live room, Opus, noise, drift', real({ attenuationDb: 25, delayMs: 150, driftPpm: 100 })],
  ['−35 dB after 400 ms, a live room, Opus, noise', real({ attenuationDb: 35, delayMs: 400 })],
  ['−15 dB after 400 ms, a telephone', real({ attenuationDb: 15, delayMs: 400, telephone: true })],
  ['−25 dB after 40 ms, a telephone', real({ attenuationDb: 25, delayMs: 40, telephone: true })],
  ['−35 dB after 200 ms, a telephone', real({ attenuationDb: 35, delayMs: 200, telephone: true })],
];

function real(line: EchoingLine): EchoingLine {
  return { reverberationMs: 400, opus: true, noise: true, ...line };
}

/** Pieces with pauses between them, and a second before. */
function conversation(pieces: readonly Int16Array[], pauseSamples: number): Int16Array {
  return Int16Array.from(pieces.flatMap((piece) => [...new Int16Array(pauseSamples), ...piece]));
}

/** The sound from where 50 ms of it are within 15 dB of its usual level: a breath before the first word interrupts nobody. */
function fromOnset(samples: Int16Array): Int16Array {
  const threshold = activePower(samples) / 30;
  let start = 0;
  for (let loud = 0; loud < 5; start += 160) loud = powerIn(samples, start, start + 160) > threshold ? loud + 1 : 0;
  return samples.subarray(start - 5 * 160);
}

/** The verdicts on `heard`, frame by frame, while `played` plays. */
function verdicts(heard: Int16Array, ownVoice = new OwnVoice(LINE_RATE_HZ), sent = played): OwnVoiceVerdict[] {
  return Array.from({ length: Math.floor(heard.length / FRAME_SAMPLES) }, (_, frame) => {
    const atMs = START_MS + frame * FRAME_MS;
    ownVoice.played(frameOf(sent, frame), atMs);
    return ownVoice.heard(frameOf(heard, frame), atMs + FRAME_MS);
  });
}

function frameOf(samples: Int16Array, frame: number): Int16Array {
  return samples.slice(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES);
}

/** Frames in which `sound` is within 25 dB of its usual level. */
function soundingFrames(sound: Int16Array | Float32Array): number[] {
  const threshold = activePower(sound) / 300;
  return Array.from({ length: Math.floor(sound.length / FRAME_SAMPLES) }, (_, frame) => frame).filter(
    (frame) => powerIn(sound, frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES) > threshold,
  );
}

function isTakenForEcho(verdict: OwnVoiceVerdict | undefined): boolean {
  return verdict?.content === 'echo' || verdict?.content === 'suspected';
}

/** How many times 200 ms of an echo, one after another, were not recognised as one; from `fromMs` after its beginning on. */
function missedRuns(found: readonly OwnVoiceVerdict[], echo: Float32Array, fromMs: number): number {
  const frames = soundingFrames(echo);
  const first = (frames[0] ?? 0) + fromMs / FRAME_MS;
  let run = 0;
  let runs = 0;
  for (const frame of frames.filter((each) => each >= first)) {
    run = isTakenForEcho(found[frame]) ? 0 : run + 1;
    if (run === 10) runs += 1;
  }
  return runs;
}

/** By how much callers who interrupt are louder than the echo, in turn. */
const LOUDER_DB = [10, 5, 0];

/** Callers who begin while the echo of `line` sounds; those who are heard within 250 ms, and all of them, by `LOUDER_DB`. */
function interruptions(line: EchoingLine): { readonly heard: readonly number[]; readonly all: readonly number[] } {
  const echo = echoOf(played, line);
  const echoPower = activePower(echo);
  const sounding = new Set(soundingFrames(echo));
  const mixture = echo.slice();
  const random = randomNumbers(5);
  const onsets: number[] = [];
  for (let frame = 200; frame < mixture.length / FRAME_SAMPLES - 100; frame += 1) {
    if (!sounding.has(frame) || !sounding.has(frame + 6)) continue;
    const caller = (callers[(onsets.length * 3) % callers.length] ?? new Int16Array()).subarray(0, 16_000);
    const gain =
      Math.sqrt(echoPower / activePower(caller)) * 10 ** ((LOUDER_DB[onsets.length % LOUDER_DB.length] ?? 0) / 20);
    mix(mixture, caller, frame * FRAME_SAMPLES, gain);
    onsets.push(frame);
    frame += 80 + Math.floor(20 * random());
  }
  const found = verdicts(heardOver(line, mixture, echoPower));
  const isHeard = onsets.map((onset) => found.slice(onset, onset + 12).some((verdict) => !isTakenForEcho(verdict)));
  const eachThird = (which: number): boolean[] => isHeard.filter((_, n) => n % LOUDER_DB.length === which);
  return {
    heard: LOUDER_DB.map((_, which) => eachThird(which).filter(Boolean).length),
    all: LOUDER_DB.map((_, which) => eachThird(which).length),
  };
}

function mix(into: Float32Array, samples: Int16Array, at: number, gain: number): void {
  samples.forEach((sample, n) => {
    if (at + n < into.length) into[at + n] = (into[at + n] ?? 0) + gain * sample;
  });
}

describe('OwnVoice', () => {
  it.each(LINES)(
    'recognises what comes back at %s, and how late',
    (_name, line) => {
      const echo = echoOf(played, line);
      const found = verdicts(heardOver(line, echo, activePower(echo)));
      expect(missedRuns(found, echo, 0)).toBe(0);
      const last = found.at(-1);
      // Frames are heard 20 ms after they were played, and codecs and filters look ahead.
      expect(Math.abs((last?.delayMs ?? 0) - line.delayMs - 30)).toBeLessThanOrEqual(30);
      const levels = found.flatMap(({ echoLevelDb }) => echoLevelDb ?? []);
      expect(Math.max(...levels)).toBeLessThan(10 * Math.log10(activePower(echo) / 32_768 ** 2) + 20);
    },
    60_000,
  );

  it('hears callers over the echo within 250 ms, whether louder or as loud', () => {
    const counts = LINES.slice(1).map(([, line]) => interruptions(line));
    const share = LOUDER_DB.map((_, which) => {
      const all = counts.reduce((sum, count) => sum + (count.all[which] ?? 0), 0);
      expect(all).toBeGreaterThan(15);
      return counts.reduce((sum, count) => sum + (count.heard[which] ?? 0), 0) / all;
    });
    expect(share[0]).toBeGreaterThanOrEqual(0.95);
    expect(share[1]).toBeGreaterThanOrEqual(0.9);
    expect(share[2]).toBeGreaterThanOrEqual(0.8);
  }, 120_000);

  it('takes no caller for an echo where nothing comes back', () => {
    const caller = conversation([...callers, ...callers], 6000).subarray(0, played.length);
    const found = verdicts(caller);
    const voiced = soundingFrames(caller);
    const mistaken = voiced.filter((frame) => isTakenForEcho(found[frame]));
    expect(voiced.length).toBeGreaterThan(400);
    expect(mistaken.length).toBeLessThanOrEqual(0.02 * voiced.length);
    // In the first seconds sound that follows play is suspected.
    expect(mistaken.filter((frame) => frame > 250).length).toBeLessThanOrEqual(0.005 * voiced.length);
  });

  it('hears the first word of a caller at once when nothing came back of the play before', () => {
    const caller = new Float32Array(12 * LINE_RATE_HZ);
    const at = 8 * LINE_RATE_HZ;
    for (const samples of callers.slice(0, 1)) mix(caller, samples, at, 1);
    const found = verdicts(toPcm(caller));
    expect(found.filter(isTakenForEcho)).toEqual([]);
  });

  it('knows no echo while nothing is played', () => {
    const ownVoice = new OwnVoice(LINE_RATE_HZ);
    const found = verdicts(conversation(callers, 6000), ownVoice, new Int16Array(0));
    expect(new Set(found.map(({ content }) => content))).toEqual(new Set(['nothing']));
  });

  it('recognises an echo of play at another rate', () => {
    const echo = echoOf(played, { attenuationDb: 25, delayMs: 100 });
    const heard = toPcm(echo);
    const sent = new Resampler(LINE_RATE_HZ, 24_000).push(played);
    const ownVoice = new OwnVoice(24_000);
    const found = Array.from({ length: Math.floor(heard.length / FRAME_SAMPLES) - 1 }, (_, frame) => {
      ownVoice.played(sent.slice(frame * 480, (frame + 1) * 480), START_MS + frame * FRAME_MS);
      return ownVoice.heard(frameOf(heard, frame), START_MS + (frame + 1) * FRAME_MS);
    });
    expect(missedRuns(found, echo, 0)).toBe(0);
  });

  it('follows frames that arrive late and in bursts, and a line whose delay changes', () => {
    const near = echoOf(played, { attenuationDb: 25, delayMs: 100 });
    const far = echoOf(played, { attenuationDb: 25, delayMs: 140 });
    const changesAt = played.length >> 1;
    const echo = near.map((sample, n) => (n < changesAt ? sample : (far[n] ?? 0)));
    const heard = toPcm(echo);
    const ownVoice = new OwnVoice(LINE_RATE_HZ);
    const found = Array.from({ length: Math.floor(heard.length / FRAME_SAMPLES) }, (_, frame) => {
      ownVoice.played(frameOf(played, frame), START_MS + frame * FRAME_MS);
      // Three at a time.
      return ownVoice.heard(frameOf(heard, frame), START_MS + (Math.floor(frame / 3) * 3 + 3) * FRAME_MS);
    });
    expect(missedRuns(found, echo, 0)).toBe(0);
    expect(Math.abs((found[Math.floor(changesAt / FRAME_SAMPLES) - 50]?.delayMs ?? 0) - 120)).toBeLessThanOrEqual(40);
    expect(Math.abs((found.at(-1)?.delayMs ?? 0) - 160)).toBeLessThanOrEqual(40);
  });

  it('gives an echo up that comes back no more, and hears a quiet caller then', () => {
    const line: EchoingLine = { attenuationDb: 15, delayMs: 100 };
    const plugsInAt = 8 * LINE_RATE_HZ;
    const echo = echoOf(played, line).map((sample, n) => (n < plugsInAt ? sample : 0));
    const caller = conversation(callers, 6000);
    const quiet = new Float32Array(played.length);
    for (let n = plugsInAt + LINE_RATE_HZ; n < quiet.length; n += 1) quiet[n] = 0.1 * (caller[n - plugsInAt] ?? 0);
    const found = verdicts(toPcm(echo.map((sample, n) => sample + (quiet[n] ?? 0))));
    expect(missedRuns(found.slice(0, plugsInAt / FRAME_SAMPLES), echo.subarray(0, plugsInAt), 0)).toBe(0);
    const voiced = soundingFrames(quiet);
    expect(voiced.filter((frame) => isTakenForEcho(found[frame])).length).toBeLessThanOrEqual(0.05 * voiced.length);
  });

  it('says what is beyond the echo', () => {
    const line: EchoingLine = { attenuationDb: 25, delayMs: 100 };
    const echo = echoOf(played, line);
    const at = 10 * LINE_RATE_HZ;
    const [caller = new Int16Array()] = callers;
    const mixture = echo.slice();
    mix(mixture, caller, at, 1);
    const found = verdicts(toPcm(mixture)).slice(at / FRAME_SAMPLES, at / FRAME_SAMPLES + 30);
    const loudest = Math.max(...found.map(({ residualDb }) => residualDb ?? -100));
    expect(loudest).toBeGreaterThan(10 * Math.log10(activePower(caller) / 32_768 ** 2) - 10);
    expect(loudest).toBeLessThan(0);
  });
});
