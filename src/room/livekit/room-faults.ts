// What the server or the network said, as errors that tell people what to do.

import { DisconnectReason, LeaveRequest_Action, type LeaveRequest } from '@livekit/protocol';
import { RoomError } from '../../lib/errors.ts';

/** The websocket could not be opened: the server answered the HTTP upgrade with `status` and `body`. */
export function upgradeRefused(host: string, status: number, body: string): RoomError {
  const said = body.trim() === '' ? `HTTP ${status}` : `HTTP ${status}: ${body.trim()}`;
  if (status === 401 || status === 403) {
    return new RoomError(
      'ROOM_UNAUTHORIZED',
      `${host} refused the token (${said}); check that API key and secret are this server's, and both clocks`,
    );
  }
  if (status === 404) {
    return new RoomError(
      'ROOM_UNREACHABLE',
      `${host} knows no such room or is no LiveKit server (${said}); check the address and whether rooms are created on joining`,
    );
  }
  const retryable = status >= 500 || status === 429;
  return new RoomError('ROOM_UNREACHABLE', `${host} did not let us in (${said})`, { retryable });
}

/** The websocket could not be opened: no HTTP answer at all. */
export function unreachable(host: string, cause: Error): RoomError {
  return new RoomError(
    'ROOM_UNREACHABLE',
    `no LiveKit server answers at ${host} (${cause.message}); check the address and that the server runs`,
    { retryable: true, cause },
  );
}

/** The websocket closed without a `leave`: server killed, or network gone. */
export function connectionLost(host: string, detail: string): RoomError {
  return new RoomError('ROOM_CLOSED', `the connection to ${host} was lost (${detail}); join again`, {
    retryable: true,
  });
}

/** The server told us to leave (`LeaveRequest.reason`, livekit_models.proto). */
export function serverSentLeave({ reason, action }: LeaveRequest): RoomError {
  if (action !== LeaveRequest_Action.DISCONNECT) {
    return new RoomError('ROOM_CLOSED', `the server wants us to join anew (${DisconnectReason[reason]}); join again`, {
      retryable: true,
    });
  }
  const { message, retryable } = leaveTexts[reason] ?? {
    message: `the server ended the participation (${DisconnectReason[reason] ?? reason})`,
  };
  return new RoomError('ROOM_CLOSED', message, { retryable: retryable ?? false });
}

const leaveTexts: Readonly<Partial<Record<DisconnectReason, { message: string; retryable?: boolean }>>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: {
    message: 'another participant joined under our identity; give each participant its own',
  },
  [DisconnectReason.SERVER_SHUTDOWN]: { message: 'the server shut down; join again', retryable: true },
  [DisconnectReason.PARTICIPANT_REMOVED]: { message: 'we were removed from the room' },
  [DisconnectReason.ROOM_DELETED]: { message: 'the room was deleted' },
  [DisconnectReason.ROOM_CLOSED]: { message: 'the room was closed: all others had left' },
  [DisconnectReason.JOIN_FAILURE]: { message: 'the server could not complete joining; join again', retryable: true },
  [DisconnectReason.STATE_MISMATCH]: { message: 'the server lost our state; join again', retryable: true },
  [DisconnectReason.CONNECTION_TIMEOUT]: { message: 'the server heard nothing from us; join again', retryable: true },
  [DisconnectReason.MEDIA_FAILURE]: { message: 'the media connection failed; join again', retryable: true },
};
