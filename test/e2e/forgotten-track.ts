/**
 * rtc-node tells of a track later than it forgets one whose sender has left meanwhile: there is nothing to listen to any more, and
 * whoever waits for its sound says so. Any other error stays one.
 */
export function unlessForgotten(error: unknown): void {
  if (!String(error).includes('handle is not a livekit_ffi::server::room::FfiTrack')) throw error;
}
