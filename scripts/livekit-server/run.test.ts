import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { freeTcpPort } from './ports.mjs';
import { launchBinary, runLivekitServer } from './run.mjs';

// Stands in for livekit-server: answers on its --port, and drains at the first SIGTERM as the real one does.
const standIn = `#!/usr/bin/env node
const port = process.argv[process.argv.indexOf('--port') + 1];
console.log('keys', process.env.LIVEKIT_KEYS, 'region', process.env.LIVEKIT_REGION);
require('node:http').createServer((_, response) => response.end('OK')).listen(port, '127.0.0.1');
process.once('SIGTERM', () => process.once('SIGTERM', () => process.exit(0)));
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repartee-'));
});
afterEach(() => {
  delete process.env['LIVEKIT_REGION'];
  rmSync(folder, { recursive: true });
});

function program(text: string) {
  const path = join(folder, 'livekit-server.cjs');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return launchBinary(path);
}

describe('a LiveKit server of our own', () => {
  it('answers once it is started, and is gone once it is closed', async () => {
    const server = await runLivekitServer({ launch: program(standIn) });
    expect((await fetch(server.httpUrl)).ok).toBe(true);
    await server.close();
    await server.close();
    await expect(fetch(server.httpUrl)).rejects.toThrow('fetch failed');
    expect(await server.ended).toContain('exit code 0');
  });

  it('gets keys of its own and nothing else from the environment that would set it up', async () => {
    process.env['LIVEKIT_REGION'] = 'elsewhere';
    const logFile = join(folder, 'log');
    const keys = { apiKey: 'a', apiSecret: 'b' };
    const server = await runLivekitServer({ launch: program(standIn), keys, logFile });
    await server.kill();
    expect(readFileSync(logFile, 'utf8')).toContain('keys a: b region undefined');
  });

  it('takes another port where the preferred one is busy', async () => {
    const busy = await freeTcpPort(0);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(busy, '127.0.0.1', resolve));
    const server = await runLivekitServer({ launch: program(standIn), preferredPorts: { http: busy, rtc: 0 } });
    expect(server.ports.http).not.toBe(busy);
    await server.close();
    other.close();
  });

  it('fails with its last lines when it ends before it answers', async () => {
    const launch = program(`#!/usr/bin/env node\nconsole.error('could not parse config'); process.exit(2);\n`);
    await expect(runLivekitServer({ launch })).rejects.toThrow(/exit code 2[^]*could not parse config/);
  });

  it('fails when there is no such program', async () => {
    await expect(runLivekitServer({ launch: launchBinary(join(folder, 'absent')) })).rejects.toThrow('ENOENT');
  });
});
