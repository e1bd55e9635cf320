import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { cachedBinary, cacheFolder, livekitVersion } from './cache.mjs';
import { externalServer, installedLivekitServer, locateLivekitServer } from './locate.mjs';
import { freeTcpPort } from './ports.mjs';
import { downloadRelease } from './release.mjs';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const archive = `livekit_${livekitVersion}_${process.platform}_${architecture}.tar.gz`;
const standIn = `#!/bin/sh\necho "livekit-server version ${livekitVersion}"\n`;

let folder: string;
let env: NodeJS.ProcessEnv;
let lines: string[];
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repartee-'));
  lines = [];
  mkdirSync(join(folder, 'bin'));
  env = { HOME: folder, PATH: join(folder, 'bin'), REPARTEE_LIVEKIT_RELEASES: 'http://127.0.0.1:9' };
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const search = (signal: AbortSignal = new AbortController().signal) => ({
  env,
  signal,
  say: (line: string) => void lines.push(line),
});

function program(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const onPath = (name: string, text: string): string => program(join(folder, 'bin', name), text);

async function serve(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  servers.push(server);
  const port = await freeTcpPort(0);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  env['REPARTEE_LIVEKIT_RELEASES'] = `http://127.0.0.1:${port}`;
}

/** A release like the official one: an archive with the server among other files, and its checksum. */
function release({ checksum, listed = archive }: { checksum?: string; listed?: string } = {}): RequestListener {
  const staging = join(folder, 'release');
  program(join(staging, 'livekit-server'), standIn);
  writeFileSync(join(staging, 'LICENSE'), 'Apache-2.0');
  const file = join(folder, archive);
  execFileSync('tar', ['-czf', file, '-C', staging, 'LICENSE', 'livekit-server']);
  const bytes = readFileSync(file);
  const hex = checksum ?? createHash('sha256').update(bytes).digest('hex');
  return (request, response) => {
    if (request.url === `/v${livekitVersion}/checksums.txt`)
      response.end(`${'0'.repeat(64)}  other\n${hex}  ${listed}\n`);
    else if (request.url === `/v${livekitVersion}/${archive}`) response.end(bytes);
    else response.writeHead(404).end();
  };
}

const incoming = (): string[] =>
  existsSync(cacheFolder(env)) ? readdirSync(cacheFolder(env)).filter((name) => name.startsWith('.incoming')) : [];

describe('official release', () => {
  it('puts the server of the archive into the cache when the checksum agrees', async () => {
    await serve(release());
    const path = await downloadRelease(search());
    expect(path).toBe(cachedBinary(env));
    expect(readFileSync(path, 'utf8')).toBe(standIn);
    expect(incoming()).toEqual([]);
  });

  it('rejects an archive whose checksum differs, and keeps nothing of it', async () => {
    await serve(release({ checksum: 'a'.repeat(64) }));
    await expect(downloadRelease(search())).rejects.toThrow(`instead of ${'a'.repeat(64)}`);
    expect(existsSync(cachedBinary(env))).toBe(false);
    expect(incoming()).toEqual([]);
  });

  it('says so where the release has no archive for this machine', async () => {
    await serve(release({ listed: 'livekit_1.13.5_plan9_amd64.tar.gz' }));
    await expect(downloadRelease(search())).rejects.toThrow(`the release has no ${archive}`);
  });

  it('gives up on a release that is not there', async () => {
    await serve((_, response) => response.writeHead(404).end());
    await expect(downloadRelease(search())).rejects.toThrow('HTTP 404');
  });

  it('gives up at once where nobody listens', async () => {
    env['REPARTEE_LIVEKIT_RELEASES'] = `http://127.0.0.1:${await freeTcpPort(0)}`;
    await expect(downloadRelease(search())).rejects.toThrow('ECONNREFUSED');
  });

  it('gives up at its deadline where nobody answers', async () => {
    await serve(() => undefined);
    const deadlines = { responseMs: 20, stallMs: 20 };
    await expect(downloadRelease(search(), deadlines)).rejects.toThrow('no answer within 20 ms');
  });

  it('gives up on an archive that stops half way', async () => {
    const whole = release();
    await serve((request, response) => {
      if (request.url?.endsWith('.tar.gz') === true) response.write('half');
      else whole(request, response);
    });
    const deadlines = { responseMs: 5_000, stallMs: 20 };
    await expect(downloadRelease(search(), deadlines)).rejects.toThrow('no data within 20 ms');
    expect(incoming()).toEqual([]);
  });

  it('stops when it is interrupted', async () => {
    const controller = new AbortController();
    await serve(() => controller.abort(new Error('Ctrl-C')));
    await expect(locateLivekitServer(search(controller.signal))).rejects.toThrow('Ctrl-C');
    expect(lines.some((line) => line.includes('go install'))).toBe(false);
  });
});

describe('order', () => {
  const goStandIn = `#!/bin/sh\nprintf '%s' '${standIn}' > "$GOBIN/server"\n`;
  const dockerStandIn = '#!/bin/sh\necho "$1" >> "$HOME/docker.log"\n';

  it('takes the one on the PATH before the cache', async () => {
    program(cachedBinary(env), standIn);
    const path = onPath('livekit-server', standIn);
    expect(await locateLivekitServer(search())).toBe(path);
  });

  it('says when the one on the PATH is of another version', async () => {
    onPath('livekit-server', '#!/bin/sh\necho livekit-server version 1.9.0\n');
    await locateLivekitServer(search());
    expect(lines[0]).toContain('version 1.9.0');
  });

  it('takes the cache before a download', async () => {
    program(cachedBinary(env), standIn);
    await serve(() => expect.unreachable('nothing is requested'));
    expect(await locateLivekitServer(search())).toBe(cachedBinary(env));
  });

  it('replaces a cached server that does not run', async () => {
    program(cachedBinary(env), '#!/bin/sh\nexit 1\n');
    await serve(release());
    expect(await locateLivekitServer(search())).toBe(cachedBinary(env));
    expect(readFileSync(cachedBinary(env), 'utf8')).toBe(standIn);
  });

  it('builds with Go where the release cannot be had', async () => {
    onPath('go', goStandIn);
    expect(await locateLivekitServer(search())).toBe(cachedBinary(env));
    expect(lines.some((line) => line.includes('official release'))).toBe(true);
  });

  it('uses docker last, and only where an engine answers', async () => {
    onPath('docker', dockerStandIn);
    expect(await locateLivekitServer(search())).toBe('docker');
    expect(readFileSync(join(folder, 'docker.log'), 'utf8')).toBe('version\npull\n');
  });

  it('lists all that was tried, and what to do, where nothing works', async () => {
    onPath('docker', '#!/bin/sh\nexit 1\n');
    const failure = await locateLivekitServer(search()).catch((error: unknown) => String(error));
    for (const text of [
      'PATH',
      'cache',
      'release',
      'no go',
      'no docker engine',
      'brew install livekit',
      'LIVEKIT_URL',
    ]) {
      expect(failure).toContain(text);
    }
  });
});

describe('external server', () => {
  it('is what LIVEKIT_URL and its keys name', () => {
    const named = { LIVEKIT_URL: 'wss://x.example', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's' };
    expect(externalServer(named)).toEqual({ url: 'wss://x.example', apiKey: 'k', apiSecret: 's' });
    expect(externalServer({})).toBeUndefined();
  });

  it('is refused without its keys', () => {
    expect(() => externalServer({ LIVEKIT_URL: 'wss://x.example' })).toThrow('LIVEKIT_API_KEY');
  });
});

describe('cache', () => {
  it("lies at the platform's usual place, or below XDG_CACHE_HOME", () => {
    const name = `repartee/livekit-server-${livekitVersion}`;
    expect(cacheFolder({ HOME: '/h' }, 'linux')).toBe(`/h/.cache/${name}`);
    expect(cacheFolder({ HOME: '/h' }, 'darwin')).toBe(`/h/Library/Caches/${name}`);
    expect(cacheFolder({ HOME: '/h', XDG_CACHE_HOME: '/c' }, 'darwin')).toBe(`/c/${name}`);
  });

  it('is where tests look, after what the environment names', () => {
    expect(() => installedLivekitServer(env)).toThrow('npm test');
    const cached = program(cachedBinary(env), standIn);
    expect(installedLivekitServer(env)).toBe(cached);
    expect(installedLivekitServer({ ...env, REPARTEE_LIVEKIT_SERVER: 'docker' })).toBe('docker');
  });
});
