import { afterEach, expect, it } from 'vitest';

import { silentLogger } from '../lib/log.ts';
import { UsageError } from './command-line.ts';
import { type MetricsServer, metricsAddress, startMetricsServer } from './metrics-server.ts';

const open: MetricsServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(metrics = async () => ({ status: 200, body: 'calls 1\n' })): Promise<string> {
  const server = await startMetricsServer(metricsAddress('0'), { metrics, log: silentLogger });
  open.push(server);
  return `http://${server.host}:${server.port}`;
}

it('serves figures, and nothing else', async () => {
  const url = await start();
  const answer = await fetch(`${url}/metrics?name=x`);
  expect([answer.status, await answer.text()]).toEqual([200, 'calls 1\n']);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
});

it('answers 500 where the figures fail, and goes on', async () => {
  const url = await start(() => Promise.reject(new Error('no figures')));
  expect((await fetch(`${url}/metrics`)).status).toBe(500);
  expect((await fetch(`${url}/`)).status).toBe(404);
});

it('is closed twice without harm', async () => {
  const url = await start();
  const [server] = open;
  await Promise.all([server?.close(), server?.close()]);
  await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
});

it.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
])('takes %s', (text, address) => {
  expect(metricsAddress(text)).toEqual(address);
});

it.each(['', 'metrics', ':9464', '9464:', '65536', '-1', 'http://localhost:9464/'])('refuses "%s"', (text) => {
  expect(() => metricsAddress(text)).toThrow(UsageError);
});
