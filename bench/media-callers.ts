// The callers of the media benchmark: each sends the same pre-encoded question and silence, over and over, at 20 ms.
// Run by media.ts in a process of its own, so that the load does not count as the agent's.

import { LISTENING_RATE_HZ } from '../src/audio/frame.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Ticker } from '../src/lib/ticker.ts';
import { opusscriptCodec } from '../src/opus/opusscript.ts';
import { livekitRoom } from '../src/room/livekit/index.ts';
import { callerToken } from '../src/room/livekit-token.ts';
import type { Room } from '../src/room/port.ts';
import { FRAME_MS, FRAME_TICKS } from '../src/rtp/packet.ts';
import { tellParent } from './media-protocol.ts';
import type { Load, ToWorker } from './media-protocol.ts';
import { joined, speak } from './media-speech.ts';

const QUESTION = 'Could you tell me when you are open on Saturday, please?';
const SILENCE_MS = 6000;
const FRAME_SAMPLES = (LISTENING_RATE_HZ * FRAME_MS) / 1000;

/** Payloads of one round: the question, then silence (without DTX: packets all the time are the heavier load). */
async function encodeRound(): Promise<readonly Uint8Array[]> {
  const question = joined(await speak(QUESTION, 'rms'));
  const encoder = opusscriptCodec.createEncoder({ sampleRateHz: LISTENING_RATE_HZ });
  const frameCount = Math.ceil(question.length / FRAME_SAMPLES) + SILENCE_MS / FRAME_MS;
  const payloads = Array.from({ length: frameCount }, (_, index) => {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(question.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES));
    return encoder.encode(frame);
  });
  encoder.close();
  return payloads;
}

async function joinAll({ url, rooms, ...keys }: Load): Promise<readonly Room[]> {
  const signal = new AbortController().signal;
  const joins = rooms.map(async (roomName) => {
    const token = await callerToken(keys, { roomName, identity: 'caller' });
    return livekitRoom({ url, token })({ onEvent: () => undefined, signal });
  });
  return Promise.all(joins);
}

let rooms: readonly Room[] = [];
let ticker: Ticker | undefined;

process.on('message', (message: ToWorker) => {
  void (async () => {
    if (message.type === 'start') {
      const [joinedRooms, payloads] = await Promise.all([joinAll(message.load), encodeRound()]);
      rooms = joinedRooms;
      let frame = 0;
      ticker = new Ticker(systemClock, FRAME_MS, () => {
        for (const [call, room] of rooms.entries()) {
          // Callers speak one after another, as people do.
          const payload = payloads[(frame + call * 37) % payloads.length];
          if (payload === undefined) continue;
          const sequenceNumber = frame % 65_536;
          const rtpTimestamp = (frame * FRAME_TICKS) % 2 ** 32;
          room.sendAudio({ sequenceNumber, rtpTimestamp, marker: false, payload, audioLevelDbov: 30 });
        }
        frame += 1;
      });
      tellParent({ type: 'ready' });
    } else if (message.type === 'stop') {
      ticker?.stop();
      await Promise.all(rooms.map((room) => room.close()));
      tellParent({ type: 'stopped' });
      process.disconnect?.();
    }
  })();
});
