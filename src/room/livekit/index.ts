// The way into a LiveKit room that sees RTP: LiveKit's signal protocol on werift. No werift type leaves this folder.
// Left out: resuming after a dropped websocket, RED, video, end-to-end encryption.

import { systemClock, type Clock } from '../../lib/clock.ts';
import { silentLogger, type Logger } from '../../lib/log.ts';
import type { JoinRoom } from '../port.ts';
import { LivekitRoom } from './room.ts';
import { SignalConnection } from './signal-connection.ts';
import { isLoopback, signalUrl } from './signal-url.ts';

export interface LivekitRoomSettings {
  /** The server: `ws`, `wss`, `http` or `https`. */
  readonly url: string;
  /** An access token that grants joining one room; for an agent it also says so (`kind`), and may update attributes. */
  readonly token: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * Makes a `JoinRoom` for one LiveKit room. The room it resolves to can send audio at once; `participants` is complete,
 * and events begin after it has resolved. Besides `RoomError` it rejects with `ConfigurationError` for a bad `url`.
 */
export function livekitRoom({ url, token, clock = systemClock, log = silentLogger }: LivekitRoomSettings): JoinRoom {
  return async ({ onEvent, signal }) => {
    const address = signalUrl(url);
    const { connection, join } = await SignalConnection.open({ url: address, token, clock, log }, signal);
    return LivekitRoom.enter({ connection, join, loopback: isLoopback(address), onEvent, clock, log }, signal);
  };
}
