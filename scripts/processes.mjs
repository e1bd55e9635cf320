// Child processes that never outlive us: each leads a process group of its own, which is stopped as a whole.

import { spawn } from 'node:child_process';

const stopDeadlineMs = 5_000;

/**
 * @typedef {object} ProcessOptions
 * @property {NodeJS.ProcessEnv} [env] default: ours
 * @property {string} [cwd]
 * @property {boolean} [quiet] keeps its output back
 * @property {AbortSignal | undefined} [signal] stops it when aborted
 */

/**
 * @typedef {object} ProcessEnd
 * @property {boolean} ok exit code 0
 * @property {string} reason for people: `exit code 1`, `signal SIGKILL`, `spawn ENOENT`
 */

/**
 * @typedef {object} StartedProcess
 * @property {Promise<ProcessEnd>} ended always fulfilled
 * @property {() => string} output what it printed so far, where it was started `quiet`
 * @property {() => Promise<void>} stop SIGTERM to the group, SIGKILL after 5 s; waits until it is gone; idempotent
 */

/**
 * Starts a program whose output goes to ours.
 * @param {string} command
 * @param {string[]} args
 * @param {ProcessOptions} [options]
 * @returns {StartedProcess}
 */
export function start(command, args, { env = process.env, cwd, quiet = false, signal } = {}) {
  const stdio = quiet ? 'pipe' : 'inherit';
  // A group of its own: Ctrl-C reaches only us, and we stop things in order.
  const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', stdio, stdio] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (printed += text));
  }

  const killGroup = (/** @type {NodeJS.Signals} */ name) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group is gone already (ESRCH; macOS says EPERM for one that is being reaped).
    }
  };
  const killWithUs = () => killGroup('SIGKILL');
  process.once('exit', killWithUs);

  /** @type {Promise<ProcessEnd>} */
  const ended = new Promise((resolve) => {
    const end = (/** @type {boolean} */ ok, /** @type {string} */ reason) => {
      process.removeListener('exit', killWithUs);
      signal?.removeEventListener('abort', stopQuietly);
      resolve({ ok, reason });
    };
    child.once('error', (error) => end(false, error.message));
    child.once('exit', () => killGroup('SIGKILL')); // what the program left behind
    child.once('close', (code, by) => end(code === 0, by === null ? `exit code ${code}` : `signal ${by}`));
  });
  const stop = async () => {
    killGroup('SIGTERM');
    const timer = setTimeout(killGroup, stopDeadlineMs, 'SIGKILL');
    await ended;
    clearTimeout(timer);
  };
  const stopQuietly = () => void stop();
  if (signal?.aborted === true) stopQuietly();
  signal?.addEventListener('abort', stopQuietly, { once: true });
  return { ended, output: () => printed, stop };
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {ProcessOptions} [options]
 * @returns {Promise<string>} its output, where it ran `quiet`; rejects unless it exits with 0
 */
export async function run(command, args, options = {}) {
  options.signal?.throwIfAborted();
  const program = start(command, args, options);
  const { ok, reason } = await program.ended;
  options.signal?.throwIfAborted();
  const output = program.output();
  if (!ok) throw new Error(`${[command, ...args].join(' ')}: ${reason}${output === '' ? '' : `\n${output.trim()}`}`);
  return output;
}
