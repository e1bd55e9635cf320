// What a caller's page and the agent tell each other for the account of a turn, as data packets with JSON (docs/latency.md).
// Pages are not trusted: whatever isn't exactly of this shape is no message.

import { z } from 'zod';

/** Pings, and their answers. Lossy: one that comes late tells nothing. */
export const CLOCK_TOPIC = 'repartee.clock';
/** What was played. Reliable. */
export const PLAYOUT_TOPIC = 'repartee.playout';

/** A day of drift is none, a year is another clock: instants in milliseconds since 1970, until 2100. */
const epochMs = z.number().min(0).max(4.2e12);

const answerSchema = z.strictObject({
  /** The number of the ping. */
  ping: z.int().nonnegative(),
  receivedEpochMs: epochMs,
  answeredEpochMs: epochMs,
  /** The smallest step of the clock that was seen. */
  resolutionMs: z.number().min(0).max(100),
});
export type ClockAnswer = z.infer<typeof answerSchema>;

const playoutSchema = z.strictObject({
  /** `[rtpTimestamp, epochMs, withinMs]`: see `PlayedPacket`. */
  played: z
    .array(
      z.tuple([
        z
          .int()
          .min(0)
          .max(2 ** 32 - 1),
        epochMs,
        z.number().min(0).max(1000),
      ]),
    )
    .max(100),
  /** `[epochMs, count, bufferedMs]`: see `ReceivedPackets`. */
  received: z
    .array(z.tuple([epochMs, z.int().min(1).max(1000), z.number().min(0).max(60_000)]))
    .max(100)
    .optional(),
  /** Mean delay of the jitter buffer since the report before. */
  bufferedMs: z.number().min(0).max(60_000).optional(),
  /** From the track to the loudspeaker, as the browser states it. */
  outputMs: z.number().min(0).max(60_000).optional(),
});
export type PlayoutReport = z.infer<typeof playoutSchema>;

/** Nothing that a page has to say needs more. */
const MAX_BYTES = 8192;

export function encodePing(ping: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ping }));
}

/** Undefined for anything but an answer. */
export function parseClockAnswer(payload: Uint8Array): ClockAnswer | undefined {
  return parsed(answerSchema, payload);
}

/** Undefined for anything but a report. */
export function parsePlayoutReport(payload: Uint8Array): PlayoutReport | undefined {
  return parsed(playoutSchema, payload);
}

function parsed<T>(schema: z.ZodType<T>, payload: Uint8Array): T | undefined {
  if (payload.byteLength > MAX_BYTES) return undefined;
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(payload))).data;
  } catch {
    return undefined;
  }
}
