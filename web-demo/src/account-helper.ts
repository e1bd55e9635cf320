// Helps the agent to account for what the caller waited for: answers its pings with the page's clock, and tells which of its
// packets were played when (docs/latency.md). The call does not depend on it.

import { type RemoteParticipant, type RemoteTrack, type Room, RoomEvent, Track } from 'livekit-client';

import { PlayedPackets } from './played-packets.ts';

const clockTopic = 'repartee.clock';
const playoutTopic = 'repartee.playout';

/** Often enough to see each block of 10 ms, also where timers are late by some. */
const lookPeriodMs = 5;
const reportPeriodMs = 1000;

export interface AccountHelperOptions {
  readonly room: Room;
  /** What the browser states of the way from a track to the loudspeaker, where the receiver's statistics don't. */
  readonly outputLatencyMs: () => number | undefined;
}

export class AccountHelper {
  readonly #room: Room;
  readonly #outputLatencyMs: () => number | undefined;
  readonly #resolutionMs = clockResolutionMs();
  #listening: Listening | undefined;

  /** From now on, until `close`. */
  constructor({ room, outputLatencyMs }: AccountHelperOptions) {
    this.#room = room;
    this.#outputLatencyMs = outputLatencyMs;
    room
      .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
        const receivedEpochMs = pageEpochMs();
        if (topic === clockTopic && participant?.isAgent === true) this.#answer(payload, participant, receivedEpochMs);
      })
      .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => this.#follow(track, participant))
      .on(RoomEvent.TrackUnsubscribed, (track) => {
        if (this.#listening?.receiver === track.receiver) this.#stop();
      });
  }

  /** Idempotent. */
  close(): void {
    this.#stop();
  }

  #answer(payload: Uint8Array, { identity }: RemoteParticipant, receivedEpochMs: number): void {
    const ping = pingOf(payload);
    if (ping === undefined) return;
    const answer = { ping, receivedEpochMs, answeredEpochMs: pageEpochMs(), resolutionMs: this.#resolutionMs };
    this.#send(answer, { topic: clockTopic, reliable: false, identity });
  }

  #follow(track: RemoteTrack, participant: RemoteParticipant): void {
    const { receiver } = track;
    if (!participant.isAgent || track.kind !== Track.Kind.Audio || receiver === undefined) return;
    this.#stop();
    this.#listening = new Listening(receiver, (report) => {
      const outputMs = report.outputMs ?? this.#outputLatencyMs();
      const full = { ...report, ...(outputMs !== undefined && { outputMs }) };
      this.#send(full, { topic: playoutTopic, reliable: true, identity: participant.identity });
    });
  }

  #stop(): void {
    this.#listening?.close();
    this.#listening = undefined;
  }

  #send(message: unknown, to: { readonly topic: string; readonly reliable: boolean; readonly identity: string }): void {
    this.#room.localParticipant
      .publishData(new TextEncoder().encode(JSON.stringify(message)), {
        topic: to.topic,
        reliable: to.reliable,
        destinationIdentities: [to.identity],
      })
      .catch((error: unknown) => console.debug('the agent was not told', to.topic, error));
  }
}

interface Report {
  readonly played: ReturnType<PlayedPackets['take']>;
  readonly bufferedMs?: number;
  readonly outputMs?: number;
}

/** One track of the agent, as it is played. */
class Listening {
  readonly receiver: RTCRtpReceiver;
  readonly #packets = new PlayedPackets();
  readonly #report: (report: Report) => void;
  readonly #timers: readonly number[];
  #totals: Totals | undefined;

  constructor(receiver: RTCRtpReceiver, report: (report: Report) => void) {
    this.receiver = receiver;
    this.#report = report;
    this.#timers = [
      window.setInterval(() => this.#look(), lookPeriodMs),
      window.setInterval(() => void this.#tell(), reportPeriodMs),
    ];
  }

  close(): void {
    for (const timer of this.#timers) window.clearInterval(timer);
  }

  #look(): void {
    const [source] = this.receiver.getSynchronizationSources();
    const block = source && { rtpTimestamp: source.rtpTimestamp, epochMs: asEpochMs(source.timestamp) };
    this.#packets.look(block, pageEpochMs());
  }

  async #tell(): Promise<void> {
    const played = this.#packets.take();
    const before = this.#totals;
    this.#totals = await totalsOf(this.receiver).catch(() => undefined);
    if (played.length === 0) return;
    const bufferedMs = meanMs(before?.buffered, this.#totals?.buffered);
    const outputMs = meanMs(before?.output, this.#totals?.output);
    this.#report({
      played,
      ...(bufferedMs !== undefined && { bufferedMs }),
      ...(outputMs !== undefined && { outputMs }),
    });
  }
}

/** A delay summed up over samples, as browsers count it. */
interface Sum {
  readonly seconds: number;
  readonly samples: number;
}

interface Totals {
  readonly buffered: Sum | undefined;
  readonly output: Sum | undefined;
}

/** https://www.w3.org/TR/webrtc-stats: `jitterBufferDelay` of `inbound-rtp`, `totalPlayoutDelay` of `media-playout`. */
async function totalsOf(receiver: RTCRtpReceiver): Promise<Totals> {
  let buffered: Sum | undefined;
  let output: Sum | undefined;
  for (const [, stat] of await receiver.getStats()) {
    if (stat.type === 'inbound-rtp') buffered = sumOf(stat.jitterBufferDelay, stat.jitterBufferEmittedCount);
    if (stat.type === 'media-playout') output = sumOf(stat.totalPlayoutDelay, stat.totalSamplesCount);
  }
  return { buffered, output };
}

function sumOf(seconds: unknown, samples: unknown): Sum | undefined {
  return typeof seconds === 'number' && typeof samples === 'number' ? { seconds, samples } : undefined;
}

/** Between two looks at a sum; undefined where nothing was added. */
function meanMs(before: Sum | undefined, after: Sum | undefined): number | undefined {
  if (before === undefined || after === undefined || after.samples <= before.samples) return undefined;
  return Math.max(0, ((after.seconds - before.seconds) / (after.samples - before.samples)) * 1000);
}

function pageEpochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Instants of statistics are counted from 1970, or, in older browsers, from the page's beginning. */
function asEpochMs(timestamp: number): number {
  return timestamp < performance.timeOrigin / 2 ? performance.timeOrigin + timestamp : timestamp;
}

/** Browsers round their clocks: the smallest step to be seen in a moment. */
function clockResolutionMs(): number {
  const beganAt = performance.now();
  let smallest = 20;
  let last = beganAt;
  while (last - beganAt < 5) {
    const now = performance.now();
    if (now > last) smallest = Math.min(smallest, now - last);
    last = now;
  }
  return smallest;
}

function pingOf(payload: Uint8Array): number | undefined {
  try {
    const message: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof message !== 'object' || message === null || !('ping' in message)) return undefined;
    return typeof message.ping === 'number' ? message.ping : undefined;
  } catch {
    return undefined;
  }
}
