import { describe, expect, it } from 'vitest';
import { FRAME_SAMPLES, never, piece, ramp, RATE_HZ, Stage } from '../../test/sim/playout-stage.ts';
import type { Speech } from './speech.ts';
import type { SpokenAudio } from './spoken.ts';

/** A constant level, so that the gain shows. */
const tone = (duration: number): Int16Array => new Int16Array(duration * RATE_HZ).fill(10_000);

/** One character a frame: 20 ms a character. */
const frames = (count: number): SpokenAudio => piece(ramp(count * FRAME_SAMPLES), 0, count);
const firstSample = (frame: number): number => frame * FRAME_SAMPLES + 1;

describe('a reply that is lowered', () => {
  it('is lowered from the next frame on, within the ramp, and raised again; nothing of it is lost', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    const speech = stage.begin();
    void speech.write(piece(tone(1), 0, 10), { signal: never });
    speech.end();
    await stage.clock.advance(190);
    speech.setGain(-20, { rampMs: 20 });
    await stage.clock.advance(200);
    speech.setGain(0, { rampMs: 80 });
    await stage.clock.advance(1000);
    const levels = stage.spoken.map(({ samples }) => samples.at(-1));
    expect(levels).toHaveLength(50);
    expect(levels.slice(0, 10)).toEqual(Array(10).fill(10_000));
    expect(levels.slice(11, 20)).toEqual(Array(9).fill(1000));
    expect(levels.slice(24)).toEqual(Array(26).fill(10_000));
    expect(speech.heardCharacters()).toBe(10);
  });

  it('fades out from the lower level when it is stopped', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    const speech = stage.begin();
    void speech.write(piece(tone(1), 0, 10), { signal: never });
    await stage.clock.advance(190);
    speech.setGain(-20, { rampMs: 20 });
    await stage.clock.advance(100);
    const sentCount = stage.spoken.length;
    speech.stop();
    await stage.clock.advance(1000);
    const fade = stage.spoken.slice(sentCount).flatMap(({ samples }) => [...samples]);
    expect(fade.length).toBeGreaterThan(2 * FRAME_SAMPLES);
    expect(Math.max(...fade)).toBeLessThanOrEqual(1000);
  });
});

describe('a reply that is suspended', () => {
  it('fades out, and plays on from the place that is asked for', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    const events: string[] = [];
    const speech = stage.begin(events);
    void speech.write(frames(50), { signal: never });
    speech.end();
    await stage.clock.advance(199);
    expect(speech.suspend()).toBe(10);
    expect(speech.suspend()).toBe(10);
    await stage.clock.advance(1001);
    expect(stage.spoken).toHaveLength(13);
    expect(stage.playout.statistics.underruns).toBe(0);
    const resumedAtMs = stage.clock.nowMs();
    speech.resume({ fromCharacters: 7 });
    await stage.clock.advance(2000);
    const resumed = stage.spoken.slice(13);
    expect(resumed[0]).toMatchObject({ atMs: resumedAtMs, marker: true });
    expect(resumed).toHaveLength(43);
    // The first frame fades in.
    expect(resumed[0]?.samples.at(-1)).toBeCloseTo(firstSample(8) - 1, -1);
    expect(resumed[1]?.samples[0]).toBe(firstSample(8));
    expect(resumed[4]?.samples[0]).toBe(firstSample(11));
    expect(events).toEqual(['firstPacket', 'audible', 'finished 50']);
  });

  it('counts what is played twice as heard once, and never takes back what was heard', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    const speech = stage.begin();
    void speech.write(frames(50), { signal: never });
    await stage.clock.advance(199);
    speech.suspend();
    await stage.clock.advance(500);
    speech.resume({ fromCharacters: 5 });
    await stage.clock.advance(39);
    expect(speech.heardCharacters()).toBe(10);
    await stage.clock.advance(100);
    expect(speech.stop()).toBe(12);
  });

  it('takes no more than its bound, and its writer goes on once it plays on', async () => {
    const stage = new Stage(10);
    await stage.clock.advance(500);
    const speech = stage.begin();
    let written = false;
    void speech.write(frames(30), { signal: never }).then(() => (written = true));
    await stage.clock.advance(99);
    speech.suspend();
    await stage.clock.advance(5000);
    expect(written).toBe(false);
    speech.resume({ fromCharacters: 5 });
    await stage.clock.advance(500);
    expect(written).toBe(true);
    speech.stop();
  });

  it('that has everything written does not finish before it was played', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    const events: string[] = [];
    const speech = stage.begin(events);
    void speech.write(frames(10), { signal: never });
    await stage.clock.advance(250);
    expect(stage.spoken).toHaveLength(10);
    speech.suspend();
    speech.end();
    await stage.clock.advance(500);
    expect(events).toEqual(['firstPacket', 'audible']);
    speech.resume({ fromCharacters: 10 });
    expect(events).toEqual(['firstPacket', 'audible', 'finished 10']);
  });

  it('is over without a sound when it is stopped, or another begins', async () => {
    const stage = new Stage(500);
    await stage.clock.advance(500);
    for (const end of [(speech: Speech) => speech.stop(), () => stage.begin()]) {
      const speech = stage.begin();
      void speech.write(frames(50), { signal: never });
      await stage.clock.advance(199);
      speech.suspend();
      await stage.clock.advance(200);
      const sentCount = stage.spoken.length;
      end(speech);
      speech.resume({ fromCharacters: 0 });
      await stage.clock.advance(500);
      expect(stage.spoken).toHaveLength(sentCount);
      expect(speech.heardCharacters()).toBe(10);
    }
  });
});
