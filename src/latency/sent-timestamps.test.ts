import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { SentTimestamps } from './sent-timestamps.ts';

/** A sender as our playout is: silence each 400 ms, replies at any tick in between. */
class Sender {
  readonly timestamps = new SentTimestamps();
  readonly #serverAdds: number;
  readonly #base: number;

  constructor(serverAdds: number, base = 2 ** 32 - 100_000) {
    this.#serverAdds = serverAdds;
    this.#base = base;
  }

  at(capturedAtMs: number): number {
    return wrapSerial(this.#base + Math.round(capturedAtMs * TICKS_PER_MS), 32);
  }

  told(capturedAtMs: number): number {
    return wrapSerial(this.at(capturedAtMs) + this.#serverAdds, 32);
  }

  send(capturedAtMs: number): void {
    this.timestamps.sent({ rtpTimestamp: this.at(capturedAtMs), capturedAtMs, sentAtMs: capturedAtMs });
  }

  play(capturedAtMs: number, delayMs = 60): void {
    const atMs = capturedAtMs + delayMs;
    this.timestamps.told(this.told(capturedAtMs), atMs - 10, atMs + 5);
  }

  silence(fromMs: number, untilMs: number): void {
    for (let at = fromMs; at < untilMs; at += 400) {
      this.send(at);
      this.play(at);
    }
  }

  speech(fromMs: number, frames: number): void {
    for (let frame = 0; frame < frames; frame += 1) this.send(fromMs + frame * 20);
    for (let frame = 0; frame < frames; frame += 3) this.play(fromMs + frame * 20, 60 + (frame % 5) * 10);
  }
}

describe('SentTimestamps', () => {
  it('knows no packet before anything was told', () => {
    const sender = new Sender(12_345);
    sender.send(0);
    expect(sender.timestamps.packetOf(sender.told(0))).toBeUndefined();
  });

  it('does not guess among silences, and knows each packet once a reply has begun', () => {
    const sender = new Sender(12_345);
    for (let at = 0; at < 2000; at += 400) sender.send(at);
    sender.silence(2000, 4000);
    expect(sender.timestamps.isResolved).toBe(false);
    sender.speech(4123.4, 10);
    expect(sender.timestamps.isResolved).toBe(true);
    expect(sender.timestamps.packetOf(sender.told(4183.4))?.capturedAtMs).toBe(4183.4);
  });

  it('begins anew after a resubscription, when the server adds another number', () => {
    const sender = new Sender(12_345);
    sender.silence(0, 2000);
    sender.speech(2011.3, 10);
    const again = new Sender(999_999);
    for (const at of [3000, 3400, 3800, 4200]) {
      sender.send(at);
      sender.timestamps.told(again.told(at), at + 50, at + 65);
    }
    for (let frame = 0; frame < 10; frame += 1) sender.send(4433.7 + frame * 20);
    for (let frame = 0; frame < 10; frame += 2) {
      const at = 4433.7 + frame * 20;
      sender.timestamps.told(again.told(at), at + 50, at + 65);
    }
    expect(sender.timestamps.packetOf(again.told(4453.7))?.capturedAtMs).toBe(4453.7);
  });

  it('is not confused by one report that nothing explains', () => {
    const sender = new Sender(12_345);
    sender.silence(0, 2000);
    sender.speech(2011.3, 10);
    sender.timestamps.told(4242, 2300, 2310);
    expect(sender.timestamps.packetOf(sender.told(2031.3))?.capturedAtMs).toBe(2031.3);
  });

  it('never names a wrong packet, whatever the server adds, the delays and the beginnings of replies are', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.nat(2 ** 32 - 1),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 48 * 800 }), fc.integer({ min: 1, max: 30 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 0, max: 1000 }),
        (serverAdds, base, replies, delayMs) => {
          const sender = new Sender(serverAdds, base);
          let atMs = 0;
          for (const [pauseTicks, frames] of replies) {
            for (let silentAt = atMs; silentAt < atMs + 1200; silentAt += 400) {
              sender.send(silentAt);
              sender.play(silentAt, delayMs);
            }
            atMs += 800 + pauseTicks / TICKS_PER_MS;
            for (let frame = 0; frame < frames; frame += 1) {
              sender.send(atMs);
              sender.play(atMs, delayMs);
              const named = sender.timestamps.packetOf(sender.told(atMs));
              expect(named?.capturedAtMs ?? atMs).toBeCloseTo(atMs, 6);
              atMs += 20;
            }
            atMs += 400;
          }
        },
      ),
    );
  });

  it('finds the packets that were sent in a row after a pause, unless they may be of two', () => {
    const sender = new Sender(1);
    sender.silence(0, 1000);
    sender.speech(1130, 5);
    const found = sender.timestamps.afterPause(3, 1165, 1175);
    expect([found?.first.sentAtMs, found?.last.sentAtMs]).toEqual([1130, 1170]);
    expect(sender.timestamps.afterPause(2, 1165, 1175)).toBeUndefined();
    expect(sender.timestamps.afterPause(1, 350, 850)).toBeUndefined();
    expect(sender.timestamps.afterPause(1, 750, 850)?.first.sentAtMs).toBe(800);
  });
});
