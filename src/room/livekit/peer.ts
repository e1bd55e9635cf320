// What both peer connections have in common: Opus alone, one transport, trickled host candidates.

import type { ICEServer } from '@livekit/protocol';
import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  useAudioLevelIndication,
  type RTCPeerConnectionConfig,
} from 'werift';

import { ABS_CAPTURE_TIME_URI } from '../../rtp/abs-capture-time.ts';

/** Where media can go besides the machine's own network interfaces. */
export interface MediaPath {
  readonly iceServers: readonly ICEServer[];
  /** Offer the loopback interface too: the server runs on this machine, which may have no network. */
  readonly loopback: boolean;
}

export interface PeerOptions extends MediaPath {
  /** A candidate of ours, for the server (the JSON of an RTCIceCandidateInit). */
  readonly onCandidate: (candidateInit: string) => void;
  /** Media can't flow (any more). */
  readonly onFailed: () => void;
  /** A media packet was dropped: it could not be parsed, has no payload, or a payload type that was not agreed upon. */
  readonly onMalformed: () => void;
}

/** A TURN server that doesn't answer must not hold up joining. */
const TURN_CONNECT_WITHIN_S = 3;

export function createPeer(options: PeerOptions): RTCPeerConnection {
  const peer = new RTCPeerConnection(configuration(options));
  peer.onIceCandidate.subscribe((candidate) => {
    if (candidate !== undefined) options.onCandidate(JSON.stringify(candidate.toJSON()));
  });
  peer.connectionStateChange.subscribe((state) => {
    if (state === 'failed' || state === 'disconnected') options.onFailed();
  });
  return peer;
}

/** Adds a candidate of the server's; one that can't be parsed is the server's fault and doesn't matter. */
export async function addRemoteCandidate(peer: RTCPeerConnection, candidateInit: string): Promise<void> {
  const parsed: unknown = JSON.parse(candidateInit);
  if (typeof parsed === 'object' && parsed !== null) await peer.addIceCandidate(parsed);
}

/**
 * STUN servers are left out: LiveKit's own candidates are reachable or it names a TURN server, it learns our address
 * from our connectivity checks, and asking a STUN server that can't be reached costs werift seconds.
 * Without RED among the codecs the server strips it.
 */
function configuration({ iceServers, loopback }: MediaPath): RTCPeerConnectionConfig {
  return {
    bundlePolicy: 'max-bundle',
    codecs: { audio: [opus()], video: [] },
    headerExtensions: {
      audio: [useAudioLevelIndication(), new RTCRtpHeaderExtensionParameters({ uri: ABS_CAPTURE_TIME_URI })],
      video: [],
    },
    iceServers: iceServers
      .map(({ urls, username, credential }) => ({
        urls: urls.filter((url) => /^turns?:/.test(url)),
        username,
        credential,
      }))
      .filter(({ urls }) => urls.length > 0),
    iceTurnConnectTimeout: TURN_CONNECT_WITHIN_S,
    iceAdditionalHostAddresses: loopback ? ['127.0.0.1'] : undefined,
  };
}

/** RFC 7587 section 7. */
function opus(): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    payloadType: 111,
    parameters: 'minptime=10;useinbandfec=1',
  });
}
