import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { PeerClock } from './peer-clock.ts';
import { PlayoutMap } from './playout-map.ts';

const EPOCH_MS = 1.76e12;
const SERVER_ADDS = 77_777;
const LEFT_MS = 4;

function at(capturedAtMs: number): number {
  return wrapSerial(Math.round(capturedAtMs * TICKS_PER_MS), 32);
}

/** A page 2 ms away in each direction that has answered pings. */
function listening(): PlayoutMap {
  const clock = new PeerClock();
  for (let sentAtMs = 0; sentAtMs < 8000; sentAtMs += 1000) {
    const epochMs = EPOCH_MS + sentAtMs + 2;
    clock.observe({
      sentAtMs,
      receivedEpochMs: epochMs,
      answeredEpochMs: epochMs,
      arrivedAtMs: sentAtMs + 4,
      resolutionMs: 0.1,
    });
  }
  return new PlayoutMap(clock);
}

function send(map: PlayoutMap, capturedAtMs: number): void {
  map.observeSent({ rtpTimestamp: at(capturedAtMs), capturedAtMs, sentAtMs: capturedAtMs + 1 });
}

/** Its first sample is played at `playedAtMs`, in a block that begins with what was left of the packet before it. */
function play(map: PlayoutMap, capturedAtMs: number, playedAtMs: number, bufferedMs?: number): void {
  const told = {
    withinMs: 0,
    rtpTimestamp: wrapSerial(at(capturedAtMs) + SERVER_ADDS, 32),
    epochMs: Math.round(EPOCH_MS + playedAtMs - LEFT_MS),
  };
  map.observePlayed(told, bufferedMs);
}

/** Silence, and a reply from 4123.4 on, each packet played `afterMs` after it was due. */
function spoken(map: PlayoutMap, { afterMs = 70, bufferedMs = 30 } = {}): void {
  for (let silentAt = 0; silentAt < 4000; silentAt += 400) {
    send(map, silentAt);
    play(map, silentAt, silentAt + afterMs);
  }
  for (let frame = 0; frame < 40; frame += 1) send(map, 4123.4 + frame * 20);
  for (let frame = 0; frame < 40; frame += 5) play(map, 4123.4 + frame * 20, 4123.4 + frame * 20 + afterMs, bufferedMs);
}

describe('PlayoutMap', () => {
  it('knows nothing without a page that tells', () => {
    const map = listening();
    send(map, 1000);
    expect(map.heard(at(1000), 1001)).toBeUndefined();
  });

  it('says when a sample was played, between two packets that the page told of, and when it was delivered', () => {
    const map = listening();
    spoken(map);
    const heard = map.heard(at(4123.4 + 47), 4165);
    expect(heard?.basis).toBe('reported');
    const played = heard?.played ?? { atMs: NaN, errorMs: NaN };
    expect(Math.abs(played.atMs - (4123.4 + 47 + 70))).toBeLessThanOrEqual(played.errorMs);
    expect(played.errorMs).toBeLessThan(10);
    const delivered = heard?.delivered ?? { atMs: NaN, errorMs: NaN };
    expect(Math.abs(delivered.atMs - (4123.4 + 47 + 40))).toBeLessThanOrEqual(delivered.errorMs);
  });

  it('is less sure beside a packet than between two, and says nothing far from any', () => {
    const map = listening();
    spoken(map);
    const beside = map.heard(at(4123.4 + 35 * 20 + 90), 4900);
    const between = map.heard(at(4123.4 + 47), 4165);
    expect(beside?.played.errorMs).toBeGreaterThan(between?.played.errorMs ?? NaN);
    expect(map.heard(at(9000), 9001)).toBeUndefined();
  });

  it('spans both delays where the receiver changed its buffer in between', () => {
    const map = listening();
    spoken(map);
    send(map, 4923.4);
    play(map, 4923.4, 4923.4 + 170, 130);
    const played = map.heard(at(4123.4 + 38 * 20), 4885)?.played ?? { atMs: NaN, errorMs: NaN };
    expect(played.atMs - played.errorMs).toBeLessThanOrEqual(4883.4 + 70);
    expect(played.atMs + played.errorMs).toBeGreaterThanOrEqual(4883.4 + 170);
  });

  it('says when a sample was played where a receiver tells how long what came after a pause had waited', () => {
    const map = listening();
    for (let silentAt = 0; silentAt < 4000; silentAt += 400) send(map, silentAt);
    for (let frame = 0; frame < 40; frame += 1) send(map, 4123.4 + frame * 20);
    // Three came by then, each 2 ms after it was sent; the first was put out 34.6 ms after it had come.
    map.observeReceived({ epochMs: Math.round(EPOCH_MS + 4123.4 + 40 + 3), count: 3, bufferedMs: 40 });
    const heard = map.heard(at(4123.4 + 20), 4144.4);
    expect(heard?.basis).toBe('reported');
    const { atMs, errorMs } = heard?.played ?? { atMs: NaN, errorMs: NaN };
    expect(Math.abs(atMs - (4123.4 + 20 + 3 + 34.6))).toBeLessThanOrEqual(errorMs);
    expect(errorMs).toBeLessThan(30);
  });

  it('makes nothing of packets after a pause that it does not know', () => {
    const map = listening();
    for (let frame = 0; frame < 100; frame += 1) send(map, 4000 + frame * 20);
    map.observeReceived({ epochMs: EPOCH_MS + 5000, count: 2, bufferedMs: 40 });
    expect(map.heard(at(5000), 5001)).toBeUndefined();
  });

  it('says that something was delivered as soon as it was sent where the way is short, not in the middle of what is possible', () => {
    const map = listening();
    spoken(map, { afterMs: 43, bufferedMs: 40 });
    const delivered = map.heard(at(4123.4 + 47), 4123.4 + 41)?.delivered ?? { atMs: NaN, errorMs: NaN };
    // Its packet was there 3 ms after it was due, 2 ms after it was sent.
    expect(Math.abs(delivered.atMs - (4123.4 + 47 + 3))).toBeLessThan(2);
    expect(delivered.errorMs).toBeGreaterThan(10);
  });

  it('never says that something was played before it was sent', () => {
    const map = listening();
    spoken(map);
    const heard = map.heard(at(4170.4), 4239);
    expect((heard?.played.atMs ?? NaN) - (heard?.played.errorMs ?? NaN)).toBeGreaterThanOrEqual(4239);
    expect(heard?.delivered?.atMs).toBeGreaterThanOrEqual(4239);
  });
});
