// Who is in the room: LiveKit's participant infos kept as the port's `RemoteParticipant`s, and what changed.

import {
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  TrackSource,
  TrackType,
  type ParticipantInfo,
  type TrackInfo,
} from '@livekit/protocol';
import type { ParticipantKind, RemoteParticipant, RoomEvent } from '../port.ts';

export type ParticipantEvent = Extract<
  RoomEvent,
  { type: 'participantJoined' | 'participantUpdated' | 'participantLeft' }
>;

interface Entry {
  readonly sid: string;
  /** `ParticipantInfo.version`: grows with each change of this participant. */
  readonly version: number;
  readonly participant: RemoteParticipant;
}

/** The others in the room, by identity. Updates may come late or twice; stale ones change nothing. */
export class Participants {
  readonly #localIdentity: string;
  readonly #entries = new Map<string, Entry>();
  readonly #view = new Map<string, RemoteParticipant>();

  constructor(localIdentity: string, present: readonly ParticipantInfo[]) {
    this.#localIdentity = localIdentity;
    for (const info of present) this.apply(info);
  }

  get byIdentity(): ReadonlyMap<string, RemoteParticipant> {
    return this.#view;
  }

  /** Whose session this is; undefined for one who is not here (any more), and for ourselves. */
  identityOf(sid: string): string | undefined {
    for (const [identity, entry] of this.#entries) if (entry.sid === sid) return identity;
    return undefined;
  }

  /** Takes one info in; says what changed (someone who came back under a new sid has left and joined). */
  apply(info: ParticipantInfo): ParticipantEvent[] {
    if (info.identity === this.#localIdentity) return [];
    const known = this.#entries.get(info.identity);
    if (info.state === ParticipantInfo_State.DISCONNECTED) {
      return known?.sid === info.sid ? this.#remove(info.identity, known) : [];
    }
    if (known !== undefined && known.sid !== info.sid) {
      return [...this.#remove(info.identity, known), ...this.apply(info)];
    }
    if (known !== undefined && info.version < known.version) return [];
    const participant = toRemoteParticipant(info, known?.participant);
    this.#entries.set(info.identity, { sid: info.sid, version: info.version, participant });
    this.#view.set(info.identity, participant);
    if (known === undefined) return [{ type: 'participantJoined', participant }];
    return sameParticipant(known.participant, participant) ? [] : [{ type: 'participantUpdated', participant }];
  }

  #remove(identity: string, { participant }: Entry): ParticipantEvent[] {
    this.#entries.delete(identity);
    this.#view.delete(identity);
    return [{ type: 'participantLeft', participant }];
  }
}

function toRemoteParticipant(info: ParticipantInfo, before: RemoteParticipant | undefined): RemoteParticipant {
  const microphone = microphoneTrack(info.tracks, before?.microphone?.trackSid);
  return {
    identity: info.identity,
    name: info.name,
    kind: participantKind(info.kind),
    attributes: { ...info.attributes },
    microphone: microphone === undefined ? undefined : { trackSid: microphone.sid, muted: microphone.muted },
  };
}

/**
 * The audio track to listen to. Telephone gateways may leave the source unknown. The server lists tracks in no
 * particular order, so the one in use stays until it is gone.
 */
function microphoneTrack(tracks: readonly TrackInfo[], inUse: string | undefined): TrackInfo | undefined {
  const audio = tracks.filter(({ type }) => type === TrackType.AUDIO);
  const candidates = [
    ...audio.filter(({ source }) => source === TrackSource.MICROPHONE),
    ...audio.filter(({ source }) => source === TrackSource.UNKNOWN),
  ];
  return candidates.find(({ sid }) => sid === inUse) ?? candidates[0];
}

function participantKind(kind: ParticipantInfo_Kind): ParticipantKind {
  switch (kind) {
    case ParticipantInfo_Kind.SIP:
      return 'sip';
    case ParticipantInfo_Kind.AGENT:
      return 'agent';
    case ParticipantInfo_Kind.INGRESS:
      return 'ingress';
    case ParticipantInfo_Kind.EGRESS:
      return 'egress';
    case ParticipantInfo_Kind.STANDARD:
      return 'standard';
    default:
      // Kinds newer than our copy of the protocol behave as programs that people speak through.
      return 'standard';
  }
}

function sameParticipant(a: RemoteParticipant, b: RemoteParticipant): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.microphone?.trackSid === b.microphone?.trackSid &&
    a.microphone?.muted === b.microphone?.muted &&
    sameAttributes(a.attributes, b.attributes)
  );
}

function sameAttributes(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
