// Runs the pinned livekit-server from its official image. Ports are published on loopback only.

import { randomBytes } from 'node:crypto';

import { findProgram } from '../find-program.mjs';
import { run } from '../processes.mjs';
import { livekitVersion } from './cache.mjs';

const image = `livekit/livekit-server:v${livekitVersion}`;
const engineDeadlineMs = 5_000;

/**
 * Pulls the image where a Docker engine answers; rejects with the reason where none does.
 * @param {import('./locate.mjs').Search} search
 */
export async function pullImage({ env, say, signal }) {
  const docker = findProgram('docker', env);
  if (docker === undefined) throw new Error('no docker on the PATH');
  const deadline = AbortSignal.timeout(engineDeadlineMs);
  try {
    await run(docker, ['version', '--format', '{{.Server.Version}}'], {
      env,
      quiet: true,
      signal: AbortSignal.any([signal, deadline]),
    });
  } catch {
    throw new Error('no docker engine answers');
  }
  say(`pulling ${image}`);
  await run(docker, ['pull', '--quiet', image], { env, signal });
}

/**
 * The container listens on its own addresses, so livekit.yaml, which binds to loopback, doesn't fit: its few settings
 * stand here for a container.
 * @type {import('./run.mjs').LaunchCommand}
 */
export function launchImage({ ports, nodeIp }) {
  const name = `repartee-livekit-${randomBytes(4).toString('hex')}`;
  const config = {
    port: ports.http,
    rtc: { udp_port: ports.rtc, tcp_port: 0, node_ip: nodeIp, use_external_ip: false },
    logging: { level: 'info' },
  };
  const publish = ['-p', `127.0.0.1:${ports.http}:${ports.http}`, '-p', `127.0.0.1:${ports.rtc}:${ports.rtc}/udp`];
  const runArgs = ['run', '--rm', '--name', name, '--env', 'LIVEKIT_KEYS', ...publish, image];
  return {
    command: 'docker',
    args: [...runArgs, '--config-body', JSON.stringify(config)],
    // Killing the docker command leaves its container running.
    killCommand: ['docker', 'kill', name],
  };
}
