import { TokenSource } from 'livekit-client';
import { TokenVerifier } from 'livekit-server-sdk';
import { request as rawRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { silentLogger } from '../lib/log.ts';
import type { RunningAgent } from './agent-pool.ts';
import { startPageServer, type PageServer, type PageServerOptions } from './page-server.ts';

const keys = { apiKey: 'APItest', apiSecret: 'a secret of at least thirty-two characters' };
const publicUrl = 'wss://calls.example.com';

const answerSchema = z.strictObject({ server_url: z.string(), participant_token: z.string() });

const open: PageServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A page server on a free port; `rooms` are those that got an agent. */
async function start(overrides: Partial<PageServerOptions> = {}) {
  const rooms: string[] = [];
  const server = await startPageServer({
    files: new Map([
      ['/', { body: Buffer.from('<!doctype html>'), contentType: 'text/html', cacheControl: 'no-cache', etag: '"1"' }],
    ]),
    agent: {
      name: 'Desk',
      recognises: 'examples',
      answers: 'examples',
      examples: [],
      stages: { stt: 's', llm: 'l', tts: 't' },
    },
    livekit: { ...keys, publicUrl },
    startAgent: async (roomName) => {
      rooms.push(roomName);
      return neverEnding();
    },
    metrics: async () => ({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: 'calls 1\n' }),
    agentLimit: 3,
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
    ...overrides,
  });
  open.push(server);
  return { server, rooms, url: `http://127.0.0.1:${server.port}` };
}

function neverEnding(): RunningAgent {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { ended: promise, close: async () => resolve() };
}

const postToken = (url: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/token`, {
    method: 'POST',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body }),
  });

describe('token endpoint', () => {
  it('gives each visitor a fresh room with an agent on its way to it', async () => {
    const { url, rooms } = await start();
    const responses = [await postToken(url), await postToken(url, '{"participant_name":"Ada","room_name":"mine"}')];
    expect(responses.map((response) => response.status)).toEqual([201, 201]);
    const answers = await Promise.all(responses.map(async (response) => answerSchema.parse(await response.json())));
    const verifier = new TokenVerifier(keys.apiKey, keys.apiSecret);
    const claims = await Promise.all(answers.map((answer) => verifier.verify(answer.participant_token)));
    expect(answers.map((answer) => answer.server_url)).toEqual([publicUrl, publicUrl]);
    expect(claims.map((claim) => claim.video?.room)).toEqual(rooms);
    expect(new Set(rooms).size).toBe(2);
    expect(rooms).not.toContain('mine');
    expect(claims[1]?.name).toBe('Ada');
  });

  it('is what a LiveKit front end expects of a token source', async () => {
    const { url, rooms } = await start();
    const source = TokenSource.endpoint(`${url}/api/token`);
    const { serverUrl, participantToken } = await source.fetch({ participantName: 'Ada', agentName: 'desk' });
    const claims = await new TokenVerifier(keys.apiKey, keys.apiSecret).verify(participantToken);
    expect([serverUrl, claims.name, claims.video?.room]).toEqual([publicUrl, 'Ada', rooms[0]]);
  });

  it('answers before the agent has arrived', async () => {
    const arrival = Promise.withResolvers<RunningAgent>();
    const { url } = await start({ startAgent: () => arrival.promise });
    expect((await postToken(url)).status).toBe(201);
    arrival.resolve(neverEnding());
  });

  it('is busy, readably, when as many visitors talk as may', async () => {
    const { url } = await start({ agentLimit: 1 });
    await postToken(url);
    const response = await postToken(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await response.json()).toMatchObject({ error: { code: 'busy', message: expect.stringContaining('busy') } });
  });

  it.each([
    ['{', 400],
    ['{"participant_name": 7}', 400],
    [JSON.stringify({ participant_metadata: 'x'.repeat(20_000) }), 413],
  ])('refuses %.20s… and starts no agent', async (body, status) => {
    const { url, rooms } = await start();
    const response = await postToken(url, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    expect(rooms).toEqual([]);
  });

  it('refuses what is not JSON and what another origin sends', async () => {
    const { url, rooms } = await start();
    expect((await postToken(url, 'a=b', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await postToken(url, '{}', { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await postToken(url, '{}', { origin: 'null' })).status).toBe(403);
    expect(rooms).toEqual([]);
    expect((await postToken(url, '{}', { origin: url })).status).toBe(201);
  });
});

describe('page server', () => {
  it('serves the page with a policy that allows this server and LiveKit only', async () => {
    const { url } = await start();
    const response = await fetch(url);
    expect(await response.text()).toBe('<!doctype html>');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self' wss://calls.example.com https://calls.example.com;");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const again = await fetch(url, { headers: { 'if-none-match': '"1"' } });
    expect(again.status).toBe(304);
  });

  it.each(['/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '//etc/passwd', '/absent'])(
    'finds nothing at %s',
    async (path) => {
      const { server } = await start();
      expect(await rawStatus(server.port, path)).toBe(404);
    },
  );

  it('describes the agent, reports its health and refuses other methods', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/api/agent`)).json()).toMatchObject({ name: 'Desk', recognises: 'examples' });
    await postToken(url);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok', calls: 1 });
    const refused = await fetch(`${url}/api/token`);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('serves figures for Prometheus', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('calls 1\n');
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('takes the next free port when the preferred one is busy', async () => {
    const first = await start();
    const second = await start({ port: first.server.port });
    expect(second.server.port).toBeGreaterThan(first.server.port);
    expect((await fetch(second.url)).status).toBe(200);
  });

  it('says which address it could not listen on', async () => {
    await expect(start({ host: '192.0.2.1', port: 3000 })).rejects.toThrow(/192\.0\.2\.1, port 3000 \(EADDRNOTAVAIL\)/);
  });

  it('ends the calls when it closes', async () => {
    const agent = neverEnding();
    const { server, url } = await start({ startAgent: async () => agent });
    await postToken(url);
    await server.close();
    await agent.ended;
    await expect(fetch(url)).rejects.toThrow(/fetch failed/);
  });
});

/** Sends the path as it is; fetch would resolve the dots first. */
function rawStatus(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    rawRequest({ host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
