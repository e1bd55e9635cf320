// What this machine has: Node, the settings file, a free port for the page, a Chromium for the tests.

import { accessSync, constants, existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';

import type { Environment, RawEnvironment } from '../environment.ts';
import type { Finding } from './finding.ts';

export function checkNode(): Finding {
  return { subject: 'Node', status: 'ok', says: `${process.version} on ${process.platform} ${process.arch}` };
}

/** `path`: of the settings file. */
export function checkEnvFile(path = '.env'): Finding {
  return existsSync(path)
    ? { subject: 'Settings', status: 'ok', says: `${resolve(path)} is read` }
    : {
        subject: 'Settings',
        status: 'absent',
        says: `no ${path} in this folder`,
        advice: 'Copy .env.example to .env to keep keys there; the environment alone does as well.',
      };
}

export async function checkPagePort({
  REPARTEE_PAGE_HOST: host,
  REPARTEE_PAGE_PORT: port,
}: Environment): Promise<Finding> {
  const subject = 'Port of the page';
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return { subject, status: 'ok', says: `${port === 0 ? 'any' : port} is free` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      return { subject, status: 'absent', says: `${port} is busy`, advice: 'The demo takes the next free one.' };
    }
    const advice = 'Set REPARTEE_PAGE_HOST to an address of this machine, and REPARTEE_PAGE_PORT to a port above 1023.';
    return { subject, status: 'failed', says: `can't listen on ${host}:${port} (${String(code ?? error)})`, advice };
  } finally {
    server.close();
  }
}

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Only the tests of the page need it. */
export function checkChromium(environment: RawEnvironment): Finding {
  const subject = 'Chromium';
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    environment['CHROME_PATH'] ?? '',
    ...chromiumNames.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const found = candidates.find((path) => path !== '' && isExecutable(path));
  if (found !== undefined) return { subject, status: 'ok', says: found };
  const advice = 'Only "npm test" needs one, for the page. Debian: apt install chromium. Or set CHROME_PATH.';
  return { subject, status: 'absent', says: 'none found', advice };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
