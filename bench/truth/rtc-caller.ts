// A caller on rtc-node in a process of its own, so that nothing but its own work delays it, and so that it can live by a clock
// that is set wrong: plays a track into its microphone and keeps when each 10 ms went in, and what came from the agent when.
// It helps the agent to account as a page does, with what rtc-node knows: it answers pings, and tells its jitter buffer's delay.

import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  ParticipantKind,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { readFile } from 'node:fs/promises';
import { setTimeout as pass } from 'node:timers/promises';
import { z } from 'zod';

import { levelDbfs } from '../../src/audio/level.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { CLOCK_TOPIC, PLAYOUT_TOPIC } from '../../src/session/page-messages.ts';
import type { TrackWindow } from './edges.ts';
import { type Inbound, ReceiverWatch } from './receiver-watch.ts';

export interface RtcCallerJob {
  readonly url: string;
  readonly token: string;
  /** Mono 16 bit PCM at 48 kHz, without a header. */
  readonly trackPath: string;
}

export interface RtcCallerRecord {
  /** Of each 10 ms of the track: when they had gone in (monotonic). */
  readonly spokenAtMs: readonly number[];
  readonly heard: readonly TrackWindow[];
}

export type FromRtcCaller =
  | { readonly type: 'spoken'; readonly record: RtcCallerRecord }
  | { readonly type: 'failed'; readonly message: string };

const pingSchema = z.object({ ping: z.number() });

const RATE_HZ = 48_000;
const BLOCK_MS = 10;
const BLOCK_SAMPLES = (RATE_HZ * BLOCK_MS) / 1000;
/** Wall time comes in whole milliseconds. */
const CLOCK_RESOLUTION_MS = 1;
/** libwebrtc makes its statistics anew at most so often. */
const LOOK_PERIOD_MS = 50;

function tell(message: FromRtcCaller): void {
  process.send?.(message);
}

async function call({ url, token, trackPath }: RtcCallerJob): Promise<void> {
  const room = new Room();
  const heard: TrackWindow[] = [];
  const listenedTo = Promise.withResolvers<void>();
  const reporting = new AbortController();
  room
    .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
      if (track.kind !== TrackKind.KIND_AUDIO || participant.kind !== ParticipantKind.AGENT) return;
      void listen(track, heard);
      reportPlayout(room, participant.identity, reporting.signal);
    })
    .on(RoomEvent.LocalTrackSubscribed, () => listenedTo.resolve())
    .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
      const receivedEpochMs = systemClock.epochMs();
      if (topic !== CLOCK_TOPIC || participant === undefined) return;
      const { ping } = pingSchema.parse(JSON.parse(Buffer.from(payload).toString()));
      const answer = {
        ping,
        receivedEpochMs,
        answeredEpochMs: systemClock.epochMs(),
        resolutionMs: CLOCK_RESOLUTION_MS,
      };
      void send(room, answer, { topic: CLOCK_TOPIC, reliable: false, identity: participant.identity });
    });
  // Captions are for others.
  room.registerTextStreamHandler('lk.transcription', () => undefined);
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const source = new AudioSource(RATE_HZ, 1, 0);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  await room.localParticipant?.publishTrack(
    track,
    new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: true }),
  );
  await listenedTo.promise;
  const spokenAtMs = await speak(source, await readFile(trackPath));
  reporting.abort();
  tell({ type: 'spoken', record: { spokenAtMs, heard } });
  await room.disconnect();
  await dispose();
}

/** In real time, by this process's clock. */
async function speak(source: AudioSource, track: Buffer): Promise<readonly number[]> {
  const samples = new Int16Array(track.buffer, track.byteOffset, track.byteLength / 2);
  const spokenAtMs: number[] = [];
  const startedAtMs = systemClock.nowMs();
  const count = Math.floor(samples.length / BLOCK_SAMPLES);
  while (spokenAtMs.length < count) {
    const dueAtMs = startedAtMs + (spokenAtMs.length + 1) * BLOCK_MS;
    const dueInMs = dueAtMs - systemClock.nowMs();
    if (dueInMs > 0) await pass(dueInMs);
    const start = spokenAtMs.length * BLOCK_SAMPLES;
    spokenAtMs.push(systemClock.nowMs());
    // Not waited for: without a queue it goes in within the call.
    void source.captureFrame(new AudioFrame(samples.slice(start, start + BLOCK_SAMPLES), RATE_HZ, 1, BLOCK_SAMPLES));
  }
  return spokenAtMs;
}

async function listen(track: RemoteTrack, heard: TrackWindow[]): Promise<void> {
  const options = { sampleRate: RATE_HZ, numChannels: 1, frameSizeMs: BLOCK_MS };
  for await (const { data } of new AudioStream(track, options))
    heard.push({ atMs: systemClock.nowMs(), dbfs: levelDbfs(data) });
}

/** Tells of the packets that come after each pause, as `ReceivedPackets`, until `signal`. */
function reportPlayout(room: Room, identity: string, signal: AbortSignal): void {
  const watch = new ReceiverWatch();
  const look = async (): Promise<void> => {
    const inbound = await inboundAudio(room);
    const received = inbound && watch.look(inbound);
    if (received === undefined) return;
    await send(room, { played: [], received: [received] }, { topic: PLAYOUT_TOPIC, reliable: true, identity });
  };
  const timer = setInterval(() => void look(), LOOK_PERIOD_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}

async function inboundAudio(room: Room): Promise<Inbound | undefined> {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  for (const { stats } of [...publisherStats, ...subscriberStats]) {
    if (stats.case !== 'inboundRtp' || stats.value.stream?.kind !== 'audio') continue;
    const { received, inbound } = stats.value;
    return {
      packetCount: Number(received?.packetsReceived ?? 0),
      lastPacketEpochMs: inbound?.lastPacketReceivedTimestamp ?? 0,
      delaySampleSeconds: inbound?.jitterBufferDelay ?? 0,
      emittedSamples: Number(inbound?.jitterBufferEmittedCount ?? 0),
    };
  }
  return undefined;
}

async function send(
  room: Room,
  message: unknown,
  to: { readonly topic: string; readonly reliable: boolean; readonly identity: string },
): Promise<void> {
  await room.localParticipant?.publishData(new TextEncoder().encode(JSON.stringify(message)), {
    topic: to.topic,
    reliable: to.reliable,
    destination_identities: [to.identity],
  });
}

// Nobody is left to speak for.
process.once('disconnect', () => process.exit());
process.once('message', (job: RtcCallerJob) => {
  call(job).then(
    () => process.disconnect(),
    (error: unknown) => {
      tell({ type: 'failed', message: String(error) });
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
