// Pairs of werift peers for the tests of this folder, connected over loopback without a server.

import {
  MediaStream,
  MediaStreamTrack,
  type RTCDtlsTransport,
  type RTCPeerConnection,
  type RTCRtpTransceiver,
} from 'werift';
import { createPeer } from './peer.ts';
import { forgetDefaultStunServer } from './werift-defects.ts';

const peers: RTCPeerConnection[] = [];

/** To be called after each test. */
export async function closePeers(): Promise<void> {
  await Promise.all(peers.splice(0).map(async (peer) => peer.close()));
}

export function newPeer(): RTCPeerConnection {
  const peer = createPeer({
    iceServers: [],
    loopback: true,
    onCandidate: () => undefined,
    onFailed: () => undefined,
    onMalformed: () => undefined,
  });
  peers.push(peer);
  return peer;
}

export function addSender(peer: RTCPeerConnection): RTCRtpTransceiver {
  const transceiver = peer.addTransceiver(new MediaStreamTrack({ kind: 'audio' }), {
    direction: 'sendonly',
    streams: [new MediaStream({ id: 'PA_other' })],
  });
  forgetDefaultStunServer(transceiver.dtlsTransport);
  return transceiver;
}

/** Offers from one peer to the other; `prepare` sees the answering side's transport before it answers. */
export async function negotiate(
  offering: RTCPeerConnection,
  answering: RTCPeerConnection,
  prepare: (transport: RTCDtlsTransport) => void = () => undefined,
): Promise<void> {
  await offering.setLocalDescription(await offering.createOffer());
  await answering.setRemoteDescription(required(offering.localDescription));
  const [transport] = answering.dtlsTransports;
  forgetDefaultStunServer(required(transport));
  prepare(required(transport));
  await answering.setLocalDescription(await answering.createAnswer());
  await offering.setRemoteDescription(required(answering.localDescription));
}

export async function connected(transport: RTCDtlsTransport): Promise<void> {
  if (transport.state === 'connected') return;
  await transport.onStateChange.watch((state) => state === 'connected', 10_000);
}

export function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('missing');
  return value;
}
