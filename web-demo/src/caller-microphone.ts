// The caller's microphone: opened, changed, muted, lost and found again. Which room it is published in is the call's
// business.

import { createLocalAudioTrack, type LocalAudioTrack, TrackEvent } from 'livekit-client';

import type { Microphone } from './page-state.ts';
import { microphoneProblem, problems } from './problems.ts';

/** `track`: what can be heard of it; undefined while it is muted or missing. */
export type OnMicrophone = (microphone: Microphone, track: MediaStreamTrack | undefined) => void;

export class CallerMicrophone {
  readonly #onChange: OnMicrophone;
  #track: LocalAudioTrack | undefined;
  #closed = false;

  constructor(onChange: OnMicrophone) {
    this.#onChange = onChange;
  }

  /** What to publish; undefined where there is no microphone to be had. */
  get track(): LocalAudioTrack | undefined {
    return this.#track;
  }

  /** Asks for a microphone. */
  async open(deviceId: string | undefined): Promise<void> {
    try {
      const track = await createLocalAudioTrack({
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId !== undefined && { deviceId }),
      });
      if (this.#closed) {
        track.stop();
        return;
      }
      this.#track = track;
      // livekit-client opens another device by itself when this one is unplugged, and mutes where there is none.
      for (const event of [TrackEvent.Muted, TrackEvent.Unmuted, TrackEvent.Restarted] as const) {
        track.on(event, () => this.#show(track));
      }
      this.#show(track);
    } catch (error) {
      this.#miss(error);
    }
  }

  /** Changes to another device under the same track, or opens one where there was none. */
  async choose(deviceId: string | undefined): Promise<void> {
    const track = this.#track;
    if (track === undefined) return this.open(deviceId);
    try {
      await track.setDeviceId(deviceId ?? 'default');
      if (isLost(track)) await track.unmute();
      this.#show(track);
    } catch (error) {
      this.#miss(error);
    }
  }

  async setMuted(muted: boolean): Promise<void> {
    try {
      await (muted ? this.#track?.mute() : this.#track?.unmute());
    } catch (error) {
      this.#miss(error);
    }
  }

  /** Gives the device back. */
  close(): void {
    this.#closed = true;
    this.#track?.stop();
  }

  #show(track: LocalAudioTrack): void {
    if (isLost(track)) this.#onChange({ type: 'missing', problem: problems.microphoneAbsent }, undefined);
    else this.#onChange({ type: 'on', muted: track.isMuted }, track.isMuted ? undefined : track.mediaStreamTrack);
  }

  #miss(error: unknown): void {
    console.warn('no microphone', error);
    this.#onChange({ type: 'missing', problem: microphoneProblem(error, window.isSecureContext) }, undefined);
  }
}

function isLost(track: LocalAudioTrack): boolean {
  return track.mediaStreamTrack.readyState === 'ended';
}
