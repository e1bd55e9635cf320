// A caller in a browser for benchmarks: joins a room as the demo page does, helps the agent's account by the page's own helper,
// and keeps the level of each 10 ms of both tracks with the instant at which it was there. Driven through `globalThis.caller`.

import { createLocalAudioTrack, type RemoteTrack, Room, RoomEvent, Track } from 'livekit-client';

import { AccountHelper } from '../../src/account-helper.ts';
import { keepWindows, type Windows } from './track-windows.ts';

export interface CallerRecord {
  readonly spoken: Windows;
  readonly heard: Windows;
}

/** Takes the microphone and joins; resolves once the agent is heard. `processed`: what browsers do to a voice by default. */
async function join(url: string, token: string, processed: boolean): Promise<void> {
  const microphone = await createLocalAudioTrack({
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
  });
  keepWindows(microphone.mediaStreamTrack, record.spoken);
  const heard = Promise.withResolvers<void>();
  const helper = new AccountHelper({ room, outputLatencyMs: () => undefined });
  room
    .on(RoomEvent.TrackSubscribed, (track: RemoteTrack, _publication, participant) => {
      if (!participant.isAgent || track.kind !== Track.Kind.Audio) return;
      const element = document.getElementById('agent-audio');
      if (element instanceof HTMLAudioElement) track.attach(element);
      receiver = track.receiver;
      keepWindows(track.mediaStreamTrack, record.heard);
      heard.resolve();
    })
    .on(RoomEvent.Disconnected, () => helper.close());
  await room.connect(url, token);
  await room.localParticipant.publishTrack(microphone);
  await heard.promise;
}

const room = new Room();
const record: { readonly spoken: Windows; readonly heard: Windows } = { spoken: [], heard: [] };
let receiver: RTCRtpReceiver | undefined;

Object.assign(globalThis, {
  caller: {
    join,
    record: (): CallerRecord => record,
    /** How much the receiver shall hold back at least (https://w3c.github.io/webrtc-extensions, jitterBufferTarget). */
    setBufferTarget: (ms: number): void => {
      if (receiver !== undefined) Object.assign(receiver, { jitterBufferTarget: ms });
    },
    leave: (): Promise<void> => room.disconnect(),
  },
});
