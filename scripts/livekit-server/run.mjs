// Runs one LiveKit server on loopback with the repository's livekit.yaml: free ports, keys of its own, readiness over
// HTTP, its last log lines in every failure, and no server left behind.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { freeTcpPort, freeUdpPort } from './ports.mjs';

const configFile = fileURLToPath(new URL('../../livekit.yaml', import.meta.url));
const host = '127.0.0.1';
const readyDeadlineMs = 15_000;
const keptLogLines = 20;
// The first SIGTERM only drains (it waits for participants to leave), the second stops.
const secondTermMs = 200;
const killMs = 2_000;

/**
 * @typedef {object} Ports
 * @property {number} http signalling, API and health check (TCP)
 * @property {number} rtc all media (UDP)
 */

/**
 * How a LiveKit server is started, and how it is killed where SIGKILL to the command would leave it running.
 * @typedef {object} Launch
 * @property {string} command
 * @property {string[]} args
 * @property {[command: string, ...args: string[]]} [killCommand]
 */

/**
 * @typedef {import('node:stream').Readable} Readable
 * @typedef {import('node:child_process').ChildProcessByStdio<null, Readable, Readable>} ServerProcess
 */

/** @typedef {(where: { ports: Ports, nodeIp: string }) => Launch} LaunchCommand */

/**
 * @typedef {object} RunOptions
 * @property {LaunchCommand} launch
 * @property {Ports} [preferredPorts] taken if they are free; any free ones otherwise
 * @property {string} [nodeIp] the address that clients are told to send media to
 * @property {{ apiKey: string, apiSecret: string }} [keys] generated when absent
 * @property {string} [logFile] gets all that the server prints
 * @property {AbortSignal} [signal] gives up waiting for readiness
 */

/**
 * @typedef {object} LivekitServer
 * @property {string} url `ws://127.0.0.1:<port>`, what clients connect to
 * @property {string} httpUrl the same server's API
 * @property {string} apiKey
 * @property {string} apiSecret
 * @property {Ports} ports
 * @property {number} pid
 * @property {Promise<string>} ended fulfilled with the reason when the server is gone, for whatever reason
 * @property {() => Promise<void>} close stops it and waits until it is gone; idempotent
 * @property {() => Promise<void>} kill SIGKILL, as a crash would, and waits until it is gone
 */

/**
 * How to launch a livekit-server program with livekit.yaml.
 * @param {string} binary
 * @returns {LaunchCommand}
 */
export function launchBinary(binary) {
  return ({ ports, nodeIp }) => ({
    command: binary,
    args: ['--config', configFile, '--port', `${ports.http}`, '--udp-port', `${ports.rtc}`, '--node-ip', nodeIp],
  });
}

/**
 * Starts a server and waits until it answers.
 * @param {RunOptions} options
 * @returns {Promise<LivekitServer>} rejects with the server's last lines when it ends or stays silent for 15 s
 */
export async function runLivekitServer({ launch, preferredPorts, nodeIp = host, keys, logFile, signal }) {
  const ports = {
    http: await freeTcpPort(preferredPorts?.http ?? 0),
    rtc: await freeUdpPort(preferredPorts?.rtc ?? 0),
  };
  const { apiKey, apiSecret } = keys ?? generateKeys();
  const { command, args, killCommand } = launch({ ports, nodeIp });
  const child = spawn(command, args, { env: serverEnv(apiKey, apiSecret), stdio: ['ignore', 'pipe', 'pipe'] });
  const { ended, close, kill } = supervise(child, killCommand, keepLog(child, logFile));

  const httpUrl = `http://${host}:${ports.http}`;
  try {
    await ready(httpUrl, ended, signal);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    url: `ws://${host}:${ports.http}`,
    httpUrl,
    apiKey,
    apiSecret,
    ports,
    pid: child.pid ?? 0,
    ended,
    close,
    kill,
  };
}

/**
 * @param {ServerProcess} child
 * @param {Launch['killCommand']} killCommand
 * @param {() => string} lastLines
 * @returns {Pick<LivekitServer, 'ended' | 'close' | 'kill'>}
 */
function supervise(child, killCommand, lastLines) {
  const killNow = () => {
    if (killCommand !== undefined) spawnSync(killCommand[0], killCommand.slice(1));
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, by) => resolve(by === null ? `exit code ${code}` : `signal ${by}`));
  }).then((reason) => {
    process.removeListener('exit', killNow);
    return `LiveKit server ended (${reason}).${lastLines()}`;
  });
  return {
    ended,
    close: async () => {
      child.kill('SIGTERM');
      const timers = [setTimeout(() => child.kill('SIGTERM'), secondTermMs), setTimeout(killNow, killMs)];
      await ended;
      timers.forEach(clearTimeout);
    },
    kill: async () => {
      killNow();
      await ended;
    },
  };
}

/**
 * The keys go by the environment, since arguments are visible to every user of the machine. The server takes every one
 * of its settings from there, so what is meant for others must not reach it.
 * @param {string} apiKey
 * @param {string} apiSecret
 */
function serverEnv(apiKey, apiSecret) {
  const foreign = /^(LIVEKIT_|REDIS_|NODE_IP$|UDP_PORT$)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  return { ...env, LIVEKIT_KEYS: `${apiKey}: ${apiSecret}` };
}

/** A pair for one run. The server wants secrets of at least 32 characters. */
export function generateKeys() {
  return { apiKey: `API${randomBytes(6).toString('hex')}`, apiSecret: randomBytes(32).toString('base64url') };
}

/**
 * Polls the health check until it answers 200.
 * @param {string} httpUrl
 * @param {Promise<string>} ended
 * @param {AbortSignal | undefined} signal
 */
async function ready(httpUrl, ended, signal) {
  const deadline = AbortSignal.timeout(readyDeadlineMs);
  const giveUp = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let endReason = '';
  void ended.then((reason) => (endReason = reason));
  for (;;) {
    if (endReason !== '') throw new Error(endReason);
    if (deadline.aborted) throw new Error(`LiveKit server did not answer at ${httpUrl} within ${readyDeadlineMs} ms.`);
    signal?.throwIfAborted();
    try {
      const response = await fetch(httpUrl, { signal: giveUp });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not listening yet; the loop's own conditions end the wait.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @param {ServerProcess} child
 * @param {string | undefined} logFile
 * @returns {() => string} the last lines, indented, for an error message
 */
function keepLog(child, logFile) {
  if (logFile !== undefined) writeFileSync(logFile, '');
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      if (logFile !== undefined) appendFileSync(logFile, text);
      tail = (tail + text)
        .split('\n')
        .slice(-keptLogLines - 1)
        .join('\n');
    });
  }
  return () => {
    const lines = tail.trim();
    const where = logFile === undefined ? '' : ` Its log: ${logFile}`;
    return lines === '' ? where : `${where} Its last lines:\n  ${lines.replaceAll('\n', '\n  ')}`;
  };
}
