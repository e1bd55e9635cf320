import { describe, expect, it } from 'vitest';

import type { AudioFrame } from '../audio/frame.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../rtp/packet.ts';
import type { SttEvent } from '../stt/port.ts';
import { CallerEcho } from './caller-echo.ts';

const SAID = 'I have a table at half past seven, by the window.';
const WORD_MS = 300;
const SPOKEN_MS = SAID.split(' ').length * WORD_MS;
const LOUD = new Int16Array(320).fill(5000);

/** The agent says `SAID` from 0 on; the caller's audio is silent. Times are milliseconds of both. */
class Scene {
  readonly echo = new CallerEcho(16_000);
  #reachedMs = 0;

  until(ms: number): void {
    const words = SAID.split(' ');
    for (; this.#reachedMs < ms; this.#reachedMs += 20) {
      const nowMs = this.#reachedMs;
      if (nowMs < SPOKEN_MS) this.echo.played(LOUD, nowMs);
      this.echo.spoken(1, words.slice(0, Math.floor(nowMs / WORD_MS)).join(' '), nowMs);
      const frame: AudioFrame = {
        samples: new Int16Array(320),
        timestamp: nowMs * TICKS_PER_MS,
        origin: 'received',
        arrivedAtMs: nowMs,
      };
      this.echo.hear(frame);
    }
  }

  /** A voice from one instant to another. */
  voice(fromMs: number, untilMs: number): void {
    this.until(fromMs);
    this.echo.noteVoice({ type: 'voiceStarted', timestamp: fromMs * TICKS_PER_MS });
    this.until(untilMs);
    this.echo.noteVoice({ type: 'voiceEnded', timestamp: untilMs * TICKS_PER_MS });
  }

  /** What is left of a final that has been heard up to now. */
  final(text: string, more: Partial<SttEvent> = {}): SttEvent {
    const endTimestamp = this.#reachedMs * TICKS_PER_MS;
    const event: SttEvent = { type: 'final', text, words: [], endTimestamp, rejected: false, answersFinalize: true };
    return this.echo.withoutOwnWords({ ...event, ...more });
  }
}

describe('words that come back while the agent speaks', () => {
  it('are no words, but the final that was asked for is one', () => {
    const scene = new Scene();
    scene.voice(1000, 2600);
    expect(scene.final('table at half past seven')).toMatchObject({ type: 'final', text: '', answersFinalize: true });
    expect(scene.echo.statistics.ownTranscripts).toBe(1);
  });

  it('are none either where no voice was found in them', () => {
    const scene = new Scene();
    scene.until(2600);
    expect(scene.final('table at half past seven').text).toBe('');
  });

  it('are told from words that the agent did not say', () => {
    const scene = new Scene();
    scene.voice(1000, 2600);
    expect(scene.final('table at half past eight').text).toBe('table at half past eight');
    expect(scene.echo.statistics.ownTranscripts).toBe(0);
  });

  it('take their words away from an interim as well', () => {
    const scene = new Scene();
    scene.voice(1000, 2600);
    expect(scene.final('table at half past seven', { type: 'interim' })).toMatchObject({ type: 'interim', text: '' });
  });
});

describe('a caller who says what the agent has said', () => {
  it('after it, is heard', () => {
    const scene = new Scene();
    scene.voice(SPOKEN_MS + 300, SPOKEN_MS + 1500);
    expect(scene.final('half past seven by the window').text).toBe('half past seven by the window');
  });

  it('and begins a little before its end, is heard', () => {
    const scene = new Scene();
    scene.voice(SPOKEN_MS - 200, SPOKEN_MS + 1000);
    expect(scene.final('half past seven by the window').text).toBe('half past seven by the window');
  });

  it('is heard where the recogniser says when: what came of a cough before is forgotten with its final', () => {
    const scene = new Scene();
    scene.voice(1000, 1300);
    scene.final('');
    scene.until(SPOKEN_MS + 1500);
    const words = ['half', 'past', 'seven'].map((text, n) => ({
      text,
      startTimestamp: (SPOKEN_MS + 300 + 300 * n) * TICKS_PER_MS,
      endTimestamp: (SPOKEN_MS + 600 + 300 * n) * TICKS_PER_MS,
    }));
    expect(scene.final('half past seven', { words }).text).toBe('half past seven');
    scene.voice(SPOKEN_MS + 2000, SPOKEN_MS + 3000);
    expect(scene.final('half past seven').text).toBe('half past seven');
  });

  it('long after it began, is not matched with what was said before', () => {
    const scene = new Scene();
    scene.voice(2400, 2900);
    expect(scene.final('I have a table').text).toBe('I have a table');
  });
});

describe('frames', () => {
  it('pass as they are while nothing is played', () => {
    const echo = new CallerEcho(16_000);
    for (let n = 0; n < 200; n += 1) {
      const samples = Int16Array.from({ length: 320 }, (_, index) => 8000 * Math.sin(index * (0.1 + (n % 17) / 20)));
      const frame: AudioFrame = { samples, timestamp: n * FRAME_TICKS, origin: 'received', arrivedAtMs: n * 20 };
      expect(echo.hear(frame)).toEqual([frame]);
    }
    expect(echo.statistics).toEqual({ echoFrames: 0, releasedFrames: 0, ownTranscripts: 0 });
  });
});
