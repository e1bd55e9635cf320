import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';

import { runToItsEnd } from '../../test/contract/process-exit.ts';
import { keptAliveFetch } from './kept-alive-fetch.ts';

/** Answers with the request's method, headers and body, and counts connections. */
async function startEcho(): Promise<{ url: string; sockets: Socket[]; stop: () => Promise<void> }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((request, response) => {
    response.setHeader('connection', 'keep-alive');
    response.setHeader('x-method', request.method ?? '');
    response.setHeader('x-asked', request.headers['x-asked'] ?? '');
    if (request.url === '/none') return response.writeHead(204).end();
    return request.pipe(response);
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    sockets,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

describe('keptAliveFetch', () => {
  it('does what fetch does', async () => {
    const { url, stop } = await startEcho();
    const { fetch, close } = keptAliveFetch();
    const response = await fetch(url, { method: 'POST', headers: { 'X-Asked': 'yes' }, body: 'grüß Gott' });
    expect(response).toMatchObject({ ok: true, status: 200, statusText: 'OK' });
    expect(response.headers.get('x-method')).toBe('POST');
    expect(response.headers.get('x-asked')).toBe('yes');
    expect(await response.text()).toBe('grüß Gott');
    expect(await fetch(`${url}none`)).toMatchObject({ status: 204, body: null });
    close();
    await stop();
    await expect(fetch(url)).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
  });

  it('uses one connection for one request after the other, until it is closed', async () => {
    const { url, sockets, stop } = await startEcho();
    const { fetch, close } = keptAliveFetch();
    for (const body of ['one', 'two', 'three']) {
      const response = await fetch(url, { method: 'POST', body });
      expect(await response.text()).toBe(body);
    }
    expect(sockets).toHaveLength(1);
    const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
    close();
    await ended;
    await stop();
  });

  it('takes a new connection when the server closed the idle one just then', async () => {
    const { url, sockets, stop } = await startEcho();
    const { fetch, close } = keptAliveFetch();
    await (await fetch(url)).text();
    // Closes as the second request arrives: the client could not know.
    sockets[0]?.once('data', () => sockets[0]?.resetAndDestroy());
    expect(await (await fetch(url, { method: 'POST', body: 'again' })).text()).toBe('again');
    expect(sockets).toHaveLength(2);
    close();
    await stop();
  });

  it('closes a connection that was idle for long enough', async () => {
    const { url, sockets, stop } = await startEcho();
    const { fetch } = keptAliveFetch(1);
    await (await fetch(url)).text();
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
    expect(sockets).toHaveLength(1);
    await stop();
  });

  it('is aborted before, and in the middle of the answer', async () => {
    const { url, stop } = await startEcho();
    const { fetch } = keptAliveFetch();
    await expect(fetch(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const response = await fetch(url, { method: 'POST', body: 'x'.repeat(10_000_000), signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toThrow(/abort/);
    await stop();
  });

  it("goes through the proxy that Node's own fetch would use", async () => {
    const { url, stop } = await startEcho();
    const file = new URL('kept-alive-fetch.ts', import.meta.url).href;
    const source = `
      import { keptAliveFetch } from '${file}';
      Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: '${url}' });
      const response = await keptAliveFetch().fetch('http://nowhere.invalid/', { method: 'POST', body: 'by proxy' });
      process.stdout.write(await response.text());`;
    expect(await runToItsEnd(source)).toBe('by proxy');
    await stop();
  });

  it("doesn't keep the process running", async () => {
    const { url, stop } = await startEcho();
    const file = new URL('kept-alive-fetch.ts', import.meta.url).href;
    const source = `
      import { keptAliveFetch } from '${file}';
      const response = await keptAliveFetch().fetch('${url}', { method: 'POST', body: 'done' });
      process.stdout.write(await response.text());`;
    expect(await runToItsEnd(source)).toBe('done');
    await stop();
  });
});
