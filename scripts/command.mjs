// The frame of each command: what it started is stopped whatever happens, Ctrl-C is an orderly end, and an error is
// one readable message.

/**
 * @typedef {object} Command
 * @property {AbortSignal} signal aborted by Ctrl-C, SIGTERM, or a closed terminal
 * @property {(line: string) => void} say
 * @property {(stop: () => Promise<void>) => void} atEnd registers what to stop; the last one first
 */

/**
 * Runs a command to its end and exits with its code: what `body` returns, 1 where it throws, 0 where a signal ended it.
 * @param {(command: Command) => Promise<number>} body
 * @param {{ interruptedCode?: number }} [options]
 */
export async function runCommand(body, { interruptedCode = 0 } = {}) {
  const interrupted = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => {
      // The second one doesn't wait. What was started is killed as the process exits.
      if (interrupted.signal.aborted) process.exit(1);
      interrupted.abort(new Error(`interrupted by ${name}`));
    });
  }
  /** @type {Array<() => Promise<void>>} */
  const stops = [];
  let exitCode = 1;
  try {
    exitCode = await body({ signal: interrupted.signal, say: console.log, atEnd: (stop) => void stops.unshift(stop) });
  } catch (error) {
    if (!interrupted.signal.aborted) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  }
  for (const stop of stops) await stop();
  process.exit(interrupted.signal.aborted ? interruptedCode : exitCode);
}
