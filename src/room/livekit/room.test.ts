import {
  DisconnectReason,
  JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  ParticipantInfo,
  Room as RoomInfo,
  SessionDescription,
} from '@livekit/protocol';
import { afterEach, describe, expect, it } from 'vitest';

import { FakeSignalServer } from '../../../test/fixtures/fake-signal-server.ts';
import { VirtualClock } from '../../../test/sim/virtual-clock.ts';
import type { RoomEvent } from '../port.ts';
import { livekitRoom } from './index.ts';

const join = new JoinResponse({
  room: new RoomInfo({ name: 'r' }),
  participant: new ParticipantInfo({ identity: 'agent', sid: 'PA_1' }),
});

let server: FakeSignalServer | undefined;

afterEach(async () => server?.close());

/** Joins a server without media; resolves, once our offer is there, with what joining will come to. */
async function joinInVain(): Promise<{
  readonly server: FakeSignalServer;
  readonly clock: VirtualClock;
  readonly controller: AbortController;
  readonly events: RoomEvent[];
  readonly outcome: Promise<unknown>;
}> {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const events: RoomEvent[] = [];
  const fake = await FakeSignalServer.start((self) => self.send({ case: 'join', value: join }));
  server = fake;
  const joining = livekitRoom({ url: fake.url, token: 't', clock })({
    onEvent: (event) => events.push(event),
    signal: controller.signal,
  });
  const outcome = joining.catch((error: unknown) => error);
  await fake.until('offer');
  return { server: fake, clock, controller, events, outcome };
}

describe('joining a server that has no media for us', () => {
  it('announces and offers one Opus track before anything else, and gives up after 15 s', async () => {
    const { server: fake, clock, events, outcome } = await joinInVain();
    const [first, second] = fake.received;
    expect(first).toMatchObject({ case: 'addTrack', value: { name: 'agent', disableRed: true } });
    const offer = second?.case === 'offer' ? second.value.sdp : '';
    const cid = first?.case === 'addTrack' ? first.value.cid : '';
    expect(offer).toContain(`a=msid:${cid} `);
    expect(offer).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 111\r?$/m);
    expect(offer).toContain('ssrc-audio-level');
    expect(offer).toContain('a=setup:actpass');
    expect(offer).toContain('webrtc-datachannel');
    await clock.advance(15_000);
    expect(await outcome).toMatchObject({ code: 'ROOM_UNREACHABLE', retryable: true });
    await fake.until('leave');
    expect(events).toEqual([]);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('ends with the reason of whoever gave it up', async () => {
    const { server: fake, controller, outcome } = await joinInVain();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await fake.until('leave');
  });

  it('ends with what the server said when it sends us away, and when it goes', async () => {
    const sentAway = await joinInVain();
    sentAway.server.send({
      case: 'leave',
      value: new LeaveRequest({ reason: DisconnectReason.STATE_MISMATCH, action: LeaveRequest_Action.RECONNECT }),
    });
    expect(await sentAway.outcome).toMatchObject({ code: 'ROOM_CLOSED', retryable: true });
    await sentAway.server.close();

    const left = await joinInVain();
    left.server.socket?.terminate();
    expect(await left.outcome).toMatchObject({ code: 'ROOM_CLOSED', retryable: true });
    expect([...sentAway.events, ...left.events]).toEqual([]);
  });

  it('ends when its offer makes no sense', async () => {
    const { server: fake, outcome } = await joinInVain();
    fake.send({
      case: 'offer',
      value: new SessionDescription({ type: 'offer', sdp: 'v=0\r\ns=-\r\nt=0 0\r\nm=text 9 RTP/AVP 98\r\n', id: 1 }),
    });
    expect(await outcome).toMatchObject({ code: 'ROOM_PROTOCOL' });
  });
});
