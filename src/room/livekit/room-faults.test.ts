import { DisconnectReason, LeaveRequest, LeaveRequest_Action } from '@livekit/protocol';
import { describe, expect, it } from 'vitest';

import { serverSentLeave, upgradeRefused } from './room-faults.ts';

const leave = (reason: DisconnectReason, action = LeaveRequest_Action.DISCONNECT): LeaveRequest =>
  new LeaveRequest({ reason, action });

describe('upgradeRefused', () => {
  it.each([
    [401, 'ROOM_UNAUTHORIZED', false],
    [403, 'ROOM_UNAUTHORIZED', false],
    [404, 'ROOM_UNREACHABLE', false],
    [429, 'ROOM_UNREACHABLE', true],
    [503, 'ROOM_UNREACHABLE', true],
  ])('of HTTP %d is %s, retryable: %s', (status, code, retryable) => {
    const error = upgradeRefused('example.org', status, 'because\n');
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`HTTP ${status}: because`);
    expect(error.message).toContain('example.org');
  });
});

describe('serverSentLeave', () => {
  it('has something to say about every reason', () => {
    const reasons = Object.values(DisconnectReason).filter((reason) => typeof reason === 'number');
    const messages = reasons.map((reason) => serverSentLeave(leave(reason)).message);
    expect(messages.filter((message) => /undefined|^$/.test(message))).toEqual([]);
  });

  it.each([
    [DisconnectReason.ROOM_DELETED, false],
    [DisconnectReason.PARTICIPANT_REMOVED, false],
    [DisconnectReason.DUPLICATE_IDENTITY, false],
    [DisconnectReason.SERVER_SHUTDOWN, true],
  ])('for reason %d is retryable: %s', (reason, retryable) => {
    expect(serverSentLeave(leave(reason))).toMatchObject({ code: 'ROOM_CLOSED', retryable });
  });

  it('is retryable whenever the server wants us back', () => {
    const error = serverSentLeave(leave(DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT));
    expect(error).toMatchObject({ code: 'ROOM_CLOSED', retryable: true });
  });
});
