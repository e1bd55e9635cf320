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
import { AccountPage } from './media-page.ts';
import { AGENT_IDENTITY, tellParent } from './media-protocol.ts';
import type { Load, ToWorker } from './media-protocol.ts';
import { joined as joinedPieces, speak } from './media-speech.ts';

const QUESTION = 'Could you tell me when you are open on Saturday, please?';
const SILENCE_MS = 6000;
const FRAME_SAMPLES = (LISTENING_RATE_HZ * FRAME_MS) / 1000;

/** Payloads of one round: the question, then silence (without DTX: packets all the time are the heavier load). */
async function encodeRound(): Promise<readonly Uint8Array[]> {
  const question = joinedPieces(await speak(QUESTION, 'rms'));
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

interface Caller {
  readonly number: number;
  readonly room: Room;
}

/** By the room's name, where a page helps with the account. */
const pages = new Map<string, AccountPage>();

async function joinAll({ url, calls, ...keys }: Load): Promise<readonly Caller[]> {
  const signal = new AbortController().signal;
  const joins = calls.map(async ({ roomName, number, account }): Promise<Caller> => {
    const token = await callerToken(keys, { roomName, identity: 'caller' });
    const room = await livekitRoom({ url, token })({
      onEvent: (event) => pages.get(roomName)?.receive(event),
      signal,
    });
    if (account === 'withPage') pages.set(roomName, new AccountPage(room, systemClock, AGENT_IDENTITY));
    return { number, room };
  });
  return Promise.all(joins);
}

let callers: readonly Caller[] = [];
let ticker: Ticker | undefined;

// Nobody is left to measure for.
process.once('disconnect', () => process.exit());
process.on('message', (message: ToWorker) => {
  void (async () => {
    if (message.type === 'start') {
      const [joined, payloads] = await Promise.all([joinAll(message.load), encodeRound()]);
      callers = joined;
      let frame = 0;
      ticker = new Ticker(systemClock, FRAME_MS, () => {
        for (const { number, room } of callers) {
          // Callers speak one after another, as people do.
          const payload = payloads[(frame + number * 37) % payloads.length];
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
      for (const page of pages.values()) page.close();
      await Promise.all(callers.map(({ room }) => room.close()));
      tellParent({ type: 'stopped' });
      process.disconnect?.();
    }
  })();
});
