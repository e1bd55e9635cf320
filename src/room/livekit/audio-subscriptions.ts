// Who hears whom: sinks by identity, the tracks to ask the server for, and the way from an SSRC to its sinks.

import type { Logger } from '../../lib/log.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import type { SenderReport } from '../../rtp/reports.ts';
import type { AudioSink, AudioSubscription, RemoteParticipant } from '../port.ts';

interface Listener {
  readonly identity: string;
  readonly sink: AudioSink;
  trackSid: string | undefined;
  /** What the sink was told last. */
  muted: boolean;
}

export interface AudioSubscriptionsOptions {
  readonly participants: ReadonlyMap<string, RemoteParticipant>;
  /** Tells the server. */
  readonly request: (trackSid: string, subscribe: boolean) => void;
  readonly log: Logger;
}

/** Follows each listened-to participant's microphone through mutes, new tracks, and leaving and coming back. */
export class AudioSubscriptions {
  /** Packets of tracks that nobody listens to (any more). */
  unroutedCount = 0;
  readonly #options: AudioSubscriptionsOptions;
  readonly #listeners = new Set<Listener>();
  /** Tracks the server was asked for, with the participant that publishes each. */
  readonly #requested = new Map<string, string>();
  #trackBySsrc: ReadonlyMap<number, string> = new Map();
  #listenersBySsrc = new Map<number, Listener[]>();

  constructor(options: AudioSubscriptionsOptions) {
    this.#options = options;
  }

  subscribe(identity: string, sink: AudioSink): AudioSubscription {
    const listener: Listener = { identity, sink, trackSid: undefined, muted: false };
    this.#listeners.add(listener);
    this.participantChanged(identity);
    return {
      close: () => {
        if (this.#listeners.delete(listener)) this.#reconcile();
      },
    };
  }

  /** To be called whenever `identity` joined, changed, or left. */
  participantChanged(identity: string): void {
    const microphone = this.#options.participants.get(identity)?.microphone;
    const heard = [...this.#listeners].filter((listener) => listener.identity === identity);
    if (heard.length === 0) return;
    for (const listener of heard) listener.trackSid = microphone?.trackSid;
    this.#reconcile();
    if (microphone === undefined) return;
    for (const listener of heard) {
      if (listener.muted === microphone.muted) continue;
      listener.muted = microphone.muted;
      try {
        listener.sink.onMuted(microphone.muted);
      } catch (error) {
        this.#sinkFailed(error);
      }
    }
  }

  /** The server offered: from now on these SSRCs carry these tracks. */
  mapSources(trackBySsrc: ReadonlyMap<number, string>): void {
    this.#trackBySsrc = trackBySsrc;
    this.#route();
  }

  /** Gives a packet to those who listen to its track; `false` when there are none. */
  deliver(packet: RtpPacket): boolean {
    if (this.#tell(packet.ssrc, (sink) => sink.onPacket(packet))) return true;
    this.unroutedCount += 1;
    return false;
  }

  /** Gives a sender report to those who listen to its track. */
  deliverReport(report: SenderReport): void {
    this.#tell(report.ssrc, (sink) => sink.onSenderReport?.(report));
  }

  close(): void {
    this.#listeners.clear();
    this.#requested.clear();
    this.#listenersBySsrc.clear();
  }

  /** `false` where nobody listens to that source. */
  #tell(ssrc: number, tell: (sink: AudioSink) => void): boolean {
    const listeners = this.#listenersBySsrc.get(ssrc);
    if (listeners === undefined) return false;
    for (const listener of listeners) {
      if (!this.#listeners.has(listener)) continue;
      try {
        tell(listener.sink);
      } catch (error) {
        this.#sinkFailed(error);
      }
    }
    return true;
  }

  #reconcile(): void {
    const wanted = new Map<string, string>();
    for (const { trackSid, identity } of this.#listeners) if (trackSid !== undefined) wanted.set(trackSid, identity);
    for (const [trackSid, identity] of this.#requested) {
      if (wanted.has(trackSid)) continue;
      this.#requested.delete(trackSid);
      const published = this.#options.participants.get(identity)?.microphone?.trackSid === trackSid;
      if (published) this.#options.request(trackSid, false);
    }
    for (const [trackSid, identity] of wanted) {
      if (this.#requested.has(trackSid)) continue;
      this.#requested.set(trackSid, identity);
      this.#options.request(trackSid, true);
    }
    this.#route();
  }

  #route(): void {
    const routes = new Map<number, Listener[]>();
    for (const [ssrc, trackSid] of this.#trackBySsrc) {
      const listeners = [...this.#listeners].filter((listener) => listener.trackSid === trackSid);
      if (listeners.length > 0) routes.set(ssrc, listeners);
    }
    this.#listenersBySsrc = routes;
  }

  /** A sink that throws is a bug of its owner; it must not cost the others their packets, nor go unseen. */
  #sinkFailed(error: unknown): void {
    this.#options.log.error('audio sink threw', { error });
  }
}
