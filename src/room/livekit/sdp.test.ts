import { describe, expect, it } from 'vitest';

import { audioTracksBySsrc, captureTimeExtensionId } from './sdp.ts';

// Shaped as livekit-server offers: an audio section per track, reused ones included.
const offer = (...sections: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', ...sections].join('\r\n');
const audio = ({ port = 9, direction = 'sendonly', ssrcs = [1], track = 'TR_a' } = {}): string =>
  [
    `m=audio ${port} UDP/TLS/RTP/SAVPF 111`,
    'c=IN IP4 0.0.0.0',
    `a=${direction}`,
    `a=msid:PA_x|x ${track}`,
    ...ssrcs.flatMap((ssrc) => [`a=ssrc:${ssrc} cname:PA_x`, `a=ssrc:${ssrc} msid:PA_x|x ${track}`]),
  ].join('\r\n');

describe('audioTracksBySsrc', () => {
  it('maps every SSRC of every audio section, up to 2³² − 1', () => {
    const sdp = offer(audio({ ssrcs: [7] }), audio({ ssrcs: [4_294_967_295, 8], track: 'TR_b' }));
    expect([...audioTracksBySsrc(sdp)]).toEqual([
      [7, 'TR_a'],
      [4_294_967_295, 'TR_b'],
      [8, 'TR_b'],
    ]);
  });

  it('leaves out sections that carry nothing: inactive, rejected, of data or video', () => {
    const sdp = offer(
      audio({ direction: 'inactive' }),
      audio({ port: 0 }),
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0',
      audio().replace('m=audio', 'm=video'),
    );
    expect(audioTracksBySsrc(sdp).size).toBe(0);
  });
});

describe('captureTimeExtensionId', () => {
  it('is the number that the description gives it, whatever the direction', () => {
    const uri = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
    expect(captureTimeExtensionId(offer('m=audio 9 x 111\r\na=extmap:1 urn:other', `a=extmap:5 ${uri}`))).toBe(5);
    expect(captureTimeExtensionId(offer(`a=extmap:14/recvonly ${uri}`))).toBe(14);
    expect(captureTimeExtensionId(offer('a=extmap:1 urn:other'))).toBeUndefined();
  });
});
