// What a caller hears of the agent, in virtual time: the level of each packet, and which character of the reply it speaks.

import type { Clock } from '../../src/lib/clock.ts';
import type { OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import type { OpusCodec } from '../../src/opus/port.ts';
import type { TextToSpeech } from '../../src/tts/port.ts';
import { SimRoom } from './sim-room.ts';
import { payloadOf, simCodec, SimTextToSpeech } from './stages.ts';

const AUDIBLE_DBFS = -40;
const FULL_SCALE = 32_768;
const FIRST_AMPLITUDE = 4000;
const AMPLITUDE_PER_CHARACTER = 8;

/** To be set as `bargeIn.lowerDb`. */
export const LOWER_DB = 14;

export interface HeardPacket {
  readonly atMs: number;
  readonly dbfs: number;
  /** Of the reply, at the end of the packet, at full level or lowered by `LOWER_DB`. */
  readonly character: number;
}

/** Each character has an amplitude of its own, −18 dBFS and more. */
export class PositionVoice extends SimTextToSpeech {
  override async *speak(
    chunks: AsyncIterable<string>,
    options: { readonly signal: AbortSignal },
  ): ReturnType<TextToSpeech['speak']> & AsyncGenerator {
    for await (const piece of super.speak(chunks, options)) {
      const { samples, characterStart, characterEnd } = piece;
      const perCharacter = samples.length / Math.max(1, characterEnd - characterStart);
      const spoken = samples.map((sample, n) => {
        const character = characterStart + Math.floor(n / perCharacter);
        return Math.sign(sample) * (FIRST_AMPLITUDE + AMPLITUDE_PER_CHARACTER * character);
      });
      yield { ...piece, samples: spoken };
    }
  }
}

/** Like the codec of the simulation, and a packet of ours carries the amplitude at its end. */
export const levelCodec: OpusCodec = {
  ...simCodec,
  createEncoder: ({ sampleRateHz }) => ({
    sampleRateHz,
    encode: (samples) => {
      const amplitude = Math.abs(samples.at(-1) ?? 0);
      const payload = payloadOf(samples.some((sample) => sample !== 0));
      payload[1] = amplitude >> 8;
      payload[2] = amplitude & 0xff;
      return payload;
    },
    close: () => undefined,
  }),
};

export class HearingRoom extends SimRoom {
  readonly packets: HeardPacket[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    super(clock);
    this.#clock = clock;
  }

  override sendAudio(packet: OutgoingRtpPacket): boolean {
    const [, high = 0, low = 0] = packet.payload;
    const amplitude = high * 256 + low;
    const spoken = amplitude < FIRST_AMPLITUDE / 2 ? amplitude * 10 ** (LOWER_DB / 20) : amplitude;
    this.packets.push({
      atMs: this.#clock.nowMs(),
      dbfs: Math.max(-127, 20 * Math.log10(amplitude / FULL_SCALE)),
      character: Math.round((spoken - FIRST_AMPLITUDE) / AMPLITUDE_PER_CHARACTER),
    });
    return super.sendAudio(packet);
  }

  /** Audible packets from an instant on. */
  audible(fromMs: number): readonly HeardPacket[] {
    return this.packets.filter(({ atMs, dbfs }) => atMs >= fromMs && dbfs > AUDIBLE_DBFS);
  }

  /** Level of the last packet sent before. */
  levelAt(atMs: number): number {
    return this.packets.findLast((packet) => packet.atMs <= atMs)?.dbfs ?? -Infinity;
  }

  /** How long after an instant the first packet ended that is lowered by so much. */
  loweredAfter(fromMs: number, byDb: number): number {
    const before = this.levelAt(fromMs);
    const lowered = this.packets.find(({ atMs, dbfs }) => atMs >= fromMs && dbfs <= before - byDb);
    return (lowered?.atMs ?? Infinity) - fromMs + 20;
  }

  /** How long after an instant the last audible packet ended, of those that began `withinMs`. */
  silentForGoodAfter(fromMs: number, { withinMs }: { readonly withinMs: number }): number {
    const last = this.audible(fromMs).findLast(({ atMs }) => atMs < fromMs + withinMs);
    return (last?.atMs ?? fromMs - 20) - fromMs + 20;
  }

  /** The longest time without an audible packet between two audible ones. */
  longestHole(fromMs: number): number {
    const heard = this.audible(fromMs);
    return Math.max(0, ...heard.slice(1).map(({ atMs }, index) => atMs - (heard[index]?.atMs ?? atMs) - 20));
  }

  /** The character at which the reply went on after its first hole, and the last one that was heard before. */
  takenUp(fromMs: number): { readonly fromCharacter: number; readonly lastBefore: number } | undefined {
    const heard = this.audible(fromMs - 20);
    const next = heard.findIndex(({ atMs }, index) => atMs - (heard[index - 1]?.atMs ?? atMs) > 20.5);
    const first = heard[next];
    // A fade is lower than what it was made of, and so looks like an earlier place.
    return (
      first && {
        fromCharacter: first.character,
        lastBefore: Math.max(...heard.slice(0, next).map(({ character }) => character)),
      }
    );
  }
}
