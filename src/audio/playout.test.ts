import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialDistance } from '../rtp/serial.ts';
import { FRAME_SAMPLES, never, piece, ramp, RATE_HZ, seconds, Stage } from '../../test/sim/playout-stage.ts';
import type { SentAt, Speech } from './playout.ts';

describe('Playout, pacing', () => {
  it('sends the first frame at once, when 20 ms are there, and the others 20 ms apart', async () => {
    const stage = new Stage();
    await stage.clock.advance(237);
    const speech = stage.begin();
    void speech.write(piece(ramp(FRAME_SAMPLES - 1)), { signal: never });
    expect(stage.spoken).toHaveLength(0);
    const startedAtMs = stage.clock.nowMs();
    void speech.write(piece(ramp(1 + 9 * FRAME_SAMPLES, FRAME_SAMPLES - 1)), { signal: never });
    expect(stage.spoken).toHaveLength(1);
    await stage.clock.advance(1000);
    const sentAfterMs = stage.spoken.map(({ atMs }) => Math.round(atMs - startedAtMs));
    expect(sentAfterMs).toEqual(Array.from({ length: 10 }, (_, n) => n * 20));
  });

  it('marks the first packet of a talkspurt, and numbers contiguously over speech and silence', async () => {
    const stage = new Stage();
    await stage.clock.advance(500);
    for (let reply = 0; reply < 2; reply += 1) {
      const speech = stage.begin();
      void speech.write(piece(seconds(0.1)), { signal: never });
      speech.end();
      await stage.clock.advance(1000);
    }
    expect(stage.spoken.map(({ marker }) => marker)).toEqual([
      true,
      ...Array(4).fill(false),
      true,
      ...Array(4).fill(false),
    ]);
    const steps = stage.sent
      .slice(1)
      .map((packet, n) => serialDistance(stage.sent[n]?.sequenceNumber ?? 0, packet.sequenceNumber, 16));
    expect(new Set(steps)).toEqual(new Set([1]));
  });

  it('keeps the line open with a packet each 400 ms, from the start', async () => {
    const stage = new Stage();
    await stage.clock.advance(4000);
    expect(stage.sent).toHaveLength(11);
    const steps = stage.sent
      .slice(1)
      .map((packet, n) => serialDistance(stage.sent[n]?.rtpTimestamp ?? 0, packet.rtpTimestamp, 32));
    expect(new Set(steps)).toEqual(new Set([19_200]));
    expect(stage.sent.every(({ audioLevelDbov, marker }) => audioLevelDbov === 127 && !marker)).toBe(true);
  });

  it('closes speech with two frames of silence', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(0.1)), { signal: never });
    speech.end();
    await stage.clock.advance(300);
    const lastSpoken = stage.spoken.at(-1)?.atMs ?? 0;
    expect(stage.sent.filter(({ atMs }) => atMs > lastSpoken).map(({ atMs }) => Math.round(atMs - lastSpoken))).toEqual(
      [20, 40],
    );
  });

  it('does not drift in an hour, and its timestamps are true to real time', async () => {
    const stage = new Stage(500);
    const speech = stage.begin();
    const firstAtMs = stage.clock.nowMs();
    let written = 0;
    const writer = (async () => {
      for (; written < 360; written += 1) await speech.write(piece(seconds(10)), { signal: never });
    })();
    await stage.clock.advance(3_600_000 - 1);
    const last = stage.sent.at(-1);
    const first = stage.spoken[0];
    expect(stage.playout.statistics).toMatchObject({ framesSent: 180_000, underruns: 0 });
    expect(last?.atMs).toBeCloseTo(firstAtMs + 3_599_980, 3);
    expect(((last?.rtpTimestamp ?? 0) - (first?.rtpTimestamp ?? 0) + 2 ** 32) % 2 ** 32).toBe(3_599_980 * 48);
    stage.playout.close();
    await writer;
  }, 60_000);

  it('catches up after a short delay of the event loop without moving anything in time', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(1)), { signal: never });
    await stage.clock.advance(100);
    stage.clock.block(70);
    await stage.clock.advance(1000);
    const timestamps = stage.spoken.map(({ rtpTimestamp }) => rtpTimestamp);
    expect(timestamps.slice(1).every((timestamp, n) => serialDistance(timestamps[n] ?? 0, timestamp, 32) === 960)).toBe(
      true,
    );
    expect(stage.spokenSamples).toEqual([...seconds(1)]);
    expect(stage.playout.statistics.latenessP99Ms).toBeCloseTo(50, 0);
  });

  it('sends no flood after a long one: the rest of the reply moves', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(3)), { signal: never });
    await stage.clock.advance(100);
    const before = stage.spoken.length;
    stage.clock.block(1000);
    await stage.clock.advance(0);
    expect(stage.spoken.length - before).toBe(6);
    await stage.clock.advance(3000);
    expect(stage.spokenSamples).toEqual([...seconds(3)]);
  });

  it('holds in an underrun, counts it, and goes on at once', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(0.1)), { signal: never });
    await stage.clock.advance(233);
    expect(stage.spoken).toHaveLength(5);
    void speech.write(piece(seconds(0.1)), { signal: never });
    expect(stage.spoken).toHaveLength(6);
    const [before, after] = stage.spoken.slice(4, 6);
    const timestampMs = serialDistance(before?.rtpTimestamp ?? 0, after?.rtpTimestamp ?? 0, 32) / 48;
    expect(timestampMs).toBeCloseTo((after?.atMs ?? 0) - (before?.atMs ?? 0), 1);
    expect(stage.playout.statistics.underruns).toBe(1);
  });

  it('leaves no hole in the sequence while the transport is down, and does not count that as heard', async () => {
    const stage = new Stage();
    await stage.clock.advance(10);
    stage.isUp = false;
    const events: string[] = [];
    const speech = stage.begin(events);
    void speech.write(piece(seconds(0.2), 0, 10), { signal: never });
    await stage.clock.advance(100);
    expect([speech.heardCharacters(), events]).toEqual([0, []]);
    stage.isUp = true;
    await stage.clock.advance(40);
    const steps = stage.sent
      .slice(1)
      .map((packet, n) => serialDistance(stage.sent[n]?.sequenceNumber ?? 0, packet.sequenceNumber, 16));
    expect(new Set(steps)).toEqual(new Set([1]));
    expect(stage.playout.statistics.framesUnsent).toBe(5);
    expect(speech.heardCharacters()).toBe(7);
  });
});

describe('Playout, what a speech tells', () => {
  it('tells the first packet, the first audible one and the end, with the timestamps of the wire', async () => {
    const stage = new Stage();
    await stage.clock.advance(10);
    const told: [string, SentAt][] = [];
    let heard = -1;
    const speech = stage.playout.begin({
      onFirstPacket: (at) => told.push(['first', at]),
      onAudible: (at) => told.push(['audible', at]),
      onFinished: ({ heardCharacters }) => {
        heard = heardCharacters;
      },
    });
    const quiet = new Int16Array(4 * FRAME_SAMPLES).fill(10);
    const loud = new Int16Array(2 * FRAME_SAMPLES).fill(3000);
    void speech.write(piece(quiet.subarray(0, 4 * FRAME_SAMPLES - 160)), { signal: never });
    void speech.write(piece(loud, 0, 5), { signal: never });
    speech.end();
    await stage.clock.advance(500);
    const [first, fourth] = [stage.spoken[0], stage.spoken[3]];
    expect(told).toEqual([
      ['first', { sentAtMs: first?.atMs, rtpTimestamp: first?.rtpTimestamp }],
      ['audible', { sentAtMs: fourth?.atMs, rtpTimestamp: ((fourth?.rtpTimestamp ?? 0) + 480) % 2 ** 32 }],
    ]);
    expect(heard).toBe(5);
  });

  it('tells when what follows a place in the text becomes audible, after what came before it', async () => {
    const stage = new Stage();
    const told: number[] = [];
    const speech = stage.begin();
    speech.watchOnset(5, ({ sentAtMs }) => told.push(sentAtMs));
    const loud = new Int16Array(5 * FRAME_SAMPLES).fill(3000);
    const quiet = new Int16Array(3 * FRAME_SAMPLES).fill(10);
    void speech.write(piece(loud, 0, 5), { signal: never });
    void speech.write(piece(quiet, 5, 6), { signal: never });
    void speech.write(piece(loud, 6, 9), { signal: never });
    speech.end();
    await stage.clock.advance(500);
    expect(told).toEqual([stage.spoken[8]?.atMs]);
  });

  it('counts characters linearly inside each piece', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(0.2), 0, 10), { signal: never });
    void speech.write(piece(seconds(0.1), 10, 10), { signal: never });
    void speech.write(piece(seconds(0.2), 10, 30), { signal: never });
    const heard: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      heard.push(speech.heardCharacters());
      await stage.clock.advance(100);
    }
    expect(heard).toEqual([1, 6, 10, 12, 22]);
  });

  it('ends at once when nothing was said', () => {
    const events: string[] = [];
    new Stage().begin(events).end();
    expect(events).toEqual(['finished 0']);
  });

  it('pads the last frame', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(ramp(FRAME_SAMPLES + 5)), { signal: never });
    speech.end();
    await stage.clock.advance(100);
    expect(stage.spokenSamples).toEqual([...ramp(FRAME_SAMPLES + 5), ...Array(FRAME_SAMPLES - 5).fill(0)]);
  });

  it('holds the writer back while enough is queued', async () => {
    const stage = new Stage(5);
    const speech = stage.begin();
    let pieces = 0;
    void (async () => {
      for (; pieces < 20; pieces += 1) await speech.write(piece(ramp(FRAME_SAMPLES)), { signal: never });
    })();
    await stage.clock.settle();
    expect(pieces).toBe(5);
    await stage.clock.advance(100);
    expect(pieces).toBe(10);
    stage.playout.close();
  });

  it('lets go of a writer whose signal is aborted', async () => {
    const stage = new Stage(1);
    const controller = new AbortController();
    const speech = stage.begin();
    const waiting = speech.write(piece(seconds(1)), { signal: controller.signal });
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await expect(speech.write(piece(seconds(1)), { signal: controller.signal })).rejects.toThrow('no longer wanted');
  });

  it('refuses audio after its end, and a speech after the close', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(seconds(1)), { signal: never });
    speech.end();
    await expect(speech.write(piece(seconds(1)), { signal: never })).rejects.toThrow(/after its end/);
    stage.playout.close();
    stage.playout.close();
    expect(() => stage.begin()).toThrow(/closed/);
    expect(stage.clock.pendingTimerCount).toBe(0);
  });
});

describe('Playout, stop', () => {
  it('silences within 60 ms, fading what would have come next', async () => {
    const stage = new Stage();
    const events: string[] = [];
    const speech = stage.begin(events);
    void speech.write(piece(new Int16Array(RATE_HZ).fill(10_000), 0, 100), { signal: never });
    await stage.clock.advance(210);
    const before = stage.spoken.length;
    expect(speech.stop()).toBe(22);
    const waiting = speech.write(piece(seconds(1)), { signal: never });
    await stage.clock.advance(1000);
    await waiting;
    const faded = stage.spoken.slice(before).flatMap(({ samples }) => [...samples]);
    expect(faded).toHaveLength(3 * FRAME_SAMPLES);
    expect(faded[0]).toBeGreaterThan(9990);
    expect(Math.abs(faded.at(-1) ?? 1)).toBeLessThan(2);
    expect(faded.every((sample, n) => n === 0 || sample <= (faded[n - 1] ?? 0))).toBe(true);
    expect(speech.stop()).toBe(22);
    expect(events).toEqual(['firstPacket', 'audible']);
    expect(stage.playout.statistics.underruns).toBe(0);
  });

  it('sends nothing of a speech that had not begun', async () => {
    const stage = new Stage();
    const speech = stage.begin();
    void speech.write(piece(ramp(100)), { signal: never });
    expect(speech.stop()).toBe(0);
    await stage.clock.advance(100);
    expect(stage.spoken).toEqual([]);
  });

  it('lets the next reply follow its fade', async () => {
    const stage = new Stage();
    const first = stage.begin();
    void first.write(piece(new Int16Array(RATE_HZ).fill(10_000)), { signal: never });
    await stage.clock.advance(100);
    const before = stage.spoken.length;
    const second = stage.begin();
    void second.write(piece(seconds(0.1)), { signal: never });
    second.end();
    await stage.clock.advance(1000);
    const after = stage.spoken.slice(before);
    expect(after).toHaveLength(3 + 5);
    expect(after.slice(3).flatMap(({ samples }) => [...samples])).toEqual([...seconds(0.1)]);
  });

  it('lets a listener begin the next reply, or close everything, as one ends', async () => {
    const stage = new Stage();
    const first = stage.playout.begin({
      onFinished: () => {
        const second = stage.playout.begin({ onFinished: () => stage.playout.close() });
        void second.write(piece(seconds(0.1, 1600)), { signal: never });
        second.end();
      },
    });
    void first.write(piece(seconds(0.1)), { signal: never });
    first.end();
    await stage.clock.advance(1000);
    expect(stage.spokenSamples).toEqual([...seconds(0.2)]);
    expect(stage.clock.pendingTimerCount).toBe(0);
  });
});

type Action =
  | { readonly type: 'write'; readonly samples: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'block'; readonly ms: number };

const actions = fc.array(
  fc.oneof<fc.Arbitrary<Action>[]>(
    fc.record({ type: fc.constant('write' as const), samples: fc.integer({ min: 1, max: 4000 }) }),
    fc.record({ type: fc.constant('wait' as const), ms: fc.double({ min: 0, max: 300, noNaN: true }) }),
    fc.record({ type: fc.constant('block' as const), ms: fc.integer({ min: 0, max: 400 }) }),
  ),
  { maxLength: 30 },
);

async function perform(stage: Stage, speech: Speech, list: readonly Action[]): Promise<number> {
  let written = 0;
  // The first packet goes out on time: the others are measured by it.
  await stage.clock.advance(0);
  for (const action of list) {
    switch (action.type) {
      case 'write':
        void speech.write(piece(ramp(action.samples, written)), { signal: never });
        written += action.samples;
        break;
      case 'wait':
        await stage.clock.advance(action.ms);
        break;
      case 'block':
        stage.clock.block(action.ms);
        break;
    }
  }
  return written;
}

/** Timestamps never overlap, and are never more than a frame ahead of the time at which the packet goes out. */
function expectTrueTimestamps(stage: Stage): void {
  const [first] = stage.sent;
  let previous = Number.NEGATIVE_INFINITY;
  for (const packet of stage.sent) {
    const ms = serialDistance(first?.rtpTimestamp ?? 0, packet.rtpTimestamp, 32) / 48;
    expect(ms - previous).toBeGreaterThanOrEqual(20 - 1e-9);
    expect(ms - (packet.atMs - (first?.atMs ?? 0))).toBeLessThanOrEqual(1);
    previous = ms;
  }
}

describe('Playout, in any order of events', () => {
  it('plays every sample once and in order, and tells the end once', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const stage = new Stage();
        const events: string[] = [];
        const speech = stage.begin(events);
        const written = await perform(stage, speech, list);
        speech.end();
        await stage.clock.advance(written / 16 + 2000);
        const samples = stage.spokenSamples;
        expect(samples.slice(0, written)).toEqual([...ramp(written)]);
        expect(samples.slice(written).every((sample) => sample === 0)).toBe(true);
        expect(events.filter((event) => event.startsWith('finished'))).toHaveLength(1);
        expectTrueTimestamps(stage);
        stage.playout.close();
      }),
      { numRuns: 60 },
    );
  });

  it('can be stopped at any moment: a beginning of the text, a fade, and then nothing', async () => {
    await fc.assert(
      fc.asyncProperty(actions, actions, fc.constantFrom(0, 20, 60, 100), async (list, after, fadeMs) => {
        const stage = new Stage();
        const events: string[] = [];
        const speech = stage.begin(events);
        await perform(stage, speech, list);
        const before = stage.spokenSamples;
        const heard = speech.stop({ fadeMs });
        await perform(stage, speech, after);
        await stage.clock.advance(500);
        expect(before).toEqual([...ramp(before.length)]);
        expect(speech.heardCharacters()).toBe(heard);
        expect(stage.spokenSamples.length - before.length).toBeLessThanOrEqual((fadeMs / 20) * FRAME_SAMPLES);
        expect(events.some((event) => event.startsWith('finished'))).toBe(false);
        expectTrueTimestamps(stage);
        stage.playout.close();
      }),
      { numRuns: 60 },
    );
  });
});

/** Fifty characters a second; 300 ms of it are heard. */
async function playing(events: string[]): Promise<{ readonly stage: Stage; readonly speech: Speech }> {
  const stage = new Stage();
  const speech = stage.begin(events);
  void speech.write(piece(seconds(1), 0, 50), { signal: never });
  await stage.clock.advance(290);
  return { stage, speech };
}

describe('Playout, stopping at a place in the text', () => {
  it('plays on until there, and fades', async () => {
    const events: string[] = [];
    const { stage, speech } = await playing(events);
    speech.stopAt(20);
    await speech.write(piece(seconds(1), 50, 100), { signal: never });
    await stage.clock.advance(2000);
    expect(stage.spoken).toHaveLength((400 + 60) / 20);
    expect(stage.spokenSamples.slice(0, 20 * FRAME_SAMPLES)).toEqual([...ramp(20 * FRAME_SAMPLES)]);
    expect(events.at(-1)).toBe('finished 20');
  });

  it.each<[string, number, boolean]>([
    ['that is past', 10, false],
    ['while it is suspended', 40, true],
  ])('%s falls silent at once', async (_, characters, suspended) => {
    const events: string[] = [];
    const { stage, speech } = await playing(events);
    if (suspended) speech.suspend();
    speech.stopAt(characters);
    expect(events.at(-1)).toBe('finished 15');
    await stage.clock.advance(2000);
    expect(stage.spoken).toHaveLength((300 + 60) / 20);
  });

  it('that is not synthesised yet ends with what there is', async () => {
    const events: string[] = [];
    const { stage, speech } = await playing(events);
    speech.stopAt(80);
    await stage.clock.advance(2000);
    expect(events.at(-1)).toBe('finished 50');
  });
});
