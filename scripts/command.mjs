// The frame of each command: what it started is stopped whatever happens, Ctrl-C is an orderly end, and an error is
// one readable message. package.json says `exec node …`: a SIGTERM to npm goes to the shell that it starts, and must
// reach us.

/** In a terminal Ctrl-C comes twice, from the terminal and from npm, which passes it on: that is one wish. */
const sameWishMs = 500;

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
  let interruptedAtMs = Infinity;
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => {
      // Whoever asks again doesn't want to wait. What was started is killed as the process exits.
      if (performance.now() - interruptedAtMs > sameWishMs) process.exit(1);
      if (interrupted.signal.aborted) return;
      interruptedAtMs = performance.now();
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
