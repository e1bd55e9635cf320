// A playout in virtual time, and what went out of it.

import { VirtualClock } from './virtual-clock.ts';
import type { OpusCodec } from '../../src/opus/port.ts';
import type { OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import { Playout, type Speech } from '../../src/audio/playout.ts';
import type { SpokenAudio } from '../../src/audio/spoken.ts';

export const RATE_HZ = 16_000;
export const FRAME_SAMPLES = 320;
export const never = new AbortController().signal;

/** A packet holds its samples as they are. */
const transparentCodec: OpusCodec = {
  createEncoder: ({ sampleRateHz }) => ({
    sampleRateHz,
    encode: (samples) => new Uint8Array(samples.slice().buffer),
    close: () => undefined,
  }),
  createDecoder: () => {
    throw new Error('not used');
  },
};

export interface Sent extends OutgoingRtpPacket {
  readonly atMs: number;
  readonly samples: Int16Array;
}

export class Stage {
  readonly clock = new VirtualClock();
  readonly sent: Sent[] = [];
  readonly playout: Playout;
  isUp = true;

  constructor(bufferFrames = 50) {
    this.playout = new Playout({
      clock: this.clock,
      codec: transparentCodec,
      sampleRateHz: RATE_HZ,
      bufferFrames,
      send: (packet) => {
        if (!this.isUp) return false;
        this.sent.push({ ...packet, atMs: this.clock.nowMs(), samples: new Int16Array(packet.payload.slice().buffer) });
        return true;
      },
    });
  }

  /** Packets with anything but silence. */
  get spoken(): Sent[] {
    return this.sent.filter(({ samples }) => samples.some((sample) => sample !== 0));
  }

  get spokenSamples(): number[] {
    return this.spoken.flatMap(({ samples }) => [...samples]);
  }

  begin(events: string[] = []): Speech {
    return this.playout.begin({
      onFirstPacket: () => events.push('firstPacket'),
      onAudible: () => events.push('audible'),
      onFinished: ({ heardCharacters }) => events.push(`finished ${heardCharacters}`),
    });
  }
}

/** Samples that tell their place: 1, 2, 3 … (never 0), quiet unless shifted up. */
export function ramp(count: number, from = 0): Int16Array {
  return Int16Array.from({ length: count }, (_, n) => ((from + n) % 30_000) + 1);
}

export const piece = (samples: Int16Array, characterStart = 0, characterEnd = 0): SpokenAudio => ({
  samples,
  characterStart,
  characterEnd,
});

export const seconds = (duration: number, from = 0): Int16Array => ramp(duration * RATE_HZ, from);
