// `npm run check`: what can be said about the sources without running them. Runs every step, also after a failure.

import './node-version.mjs';

import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

import { runCommand } from './command.mjs';
import { install, projectEnv, root } from './install.mjs';
import { start } from './processes.mjs';

/** @type {ReadonlyArray<readonly [name: string, command: string, ...args: string[]]>} */
const steps = [
  ['format', 'oxfmt', '--check'],
  ['lint', 'oxlint', '--type-aware', '--quiet'],
  ['types', 'tsc', '--project', '.'],
  ['page types', 'tsc', '--project', 'web-demo'],
  ['layers', 'node', 'scripts/layers.mjs'],
  ['configuration', 'node', 'scripts/configuration.ts', '--check'],
];

/**
 * Runs the steps and shows the output of those that fail.
 * @param {Pick<import('./command.mjs').Command, 'signal' | 'say'>} command
 * @returns {Promise<string[]>} the names of the failed ones
 */
export async function check({ signal, say }) {
  /** @type {string[]} */
  const failed = [];
  for (const [name, program, ...args] of steps) {
    const step = start(program, args, { cwd: root, env: projectEnv(), quiet: true, signal });
    const { ok } = await step.ended;
    signal.throwIfAborted();
    say(`check ${name}: ${ok ? 'ok' : `failed\n${step.output().trim()}\n`}`);
    if (!ok) failed.push(name);
  }
  return failed;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(async (command) => {
    await install(command);
    const failed = await check(command);
    return failed.length === 0 ? 0 : 1;
  });
}
