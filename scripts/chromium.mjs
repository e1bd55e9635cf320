// Finds a Chromium for the browser tests. Only root can install one (Debian: `apt-get install chromium`), so none is
// downloaded here.

import { findProgram, isExecutableFile } from './find-program.mjs';

const programNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macApplications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** What to tell a person who has none. */
export const chromiumAdvice =
  'Install one (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium), ' +
  'or set CHROME_PATH to a Chromium or Chrome.';

/**
 * The program to drive: REPARTEE_CHROMIUM, CHROME_PATH, the PATH, then the usual places of macOS.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findChromium(env = process.env) {
  const named = env['REPARTEE_CHROMIUM'] ?? env['CHROME_PATH'];
  if (named !== undefined && named !== '') return isExecutableFile(named) ? named : undefined;
  for (const name of programNames) {
    const path = findProgram(name, env);
    if (path !== undefined) return path;
  }
  return macApplications.find(isExecutableFile);
}
