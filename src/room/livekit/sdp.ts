// What is read from LiveKit's session descriptions (RFC 8866) besides what werift does: whose packets have which SSRC.
// Forwarded packets carry no mid, so the SSRC is all there is to go by.

import { ABS_CAPTURE_TIME_URI } from '../../rtp/abs-capture-time.ts';

/**
 * Maps each SSRC of the active audio sections of the server's offer to the track's sid (RFC 5576 section 4.1 `a=ssrc`;
 * RFC 8830 `a=msid:<stream> <track sid>`). Sections that are rejected or inactive are left out.
 */
export function audioTracksBySsrc(sdp: string): ReadonlyMap<number, string> {
  const tracks = new Map<number, string>();
  for (const section of sdp.split(/^m=/m).slice(1)) {
    if (!section.startsWith('audio ') || section.startsWith('audio 0 ') || /^a=inactive\s*$/m.test(section)) continue;
    const trackSid = /^a=msid:\S+ (\S+)/m.exec(section)?.[1];
    if (trackSid === undefined) continue;
    for (const [, ssrc] of section.matchAll(/^a=ssrc:(\d+) /gm)) tracks.set(Number(ssrc), trackSid);
  }
  return tracks;
}

/** The id under which packets carry their capture time (RFC 8285 section 8 `a=extmap`); one for all sections of a bundle. */
export function captureTimeExtensionId(sdp: string): number | undefined {
  for (const [, id, uri] of sdp.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)) {
    if (uri === ABS_CAPTURE_TIME_URI) return Number(id);
  }
  return undefined;
}
