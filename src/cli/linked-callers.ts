// Tells whom an agent listens to: the participant whose microphone its session subscribes to.

import type { JoinRoom, Room } from '../room/port.ts';

/** The same way into the room; `onLinked` is told each identity that is listened to. */
export function tellingLinked(join: JoinRoom, onLinked: (identity: string) => void): JoinRoom {
  return async (options) => {
    const room = await join(options);
    return {
      get name() {
        return room.name;
      },
      get localIdentity() {
        return room.localIdentity;
      },
      get localTrackSid() {
        return room.localTrackSid;
      },
      get participants() {
        return room.participants;
      },
      subscribeAudio: (identity, sink) => {
        onLinked(identity);
        return room.subscribeAudio(identity, sink);
      },
      sendAudio: (packet) => room.sendAudio(packet),
      setAttributes: (attributes) => room.setAttributes(attributes),
      sendData: (payload, data) => room.sendData(payload, data),
      openText: (text) => room.openText(text),
      close: () => room.close(),
    } satisfies Room;
  };
}
