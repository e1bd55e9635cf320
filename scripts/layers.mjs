// Checks what keeps the house in order (docs/architecture.md): imports follow the layers, werift stays in one folder,
// time is read in one place, and the pure folders do no I/O.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** From left to right: a folder may import from the layers to the right of its own. */
const layers = [
  ['cli'],
  ['worker', 'telephony', 'measure'],
  ['session'],
  ['room', 'stt', 'llm', 'tts', 's2s', 'telemetry'],
  ['turns', 'latency', 'jitter', 'opus', 'audio'],
  ['rtp'],
  ['lib'],
];
/** These get time and packets as arguments. */
const pureFolders = new Set(['rtp', 'jitter', 'turns', 'latency']);
const clockFile = 'lib/clock.ts';
/** What folders of one layer may share: the ports, and the frames that pass through them. */
const sharedFile = /(^|\/)(port|frame|packet)\.ts$/;

/**
 * @typedef {object} Import
 * @property {string} specifier as written
 * @property {boolean} typeOnly
 */

/**
 * Every breach in a set of sources.
 * @param {ReadonlyMap<string, string>} sources path below src/ → text; tests are left out by the caller
 * @returns {string[]} one readable line each
 */
export function violations(sources) {
  const found = [...sources].flatMap(([path, text]) => [
    ...importsOf(text).flatMap((one) => importViolation(path, one) ?? []),
    ...timeViolations(path, text),
  ]);
  const weriftFolders = new Set(
    [...sources]
      .filter(([, text]) => importsOf(text).some(({ specifier }) => /^werift(\/|$)/.test(specifier)))
      .map(([path]) => dirname(path)),
  );
  if (weriftFolders.size > 1) {
    found.push(`werift is imported in more than one folder: ${[...weriftFolders].sort().join(', ')}`);
  }
  return found;
}

/**
 * @param {string} path
 * @param {Import} imported
 * @returns {string | undefined}
 */
function importViolation(path, { specifier, typeOnly }) {
  const folder = topFolder(path);
  if (!specifier.startsWith('.')) {
    const isInputOutput = specifier.startsWith('node:') && specifier !== 'node:assert';
    return pureFolders.has(folder) && isInputOutput
      ? `${path}: ${folder}/ is pure, but imports ${specifier}`
      : undefined;
  }
  const target = normalize(join(dirname(path), specifier));
  if (target.startsWith('..')) return `${path}: imports ${specifier} from outside src/`;
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from === undefined) return `${path}: ${folder}/ has no layer; give it one in scripts/layers.mjs`;
  if (to === undefined) return `${path}: imports ${target}, which has no layer`;
  if (topFolder(target) === folder || from < to) return undefined;
  if (from === to && (typeOnly || sharedFile.test(target))) return undefined;
  return `${path}: ${folder}/ may not import ${target}`;
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
function timeViolations(path, text) {
  if (path === clockFile) return [];
  const forbidden = [/\bDate\.now\b/, /\bperformance\.now\b/, /\bnew Date\(\)/];
  if (pureFolders.has(topFolder(path))) forbidden.push(/\bset(Timeout|Interval|Immediate)\b/, /\bsystemClock\b/);
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
  return forbidden.flatMap((pattern) => {
    const match = pattern.exec(code);
    return match === null ? [] : [`${path}: reads time by ${match[0]}; only ${clockFile} may`];
  });
}

/**
 * Index of the layer; src/index.ts re-exports everything, src/agent.ts holds the settings of a session.
 * @param {string} path
 * @returns {number | undefined}
 */
function layerOf(path) {
  const folder = topFolder(path);
  if (path === 'index.ts') return -1;
  if (path === 'agent.ts') return layers.findIndex((names) => names.includes('session')) + 0.5;
  const index = layers.findIndex((names) => names.includes(folder));
  return index === -1 ? undefined : index;
}

/** @param {string} path */
function topFolder(path) {
  return path.split('/')[0] ?? path;
}

/**
 * Static imports, re-exports and dynamic imports of a formatted source.
 * @param {string} text
 * @returns {Import[]}
 */
function importsOf(text) {
  const statements = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\bfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(statements)].map(([, type, from, dynamic]) => ({
    specifier: from ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
}

/**
 * The sources of a folder, without tests.
 * @param {string} folder
 * @returns {Map<string, string>}
 */
function readSources(folder) {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  return new Map(
    sources.map((path) => [relative(folder, join(folder, path)), readFileSync(join(folder, path), 'utf8')]),
  );
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(readSources(fileURLToPath(new URL('../src', import.meta.url))));
  for (const line of found) console.error(line);
  if (found.length > 0) process.exit(1);
}
