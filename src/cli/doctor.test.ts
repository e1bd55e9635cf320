import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { TokenVerifier } from 'livekit-server-sdk';
import { afterEach, describe, expect, it } from 'vitest';

import { doctor, examine, findingLines } from './doctor.ts';
import type { Finding } from './doctor/finding.ts';
import type { RawEnvironment } from './environment.ts';

const servers: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An HTTP server of one answer; resolves with its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push({
    close: () => {
      server.closeAllConnections();
      return server.close();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${portOf(server)}`;
}

const portOf = (server: { address(): AddressInfo | string | null }): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const answering =
  (status: number, body = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end(body);

/** A port that nobody listens on. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

async function found(environment: RawEnvironment, subject: string, withinMs?: number): Promise<Finding | undefined> {
  const all = await examine({
    environment: { REPARTEE_PAGE_PORT: '0', ...environment },
    envFile: 'test/absent.env',
    ...(withinMs !== undefined && { withinMs }),
  });
  return all.find((finding) => finding.subject.startsWith(subject));
}

const livekitKeys = { LIVEKIT_API_KEY: 'APIkey', LIVEKIT_API_SECRET: 'a secret of at least thirty-two characters' };
const models = JSON.stringify({ object: 'list', data: [{ id: 'gpt-small' }, { id: 'gpt-large' }] });

describe('the doctor on a machine with nothing set', () => {
  it('says what is missing and where to get it; the LiveKit server is what it can not do without', async () => {
    const lines: string[] = [];
    const code = await doctor({ environment: { REPARTEE_PAGE_PORT: '0' }, envFile: 'test/absent.env' }, (line) =>
      lines.push(line),
    );
    const text = lines.join('\n');
    expect(code).toBe(1);
    expect(text).toMatch(/✗ LiveKit server +LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set/);
    expect(text).toContain('https://cloud.livekit.io');
    for (const place of ['console.deepgram.com', 'platform.openai.com', 'play.cartesia.ai']) {
      expect(text).toContain(place);
    }
    expect(text).toMatch(/– Deepgram/);
    expect(lines.at(-1)).toMatch(/^1 of \d+ need/);
  });

  it('stops at variables that are wrong', async () => {
    expect(await found({ OPENAI_BASE_URL: 'ws://127.0.0.1/v1' }, 'Environment')).toMatchObject({
      status: 'failed',
      says: expect.stringContaining('OPENAI_BASE_URL must begin with http'),
    });
  });
});

describe('the doctor on providers', () => {
  it('shows each its key, the way it wants it', async () => {
    const seen: string[] = [];
    const baseUrl = await serve((request, response) => {
      const { authorization = '', 'cartesia-version': version = '' } = request.headers;
      seen.push(`${request.url} ${authorization} ${String(version).replaceAll(/\d/g, '9')}`.trim());
      response.end(models);
    });
    const environment = {
      DEEPGRAM_API_KEY: 'd',
      DEEPGRAM_BASE_URL: baseUrl,
      OPENAI_API_KEY: 'o',
      OPENAI_BASE_URL: `${baseUrl}/v1`,
      OPENAI_MODEL: 'gpt-small',
      CARTESIA_API_KEY: 'c',
      CARTESIA_BASE_URL: baseUrl,
      CARTESIA_VOICE: 'a voice',
    };
    expect(await found(environment, 'OpenAI')).toMatchObject({ status: 'ok', says: 'answers and has gpt-small' });
    expect(seen.sort()).toEqual([
      '/v1/auth/token Token d',
      '/v1/models Bearer o',
      '/voices/a%20voice Bearer c 9999-99-99',
    ]);
  });

  it('sends no empty key to a server that wants none, and proposes one of its models', async () => {
    const keys: unknown[] = [];
    const baseUrl = await serve((request, response) => {
      keys.push(request.headers.authorization);
      response.end(models);
    });
    expect(await found({ OPENAI_BASE_URL: `${baseUrl}/v1` }, 'OpenAI')).toMatchObject({
      status: 'failed',
      advice: 'Set OPENAI_MODEL, for instance to gpt-small, gpt-large.',
    });
    expect(keys).toEqual([undefined]);
  });

  it.each([
    [401, /refuses the key \(401\)/, /DEEPGRAM_API_KEY.*console\.deepgram\.com/],
    [402, /no credit left/, /Top it up/],
    [429, /limit of the account/, /Wait/],
    [500, /status 500/, /DEEPGRAM_BASE_URL/],
  ])('says what status %i means', async (status, says, advice) => {
    const environment = { DEEPGRAM_API_KEY: 'd', DEEPGRAM_BASE_URL: await serve(answering(status)) };
    const finding = await found(environment, 'Deepgram');
    expect(finding).toMatchObject({ status: 'failed' });
    expect(finding?.says).toMatch(says);
    expect(finding?.advice).toMatch(advice);
  });

  it("takes a Deepgram on one's own machines as it is: it has no accounts to check a key with", async () => {
    const environment = { DEEPGRAM_API_KEY: 'd', DEEPGRAM_BASE_URL: await serve(answering(404)) };
    expect(await found(environment, 'Deepgram')).toMatchObject({
      status: 'ok',
      says: expect.stringMatching(/no keys/),
    });
  });

  it('tells a missing voice and a missing model from a wrong address', async () => {
    const CARTESIA_BASE_URL = await serve(answering(404));
    expect(await found({ CARTESIA_API_KEY: 'c', CARTESIA_BASE_URL, CARTESIA_VOICE: 'Bob' }, 'Cartesia')).toMatchObject({
      says: 'has no voice "Bob"',
    });
    const openai = { OPENAI_BASE_URL: `${await serve(answering(200, models))}/v1`, OPENAI_MODEL: 'gpt-9' };
    expect(await found(openai, 'OpenAI')).toMatchObject({ says: 'answers, but has no model "gpt-9"' });
    const other = { OPENAI_BASE_URL: `${await serve(answering(200, '<html>'))}/v1`, OPENAI_MODEL: 'gpt-9' };
    expect(await found(other, 'OpenAI')).toMatchObject({ says: expect.stringContaining('not as the OpenAI API does') });
  });

  it('says why nobody answers: refused, hung up, too slow', async () => {
    for (const [DEEPGRAM_BASE_URL, says, withinMs] of [
      [await deadAddress(), /connection refused/, undefined],
      [await serve((request) => request.socket.destroy()), /hung up/, undefined],
      [await serve(() => undefined), /no answer within/, 20],
    ] as const) {
      const finding = await found({ DEEPGRAM_API_KEY: 'd', DEEPGRAM_BASE_URL }, 'Deepgram', withinMs);
      expect(finding?.says).toMatch(says);
    }
  });
});

describe('the doctor on the LiveKit server', () => {
  it('shows a token of the key pair', async () => {
    const tokens: string[] = [];
    const url = await serve((request, response) => {
      tokens.push(request.headers.authorization?.replace('Bearer ', '') ?? '');
      response.writeHead(401).end();
    });
    const finding = await found({ LIVEKIT_URL: url.replace('http', 'ws'), ...livekitKeys }, 'LiveKit server');
    expect(finding).toMatchObject({ status: 'failed', says: expect.stringContaining('refuses the key pair (401)') });
    const verifier = new TokenVerifier(livekitKeys.LIVEKIT_API_KEY, livekitKeys.LIVEKIT_API_SECRET);
    expect((await verifier.verify(tokens[0] ?? '')).video?.roomList).toBe(true);
  });

  it('tells a wrong address from a server that does not run', async () => {
    const wrong = { LIVEKIT_URL: await serve(answering(404)), ...livekitKeys };
    expect(await found(wrong, 'LiveKit server')).toMatchObject({
      says: expect.stringContaining('status 404'),
      advice: expect.stringContaining('no LiveKit server'),
    });
    const dead = { LIVEKIT_URL: await deadAddress(), ...livekitKeys };
    expect(await found(dead, 'LiveKit server')).toMatchObject({ says: expect.stringContaining('connection refused') });
  });
});

describe('the doctor on this machine', () => {
  it('knows a busy port from a host that is not ours', async () => {
    const server = createTcpServer();
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const busy = { REPARTEE_PAGE_PORT: String(portOf(server)) };
    expect(await found(busy, 'Port')).toMatchObject({ status: 'absent', says: expect.stringContaining('is busy') });
    expect(await found({ REPARTEE_PAGE_HOST: '192.0.2.1' }, 'Port')).toMatchObject({ status: 'failed' });
  });

  it('says what Smart Turn lacks, which nobody needs to have', async () => {
    const finding = await found({ XDG_CACHE_HOME: '/nowhere' }, 'Smart Turn');
    expect(finding?.status).toBe('absent');
    expect(finding?.says).toMatch(/the weights; only endpointing\.soundModel needs it/);
    expect(finding?.advice).toContain('repartee fetch-smart-turn');
  });

  it('finds a Chromium only where one can be started', async () => {
    expect(await found({ PATH: '', CHROME_PATH: process.execPath }, 'Chromium')).toMatchObject({ status: 'ok' });
    expect(await found({ PATH: 'src', CHROME_PATH: 'README.md' }, 'Chromium')).toMatchObject({ status: 'absent' });
  });
});

describe('the lines of the doctor', () => {
  it('are one each, with the advice below', () => {
    const lines = findingLines([
      { subject: 'Node', status: 'ok', says: 'v24' },
      { subject: 'Deepgram', status: 'failed', says: 'refuses the key', advice: 'Set another.' },
    ]);
    expect(lines).toEqual(['✓ Node      v24', '✗ Deepgram  refuses the key', '            Set another.']);
  });
});
