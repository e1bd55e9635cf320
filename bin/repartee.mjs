#!/usr/bin/env node
// The `repartee` command on whatever Node starts it: one that runs TypeScript by itself goes on here, any other hands over
// to the Node 24 of node_modules. Left out: running from inside another project's node_modules, which needs built sources.

import '../scripts/node-version.mjs';

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = new URL('../src/cli/main.ts', import.meta.url);
const node24 = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const orphanCheckMs = 100;

if (process.features.typescript) {
  endWithShell(() => process.kill(process.pid, 'SIGTERM'));
  await import(program.href);
} else if (isExecutable(node24)) {
  handOver();
} else {
  console.error(
    `repartee: Node ${process.versions.node} can't run TypeScript, and the project's own Node 24 is missing. Run ` +
      '"npm install" in the folder of this project, or use Node 22.18 or newer (https://nodejs.org).',
  );
  process.exitCode = 1;
}

/** Runs the program as a child that gets our signals, and ends as it does. */
function handOver() {
  const child = spawn(node24, [fileURLToPath(program), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => void child.kill(name));
  }
  endWithShell(() => void child.kill('SIGTERM'));
  child.once('error', (error) => {
    console.error(`repartee: ${node24} does not start (${error.message}). Run "npm install" again.`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    // As shells tell it: 128 and the number of the signal.
    process.exitCode = code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]);
  });
}

/**
 * `npx repartee` runs us below a shell that dies of the SIGTERM which npm passes on to it, and leaves us behind.
 * @param {() => void} end
 */
function endWithShell(end) {
  if (process.env['npm_command'] !== 'exec') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    end();
  }, orphanCheckMs);
  watch.unref();
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
