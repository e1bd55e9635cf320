// `npm run demo`: from a fresh clone to a page that one can talk to. Installs, finds or gets a LiveKit server and runs
// it on loopback, builds the page, and runs `repartee demo` until Ctrl-C. Options and keys of providers are passed on.

import './node-version.mjs';

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './command.mjs';
import { install, node24, projectEnv, root } from './install.mjs';
import { externalServer, launcherOf, locateLivekitServer } from './livekit-server/locate.mjs';
import { runLivekitServer } from './livekit-server/run.mjs';
import { run, start } from './processes.mjs';

/** Those of livekit.yaml. */
const preferredPorts = { http: 7880, rtc: 7882 };

await runCommand(async (command) => {
  const { signal, say, atEnd } = command;
  const envFile = join(root, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  await install({ signal, say });

  const options = process.argv.slice(2);
  if (options.includes('--help')) {
    await run(node24, ['src/cli/main.ts', 'demo', '--help'], { cwd: root, signal });
    return 0;
  }

  const livekit = await livekitServer(command);
  say('Building the page ...');
  await run(join(root, 'node_modules/.bin/vite'), ['build', 'web-demo', '--logLevel', 'warn'], {
    cwd: root,
    env: projectEnv(),
    signal,
  });

  const agent = start(node24, ['src/cli/main.ts', 'demo', ...options], {
    cwd: root,
    env: {
      ...projectEnv(),
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
    },
  });
  atEnd(agent.stop);
  const end = await Promise.race([
    aborted(signal).then(() => undefined),
    agent.ended.then(({ reason }) => `The agent ended (${reason}); its last lines are above.`),
    livekit.ended,
  ]);
  if (end === undefined) {
    say('\nStopping ...');
    return 0;
  }
  throw new Error(end);
});

/**
 * The server that the environment names, or one of our own.
 * @param {import('./command.mjs').Command} command
 * @returns {Promise<{ url: string, apiKey: string, apiSecret: string, ended: Promise<string> }>}
 */
async function livekitServer({ signal, say, atEnd }) {
  const external = externalServer(process.env);
  if (external !== undefined) {
    say(`LiveKit server: ${external.url} (LIVEKIT_URL)`);
    return { ...external, ended: new Promise(() => undefined) };
  }
  const reference = await locateLivekitServer({ env: process.env, say, signal });
  const logFolder = join(root, '.cache');
  mkdirSync(logFolder, { recursive: true });
  const logFile = join(logFolder, 'livekit-server.log');
  const server = await runLivekitServer({ launch: launcherOf(reference), preferredPorts, logFile, signal });
  atEnd(server.close);
  const { http, rtc } = server.ports;
  for (const [port, preferred] of /** @type {const} */ ([
    [http, preferredPorts.http],
    [rtc, preferredPorts.rtc],
  ])) {
    if (port !== preferred) say(`Port ${preferred} is busy: using ${port} instead.`);
  }
  say(`LiveKit server: ${server.url} (media: UDP ${rtc}; log: .cache/livekit-server.log)`);
  return server;
}

/** @param {AbortSignal} signal */
function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  });
}
