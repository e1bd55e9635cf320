import { afterEach, describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { ClockExchange } from '../latency/peer-clock.ts';
import type { PlayedPacket, ReceivedPackets } from '../latency/playout-map.ts';
import { CallerPage } from './caller-page.ts';
import { CLOCK_TOPIC, PLAYOUT_TOPIC } from './page-messages.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

class Scene {
  readonly clock = new VirtualClock({ startAtMs: 1000 });
  readonly pings: { readonly ping: number; readonly atMs: number }[] = [];
  readonly exchanges: ClockExchange[] = [];
  readonly played: (readonly [PlayedPacket, number | undefined])[] = [];
  readonly received: ReceivedPackets[] = [];
  readonly page = new CallerPage({
    identity: 'caller',
    room: {
      sendData: (payload, { topic, reliable, destinationIdentities }) => {
        expect([topic, reliable, destinationIdentities]).toEqual([CLOCK_TOPIC, false, ['caller']]);
        const { ping } = JSON.parse(new TextDecoder().decode(payload));
        this.pings.push({ ping, atMs: this.clock.nowMs() });
      },
    },
    clock: this.clock,
    onExchange: (exchange) => this.exchanges.push(exchange),
    onPlayed: (packet, bufferedMs) => this.played.push([packet, bufferedMs]),
    onReceived: (packets) => this.received.push(packets),
  });

  receive(topic: string, value: unknown, identity = 'caller'): boolean {
    return this.page.receive({ type: 'data', topic, payload: bytes(value), identity });
  }

  answer(ping: number): void {
    this.receive(CLOCK_TOPIC, { ping, receivedEpochMs: 5000, answeredEpochMs: 5001, resolutionMs: 0.1 });
  }
}

describe('CallerPage', () => {
  let scene: Scene;

  afterEach(() => scene.page.close());

  it('hands on what a receiver that does not see RTP tells of packets after a pause', () => {
    scene = new Scene();
    scene.receive(PLAYOUT_TOPIC, { played: [], received: [[5000, 3, 40]] });
    scene.receive(PLAYOUT_TOPIC, { played: [], received: [[5000, 0, 40]] });
    expect(scene.received).toEqual([{ epochMs: 5000, count: 3, bufferedMs: 40 }]);
  });

  it('pings often at first, then each second, and pairs each answer with its ping', async () => {
    scene = new Scene();
    await scene.clock.advance(20);
    scene.answer(0);
    for (let second = 0; second < 18; second += 1) {
      await scene.clock.advance(1000);
      scene.answer(scene.pings.at(-1)?.ping ?? -1);
    }
    const periods = scene.pings.slice(1).map(({ atMs }, index) => atMs - (scene.pings[index]?.atMs ?? NaN));
    expect(periods).toEqual([250, 250, 250, 250, 250, ...Array<number>(16).fill(1000)]);
    expect(scene.exchanges[0]).toEqual({
      sentAtMs: 1000,
      receivedEpochMs: 5000,
      answeredEpochMs: 5001,
      arrivedAtMs: 1020,
      resolutionMs: 0.1,
    });
  });

  it('pings with a packet of the caller, so that nothing wakes up for it; without packets all the same', async () => {
    scene = new Scene();
    await scene.clock.advance(20);
    scene.answer(0);
    const packetsUntilMs = 6000;
    while (scene.clock.nowMs() < packetsUntilMs) {
      await scene.clock.advance(20);
      scene.page.packetHandled(scene.clock.nowMs());
      scene.answer(scene.pings.at(-1)?.ping ?? -1);
    }
    const withPackets = scene.pings.filter(({ atMs }) => atMs > 2500 && atMs < packetsUntilMs).map(({ atMs }) => atMs);
    expect(withPackets.length).toBeGreaterThanOrEqual(3);
    for (const atMs of withPackets) expect((atMs - 1020) % 20).toBe(0);
    await scene.clock.advance(3000);
    const others = scene.pings.filter(({ atMs }) => atMs > packetsUntilMs).map(({ atMs }) => atMs);
    expect(others.length).toBeGreaterThanOrEqual(2);
    scene.page.close();
    scene.page.packetHandled(scene.clock.nowMs() + 60_000);
    await scene.clock.advance(60_000);
    expect(scene.pings.filter(({ atMs }) => atMs > packetsUntilMs)).toHaveLength(others.length);
  });

  it('asks little of a caller who never answers', async () => {
    scene = new Scene();
    await scene.clock.advance(120_000);
    expect(scene.pings.length).toBeLessThan(25);
  });

  it('takes an answer once, and none to a ping that was not sent', async () => {
    scene = new Scene();
    await scene.clock.advance(20);
    scene.answer(0);
    scene.answer(0);
    scene.answer(77);
    expect(scene.exchanges).toHaveLength(1);
  });

  it('hands on what was played, and how long the browser says the loudspeaker takes', () => {
    scene = new Scene();
    expect(scene.receive(PLAYOUT_TOPIC, { played: [[7, 5000, 10]], bufferedMs: 30, outputMs: 12 })).toBe(true);
    expect(scene.played).toEqual([[{ rtpTimestamp: 7, epochMs: 5000, withinMs: 10 }, 30]]);
    expect(scene.page.outputMs).toBe(12);
  });

  it('leaves alone what others send, and other topics', () => {
    scene = new Scene();
    expect(scene.receive(PLAYOUT_TOPIC, { played: [[7, 5000, 10]] }, 'somebody')).toBe(false);
    expect(scene.receive('lk.chat', {})).toBe(false);
    expect(scene.played).toEqual([]);
  });

  it('pings no more once it is closed', async () => {
    scene = new Scene();
    await scene.clock.advance(20);
    scene.page.close();
    await scene.clock.advance(5000);
    expect(scene.pings).toHaveLength(1);
  });
});
