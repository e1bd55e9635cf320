// Installs the packages of package-lock.json where node_modules doesn't hold them, Node 24 among them.

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isExecutableFile } from './find-program.mjs';
import { run } from './processes.mjs';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));
const binFolder = join(root, 'node_modules', '.bin');

/** The Node 24 of node_modules, which runs TypeScript as it is. */
export const node24 = join(binFolder, 'node');

/**
 * The environment of everything that runs after the installation: `node` is Node 24, package binaries are found.
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnv() {
  return { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}` };
}

/**
 * Brings node_modules to what package-lock.json says; does nothing where it is so already.
 * @param {{ say: (line: string) => void, signal: AbortSignal }} options
 */
export async function install({ say, signal }) {
  if (!isInstalled(root)) {
    refuseLink(root);
    const locked = existsSync(join(root, 'package-lock.json'));
    say(`Installing packages (npm ${locked ? 'ci' : 'install'}); about a minute, mostly the Node 24 runtime ...`);
    // Also under NODE_ENV=production: Node 24, the page's build and the tests are development dependencies. Warnings
    // would be about the Node that runs npm, and none of the packages will run on that one.
    const args = [locked ? 'ci' : 'install', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
    try {
      await run('npm', args, { cwd: root, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(
        'Installing packages failed (npm says why above). Check the network, or the proxy and registry of ' +
          '`npm config list`, then run the same command again; node_modules may be deleted at any time.',
        { cause: error },
      );
    }
  }
  if (!isExecutableFile(node24)) {
    throw new Error(
      'The packages are installed, but Node 24 is not among them: its package has an install script. Allow it ' +
        '(`npm config get ignore-scripts` should say false), delete node_modules, and run the same command again.',
    );
  }
}

/**
 * npm would empty what a linked node_modules points to: the packages of another checkout.
 * @param {string} folder
 */
export function refuseLink(folder) {
  const isLink = lstatSync(join(folder, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isLink) return;
  throw new Error(
    'node_modules is a link to a folder that holds other packages than package-lock.json says. Delete the link, or ' +
      'install where it points to, then run the same command again.',
  );
}

/**
 * Whether node_modules holds each package of the lock file at its version. Compared by content: file times say nothing
 * after a checkout. Optional packages are for other platforms as often as for this one, and are left out.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const present = packagesOf(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional === true || devOptional === true || present[path]?.version === version,
  );
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined}
 */
function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : undefined;
}
