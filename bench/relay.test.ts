import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { afterEach, describe, expect, it } from 'vitest';

import { type Relay, startRelay } from './relay.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function udpSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

/** A target that answers each packet with the sender's port and the packet. */
async function setUp(): Promise<Relay> {
  const target = await udpSocket();
  target.on('message', (payload, { address, port }) => target.send(`${port} ${payload.toString()}`, port, address));
  const relay = await startRelay({
    listen: '127.0.0.2',
    port: 0,
    target: { address: '127.0.0.1', port: target.address().port },
  });
  open.push(relay);
  return relay;
}

async function askThrough(relay: Relay, client: Socket, question: string): Promise<{ port: string; answer: string }> {
  const answered = once(client, 'message', { signal: AbortSignal.timeout(5000) });
  client.send(question, relay.port, '127.0.0.2');
  const [payload] = await answered;
  const [port = '', answer = ''] = String(payload).split(' ');
  return { port, answer };
}

describe('the relay', () => {
  it('carries packets both ways', async () => {
    const relay = await setUp();
    const client = await udpSocket();
    expect(await askThrough(relay, client, 'one')).toMatchObject({ answer: 'one' });
    expect(await askThrough(relay, client, 'two')).toMatchObject({ answer: 'two' });
    expect(relay.up.stats.deliveredCount).toBe(2);
    expect(relay.down.stats.deliveredCount).toBe(2);
  });

  it('shows each client to the target as an address of its own, and answers the right one', async () => {
    const relay = await setUp();
    const [first, second] = [await udpSocket(), await udpSocket()];
    const [one, two] = await Promise.all([askThrough(relay, first, 'first'), askThrough(relay, second, 'second')]);
    expect([one.answer, two.answer]).toEqual(['first', 'second']);
    expect(one.port).not.toBe(two.port);
    expect((await askThrough(relay, first, 'again')).port).toBe(one.port);
    expect(relay.clientCount).toBe(2);
  });

  it('impairs each direction on its own', async () => {
    const relay = await setUp();
    const client = await udpSocket();
    relay.down.set({ dropAll: true });
    client.send('unanswered', relay.port, '127.0.0.2');
    await expect.poll(() => relay.down.stats.lostCount).toBe(1);
    expect(relay.up.stats).toMatchObject({ deliveredCount: 1, lostCount: 0 });
    relay.down.set({ dropAll: false });
    expect(await askThrough(relay, client, 'answered')).toMatchObject({ answer: 'answered' });
  });

  it('frees its port when closed, also when closed twice', async () => {
    const relay = await setUp();
    await relay.close();
    await relay.close();
    const next = await startRelay({
      listen: '127.0.0.2',
      port: relay.port,
      target: { address: '127.0.0.1', port: 9 },
    });
    expect(next.port).toBe(relay.port);
    await next.close();
  });

  it('rejects when its port is taken', async () => {
    const relay = await setUp();
    await expect(
      startRelay({ listen: '127.0.0.2', port: relay.port, target: { address: '127.0.0.1', port: 9 } }),
    ).rejects.toThrow('EADDRINUSE');
  });

  it('gives newcomers a way of their own', async () => {
    const relay = await setUp();
    const [before, after] = [await udpSocket(), await udpSocket()];
    await askThrough(relay, before, 'before');
    const way = relay.newcomers();
    expect((await askThrough(relay, after, 'after')).answer).toBe('after');
    expect([relay.up.stats.receivedCount, way.up.stats.receivedCount, way.down.stats.receivedCount]).toEqual([1, 1, 1]);
    await askThrough(relay, before, 'again');
    expect(relay.up.stats.receivedCount).toBe(2);
  });
});
