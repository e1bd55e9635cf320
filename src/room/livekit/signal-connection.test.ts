import { DisconnectReason, JoinResponse, LeaveRequest, LeaveRequest_Action, Pong } from '@livekit/protocol';
import { afterEach, describe, expect, it } from 'vitest';

import { FakeSignalServer } from '../../../test/fixtures/fake-signal-server.ts';
import { VirtualClock } from '../../../test/sim/virtual-clock.ts';
import type { RoomError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/log.ts';
import { SignalConnection, type SignalMessage } from './signal-connection.ts';
import { signalUrl } from './signal-url.ts';

const servers: FakeSignalServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

async function start(onConnection: (server: FakeSignalServer) => void): Promise<FakeSignalServer> {
  const server = await FakeSignalServer.start(onConnection);
  servers.push(server);
  return server;
}

const join = { case: 'join', value: new JoinResponse({ pingInterval: 5, pingTimeout: 15 }) } as const;
const never = new AbortController().signal;

async function open(server: FakeSignalServer, clock = new VirtualClock()): Promise<SignalConnection> {
  const options = { url: signalUrl(server.url), token: 'first', clock, log: silentLogger };
  return (await SignalConnection.open(options, never)).connection;
}

/** What a connection was given, and its end. */
function listen(connection: SignalConnection): {
  readonly messages: SignalMessage[];
  readonly firstMessage: Promise<void>;
  readonly lost: Promise<RoomError>;
  readonly losses: RoomError[];
} {
  const messages: SignalMessage[] = [];
  const losses: RoomError[] = [];
  const { promise: lost, resolve } = Promise.withResolvers<RoomError>();
  const { promise: firstMessage, resolve: gotMessage } = Promise.withResolvers<void>();
  connection.listen({
    onMessage: (message) => {
      messages.push(message);
      gotMessage();
    },
    onLost: (error) => {
      losses.push(error);
      resolve(error);
    },
  });
  return { messages, firstMessage, lost, losses };
}

describe('opening a signal connection', () => {
  it('shows the token in a header, and keeps what comes with the join until somebody listens', async () => {
    const server = await start((self) =>
      self.send(join, { case: 'refreshToken', value: 'second' }, { case: 'pong', value: 7n }),
    );
    const connection = await open(server);
    expect(server.authorizations).toEqual(['Bearer first']);
    connection.send({ case: 'ping', value: 1n });
    await server.until('ping');
    server.send({ case: 'pong', value: 8n }, { case: 'leave', value: new LeaveRequest() });
    const { messages, lost } = listen(connection);
    server.socket?.close();
    await lost;
    expect(messages.map((message) => message.case)).toEqual(['refreshToken', 'pong', 'pong', 'leave']);
    expect(connection.token).toBe('second');
  });

  it.each([
    ['garbage', (server: FakeSignalServer) => server.socket?.send(Buffer.of(0xff)), 'ROOM_PROTOCOL'],
    [
      'a leave',
      (server: FakeSignalServer) =>
        server.send({ case: 'leave', value: new LeaveRequest({ reason: DisconnectReason.JOIN_FAILURE }) }),
      'ROOM_CLOSED',
    ],
    ['the end', (server: FakeSignalServer) => server.socket?.terminate(), 'ROOM_CLOSED'],
  ])('fails when %s comes instead of a join', async (_what, act, code) => {
    const server = await start(act);
    await expect(open(server)).rejects.toMatchObject({ code });
  });

  it('fails when nothing comes within ten seconds', async () => {
    const clock = new VirtualClock();
    const connected = Promise.withResolvers<void>();
    const server = await start(() => connected.resolve());
    const opening = open(server, clock);
    const failure = opening.catch((error: unknown) => error);
    await connected.promise;
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ code: 'ROOM_UNREACHABLE', retryable: true });
    expect(clock.pendingTimerCount).toBe(0);
  });
});

describe('an open signal connection', () => {
  it('pings, and is lost once, when the server has been silent for longer than the timeout', async () => {
    const clock = new VirtualClock();
    const server = await start((self) => self.send(join));
    const connection = await open(server, clock);
    const { firstMessage, losses } = listen(connection);
    await clock.advance(5000);
    await server.until('pingReq');
    server.send({ case: 'pongResp', value: new Pong() });
    await firstMessage;
    await clock.advance(15_000);
    expect(losses).toEqual([]);
    await clock.advance(5000);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatchObject({ code: 'ROOM_CLOSED', retryable: true });
    expect(losses[0]?.message).toMatch(/20 s/);
    await connection.close();
    expect(losses).toHaveLength(1);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('ignores a message that it does not understand', async () => {
    const server = await start((self) => self.send(join));
    const { messages, firstMessage } = listen(await open(server));
    server.socket?.send(Buffer.of(0xff));
    server.send({ case: 'pong', value: 1n });
    await firstMessage;
    expect(messages.map((message) => message.case)).toEqual(['pong']);
  });

  it('tells the server on leaving, closes once, and reports no loss', async () => {
    const clock = new VirtualClock();
    const server = await start((self) => self.send(join));
    const connection = await open(server, clock);
    const { losses } = listen(connection);
    await Promise.all([connection.close(), connection.close()]);
    await server.until('leave');
    expect(server.received.at(-1)?.value).toMatchObject({ action: LeaveRequest_Action.DISCONNECT });
    expect(server.received.filter((message) => message.case === 'leave')).toHaveLength(1);
    expect(losses).toEqual([]);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('cuts the websocket when the server does not close its end within half a second', async () => {
    const clock = new VirtualClock();
    const server = await start((self) => self.send(join));
    const connection = await open(server, clock);
    listen(connection);
    server.socket?.pause();
    const closing = connection.close();
    await clock.advance(500);
    await closing;
    expect(clock.pendingTimerCount).toBe(0);
  });
});
