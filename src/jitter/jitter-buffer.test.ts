import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulatedPacket, type SimulatedSender } from '../../test/sim/packets.ts';
import { FRAME_TICKS, type RtpPacket } from '../rtp/packet.ts';
import { JitterBuffer, type JitterRelease } from './jitter-buffer.ts';

const sender: SimulatedSender = { firstSequenceNumber: 65_530, firstTimestamp: 2 ** 32 - 5 * FRAME_TICKS };

/** Pushes packets of one sender, each at its arrival, and says what came out: indices, `lost n`, `reset`. */
function run(buffer: JitterBuffer, packets: readonly RtpPacket[]): string[] {
  return packets.flatMap((packet) => buffer.push(packet, packet.arrivedAtMs)).map(tell);
}

function tell(release: JitterRelease): string {
  if (release.type === 'packet')
    return String((release.packet.payload[1] ?? 0) + 256 * (release.packet.payload[2] ?? 0));
  return release.type === 'lost' ? `lost ${release.count}` : 'reset';
}

const timestampsOf = (releases: readonly JitterRelease[]): number[] =>
  releases.flatMap((release) => (release.type === 'packet' ? [release.timestamp] : []));

describe('JitterBuffer, in order', () => {
  it('releases each packet in the call that brings it, through the wraps of sequence and timestamp', () => {
    const buffer = new JitterBuffer();
    const timestamps: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      const packet = simulatedPacket(sender, index);
      const releases = buffer.push(packet, packet.arrivedAtMs);
      expect(releases.map(tell)).toEqual([String(index)]);
      timestamps.push(...timestampsOf(releases));
    }
    expect(timestamps.map((timestamp) => timestamp - (timestamps[0] ?? 0))).toEqual(
      Array.from({ length: 20 }, (_, index) => index * FRAME_TICKS),
    );
    expect(buffer.nextDeadlineAtMs).toBeUndefined();
    expect(buffer.statistics).toMatchObject({ received: 20, released: 20, lost: 0, interarrivalJitterTicks: 0 });
  });

  it('takes a pause of the sender for what it is', () => {
    const buffer = new JitterBuffer();
    const packets = [simulatedPacket(sender, 0), simulatedPacket(sender, 1, { frame: 3000 })];
    const releases = packets.flatMap((packet) => buffer.push(packet, packet.arrivedAtMs));
    expect(releases.map(tell)).toEqual(['0', '1']);
    expect((timestampsOf(releases)[1] ?? 0) - (timestampsOf(releases)[0] ?? 0)).toBe(3000 * FRAME_TICKS);
  });

  it('measures interarrival jitter as RFC 3550 does', () => {
    const buffer = new JitterBuffer();
    for (let index = 0; index < 500; index += 1) {
      const packet = simulatedPacket(sender, index, { delayMs: index % 2 === 0 ? 0 : 5 });
      buffer.push(packet, packet.arrivedAtMs);
    }
    expect(buffer.statistics.interarrivalJitterTicks).toBeCloseTo(5 * 48, 3);
  });
});

describe('JitterBuffer, at a gap', () => {
  it('waits, and goes on in order once the gap is filled', () => {
    const buffer = new JitterBuffer();
    const late = simulatedPacket(sender, 1, { delayMs: 45 });
    const packets = [simulatedPacket(sender, 0), simulatedPacket(sender, 2), simulatedPacket(sender, 3), late];
    expect(run(buffer, packets)).toEqual(['0', '1', '2', '3']);
    expect(buffer.statistics).toMatchObject({ reordered: 1, lost: 0, late: 0 });
  });

  it('gives the gap up at its deadline, saying what span of time is missing', () => {
    const buffer = new JitterBuffer();
    run(buffer, [simulatedPacket(sender, 0), simulatedPacket(sender, 3)]);
    const deadlineAtMs = buffer.nextDeadlineAtMs ?? Number.NaN;
    expect(deadlineAtMs).toBe(1060 + 40);
    expect(buffer.poll(deadlineAtMs - 0.001)).toEqual([]);
    const [lost, next] = buffer.poll(deadlineAtMs);
    const start = 2 ** 33 - 5 * FRAME_TICKS;
    expect(lost).toEqual({
      type: 'lost',
      count: 2,
      timestamp: start + FRAME_TICKS,
      untilTimestamp: start + 3 * FRAME_TICKS,
    });
    expect(next).toMatchObject({ type: 'packet', timestamp: start + 3 * FRAME_TICKS });
    expect(buffer.nextDeadlineAtMs).toBeUndefined();
  });

  it('drops what comes after it was given up, and tells late from duplicate', () => {
    const buffer = new JitterBuffer();
    run(buffer, [simulatedPacket(sender, 0), simulatedPacket(sender, 2)]);
    buffer.poll(2000);
    const past = [1, 1, 2, 0].map((index) => ({ ...simulatedPacket(sender, index), arrivedAtMs: 2000 }));
    expect(run(buffer, past)).toEqual([]);
    expect(buffer.statistics).toMatchObject({ late: 1, duplicate: 3, lost: 1, released: 2 });
  });

  it('counts a packet from before the first one as late', () => {
    const buffer = new JitterBuffer();
    expect(run(buffer, [simulatedPacket(sender, 5), simulatedPacket(sender, 4)])).toEqual(['5']);
    expect(buffer.statistics.late).toBe(1);
  });

  it('waits longer where packets come later, and less again where waiting does not pay', () => {
    const buffer = new JitterBuffer();
    let index = 0;
    const swap = (delayMs: number): void => {
      const first = simulatedPacket(sender, index);
      const overtaken = simulatedPacket(sender, index + 1);
      const behind = { ...simulatedPacket(sender, index + 2), arrivedAtMs: overtaken.arrivedAtMs };
      const arrivedAtMs = behind.arrivedAtMs + delayMs;
      for (const packet of [first, behind]) buffer.push(packet, packet.arrivedAtMs);
      buffer.poll(arrivedAtMs);
      buffer.push({ ...overtaken, arrivedAtMs }, arrivedAtMs);
      index += 3;
    };
    swap(80);
    expect(buffer.statistics).toMatchObject({ waitMs: 100, late: 1 });
    swap(80);
    expect(buffer.statistics.late).toBe(1);
    swap(200);
    expect(buffer.statistics.waitMs).toBe(120);
    for (let gap = 0; gap < 60; gap += 1) {
      run(buffer, [simulatedPacket(sender, index), simulatedPacket(sender, index + 2)]);
      buffer.poll(simulatedPacket(sender, index + 2).arrivedAtMs + 120);
      index += 3;
    }
    expect(buffer.statistics.waitMs).toBeGreaterThanOrEqual(20);
    expect(buffer.statistics.waitMs).toBeLessThan(22);
  });

  it('does not hold a burst back for the sake of a gap', () => {
    const buffer = new JitterBuffer();
    run(buffer, [simulatedPacket(sender, 0)]);
    const burst = Array.from({ length: 65 }, (_, index) => ({
      ...simulatedPacket(sender, index + 2),
      arrivedAtMs: 1500,
    }));
    expect(run(buffer, burst)).toEqual(['lost 1', ...burst.map((_, index) => String(index + 2))]);
  });

  it('steps over padding without calling it lost', () => {
    const buffer = new JitterBuffer();
    const padding = { ...simulatedPacket(sender, 1), payload: new Uint8Array() };
    expect(run(buffer, [simulatedPacket(sender, 0), padding, simulatedPacket(sender, 2)])).toEqual(['0', '2']);
    expect(buffer.statistics).toMatchObject({ malformed: 1, lost: 0 });
  });

  it('refuses what can be no RTP packet', () => {
    const buffer = new JitterBuffer();
    for (const broken of [
      { sequenceNumber: 65_536 },
      { sequenceNumber: Number.NaN },
      { rtpTimestamp: -1 },
      { ssrc: 0.5 },
    ]) {
      expect(buffer.push({ ...simulatedPacket(sender, 0), ...broken }, 1000)).toEqual([]);
    }
    expect(buffer.statistics).toMatchObject({ malformed: 4, received: 0 });
  });
});

describe('JitterBuffer, over changes of the source', () => {
  const other: SimulatedSender = { ssrc: 2, firstSequenceNumber: 17, firstTimestamp: 123, firstSentAtMs: 1100 };

  it('goes on at once with a new SSRC, on the same time line, as much later as it arrived', () => {
    const buffer = new JitterBuffer();
    const packets = [
      simulatedPacket(sender, 0),
      simulatedPacket(sender, 1),
      simulatedPacket(other, 0),
      simulatedPacket(other, 1),
    ];
    const releases = packets.flatMap((packet) => buffer.push(packet, packet.arrivedAtMs));
    expect(releases.map(tell)).toEqual(['0', '1', 'reset', '0', '1']);
    const [first = 0, ...rest] = timestampsOf(releases);
    expect(rest.map((timestamp) => timestamp - first)).toEqual([960, 100 * 48, 100 * 48 + 960]);
  });

  it('passes on what waited of the old source first, and drops what still comes of it', () => {
    const buffer = new JitterBuffer();
    const packets = [simulatedPacket(sender, 0), simulatedPacket(sender, 2), simulatedPacket(other, 0)];
    expect(run(buffer, packets)).toEqual(['0', 'lost 1', '2', 'reset', '0']);
    expect(run(buffer, [{ ...simulatedPacket(sender, 1), arrivedAtMs: 1105 }])).toEqual([]);
    expect(buffer.statistics).toMatchObject({ discarded: 1, resets: 1 });
  });

  it('believes a restarted sequence at its second packet and loses neither', () => {
    const buffer = new JitterBuffer();
    const restarted: SimulatedSender = { firstSequenceNumber: 30_000, firstTimestamp: 5, firstSentAtMs: 1100 };
    const packets = [simulatedPacket(sender, 0), simulatedPacket(restarted, 0), simulatedPacket(restarted, 1)];
    expect(run(buffer, packets)).toEqual(['0', 'reset', '0', '1']);
    expect(buffer.statistics.discarded).toBe(0);
  });

  it('drops a single packet that fits nowhere', () => {
    const buffer = new JitterBuffer();
    const stray = simulatedPacket({ firstSequenceNumber: 30_000 }, 0);
    expect(run(buffer, [simulatedPacket(sender, 0), stray, simulatedPacket(sender, 1)])).toEqual(['0', '1']);
    expect(buffer.statistics).toMatchObject({ discarded: 1, resets: 0 });
  });

  it.each([
    ['back', -50_000],
    ['an hour ahead', 180_000],
  ])('starts a new time line when the timestamp alone jumps %s', (_direction, frames) => {
    const buffer = new JitterBuffer();
    const jumped = { ...simulatedPacket(sender, 1, { frame: frames }), arrivedAtMs: 1020 };
    const releases = [simulatedPacket(sender, 0), jumped].flatMap((packet) => buffer.push(packet, packet.arrivedAtMs));
    expect(releases.map(tell)).toEqual(['0', 'reset', '1']);
    const [first = 0, second = 0] = timestampsOf(releases);
    expect(second - first).toBe(FRAME_TICKS);
  });
});

describe('JitterBuffer, under any network', () => {
  const networks = fc.record({
    firstSequenceNumber: fc.constantFrom(0, 1, 32_760, 65_530, 65_535),
    firstTimestamp: fc.constantFrom(0, 2 ** 31 - 3, 2 ** 32 - 6 * FRAME_TICKS, 2 ** 32 - 1),
    packets: fc.array(
      fc.record({
        delayMs: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 400 })),
        copies: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2),
      }),
      { minLength: 1, maxLength: 80 },
    ),
  });

  it('releases in order and once, loses nothing that came in time, and accounts for every packet', () => {
    fc.assert(
      fc.property(networks, ({ packets, ...from }) => {
        const buffer = new JitterBuffer();
        const arrivals = packets
          .flatMap(({ delayMs, copies }, index) =>
            Array.from({ length: copies }, (_, copy) => simulatedPacket(from, index, { delayMs: delayMs + 3 * copy })),
          )
          .sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
        const releases: JitterRelease[] = [];
        for (const packet of arrivals) {
          for (let deadline = buffer.nextDeadlineAtMs; deadline !== undefined && deadline < packet.arrivedAtMs;) {
            releases.push(...buffer.poll(deadline));
            deadline = buffer.nextDeadlineAtMs;
          }
          releases.push(...buffer.push(packet, packet.arrivedAtMs));
        }
        releases.push(...buffer.poll(1e9));

        const numbers = releases.flatMap((release) =>
          release.type === 'packet' ? [release.extendedSequenceNumber] : [],
        );
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        const timestamps = timestampsOf(releases);
        expect(timestamps.every((timestamp, index) => index === 0 || timestamp >= (timestamps[index - 1] ?? 0))).toBe(
          true,
        );

        const { released, lost, received, duplicate, late, resets } = buffer.statistics;
        expect(released).toBe(numbers.length);
        expect(received).toBe(released + duplicate + late);
        expect(received).toBe(arrivals.length);
        expect(resets).toBe(0);
        const span = numbers.length === 0 ? 0 : (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1;
        expect(released + lost).toBe(span);

        const releasedTexts = new Set(releases.map(tell));
        for (const [index, arrivedAtMs] of inTime(arrivals)) {
          expect(releasedTexts.has(String(index)), `packet ${index} at ${arrivedAtMs}`).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Packets that came no later than 20 ms, the shortest wait, after the first one behind them; by index. */
function inTime(arrivals: readonly RtpPacket[]): Map<number, number> {
  const first = new Map<number, number>();
  for (const { payload, arrivedAtMs } of arrivals) {
    const index = payload[1] ?? 0;
    if (!first.has(index)) first.set(index, arrivedAtMs);
  }
  const startIndex = arrivals[0]?.payload[1] ?? 0;
  return new Map(
    [...first].filter(
      ([index, arrivedAtMs]) =>
        index >= startIndex &&
        [...first].every(([behind, behindAtMs]) => behind <= index || arrivedAtMs < behindAtMs + 20),
    ),
  );
}
