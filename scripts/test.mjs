// `npm test`: from a fresh clone to the verdict. Installs, finds or gets a LiveKit server, checks the sources, runs the
// unit tests and then the end-to-end tests. `npm test -- <vitest's arguments>` runs a selection, without the checks.
// `--without=browser` leaves out the suites that need a Chromium (test/e2e/*.browser.test.ts).

import './node-version.mjs';

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { check } from './check.mjs';
import { chromiumAdvice, findChromium } from './chromium.mjs';
import { runCommand } from './command.mjs';
import { install, projectEnv, root } from './install.mjs';
import { locateLivekitServer } from './livekit-server/locate.mjs';
import { start } from './processes.mjs';
import { countTests, summaryLine } from './test-results.mjs';

const withoutBrowser = '--without=browser';
const browserSuite = /\.browser\.test\.ts$/;
/** With one of them its service is tried too, beside the stand-in. */
const serviceKeys = ['DEEPGRAM_API_KEY', 'OPENAI_API_KEY', 'CARTESIA_API_KEY'];

await runCommand(
  async (command) => {
    const startedAtMs = performance.now();
    const selection = process.argv.slice(2).filter((argument) => argument !== withoutBrowser);
    const everything = selection.length === 0;
    await install(command);

    const env = projectEnv();
    if (everything || selection.some((argument) => argument.includes('e2e'))) {
      env['REPARTEE_LIVEKIT_SERVER'] = await locateLivekitServer({ env: process.env, ...command });
    }
    const chromium = findChromium();
    if (chromium !== undefined) env['REPARTEE_CHROMIUM'] = chromium;
    const excused = process.argv.includes(withoutBrowser);
    const selected = browserSuites().filter((file) => everything || selection.some((part) => file.includes(part)));
    const leftOut = chromium === undefined || excused ? selected : [];

    const failedChecks = everything ? await check(command) : [];
    const exclude = leftOut.flatMap((file) => ['--exclude', file]);
    const parts = everything
      ? [
          ['--project', 'unit'],
          ['--project', 'e2e', ...exclude],
        ]
      : [[...selection, ...exclude]];
    const total = { passed: 0, failed: failedChecks.length, skipped: 0 };
    for (const args of parts) {
      const counts = await runVitest(args, env, command);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }

    if (failedChecks.length > 0) command.say(`Failed checks: ${failedChecks.join(', ')}`);
    if (leftOut.length > 0) {
      total[excused ? 'skipped' : 'failed'] += leftOut.length;
      const why = excused
        ? withoutBrowser
        : `no Chromium found. ${chromiumAdvice} Or leave them out: ${withoutBrowser}`;
      command.say(`Not run (${why}):\n${leftOut.map((file) => `  ${file}\n`).join('')}`);
    }
    const keyless = serviceKeys.filter((name) => (process.env[name] ?? '') === '');
    if (keyless.length > 0) command.say(`Live services not tried, only stand-ins: no ${keyless.join(', no ')}.`);
    if (!hasPackage('onnxruntime-node')) {
      command.say('Smart Turn not tried with its model: the optional package onnxruntime-node is not installed.');
    }
    command.say(`Took ${Math.round((performance.now() - startedAtMs) / 1000)} s.\n${summaryLine(total)}`);
    return total.failed === 0 ? 0 : 1;
  },
  { interruptedCode: 130 },
);

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {Pick<import('./command.mjs').Command, 'signal'>} command
 */
async function runVitest(args, env, { signal }) {
  const folder = mkdtempSync(join(tmpdir(), 'repartee-test-'));
  const reportFile = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const { ok } = await start('vitest', ['run', ...reporters, ...args], { cwd: root, env, signal }).ended;
  signal.throwIfAborted();
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
  rmSync(folder, { recursive: true });
  return countTests(report, ok);
}

/** @param {string} name */
function hasPackage(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The suites that need a Chromium, as paths from the repository's folder. */
function browserSuites() {
  const files = readdirSync(join(root, 'test/e2e'), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => browserSuite.test(file)).map((file) => join('test/e2e', file));
}
