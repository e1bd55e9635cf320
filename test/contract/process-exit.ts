// Whether a program ends by itself once it has closed what it opened.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs an ES module's source in a process of its own; resolves with what it printed, rejects when it doesn't end in time. */
export async function runToItsEnd(source: string): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], { timeout: 20_000 });
  return stdout;
}
