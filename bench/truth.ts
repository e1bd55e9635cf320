// `npm run bench:truth [-- --parts conditions,perturbations] [--conditions 'page;rtc-node'] [--turns 40] [--traces]`: the agent's account of each turn against what
// was heard in the tracks. A real LiveKit server, the real binary, stand-ins of the services with set latencies.

import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { findProgram } from '../scripts/find-program.mjs';
import { compare, comparisonHead, comparisonLine } from './truth/comparison.ts';
import { type Condition, conditions } from './truth/conditions.ts';
import { ADDED_MS, movedLine, perturb, perturbations } from './truth/perturbation.ts';
import { run, type RunTurn } from './truth/run.ts';

const { values: options } = parseArgs({
  options: {
    conditions: { type: 'string', default: Object.keys(conditions).join(';') },
    perturbations: { type: 'string', default: Object.keys(perturbations).join(';') },
    parts: { type: 'string', default: 'conditions,perturbations' },
    turns: { type: 'string', default: '40' },
    /** Each turn by itself. */
    traces: { type: 'boolean', default: false },
  },
});

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function trace({ text, trueMs, account, reported }: RunTurn): string {
  const spans = (reported?.spans ?? []).map(
    ({ name, ms, errorMs = 0 }) => `${name} ${ms.toFixed(0)}±${errorMs.toFixed(0)}`,
  );
  const known = account && `${account.glassToGlassMs.toFixed(1)} ± ${account.errorMs.toFixed(1)}`;
  const kind = reported === undefined ? 'not in the report' : `${reported.kind} ${reported.basis ?? ''}`;
  return `  ${text}: heard ${trueMs?.toFixed(1) ?? '-'}, account ${known ?? '-'} (${kind}): ${spans.join(', ')}`;
}

function chosen<T>(option: 'conditions' | 'perturbations', all: Readonly<Record<string, T>>): readonly [string, T][] {
  return options[option].split(';').map((name) => {
    const found = Object.entries(all).find(([key]) => key === name);
    if (found === undefined) throw new Error(`--${option} are some of ${Object.keys(all).join('; ')}, not "${name}"`);
    return found;
  });
}

const turns = Number(options.turns);
const parts = options.parts.split(',');
if (parts.includes('conditions')) {
  print(`ms; account - truth, both on the caller's tracks. "bound": what the account says of itself.`, comparisonHead);
  for (const [name, condition] of chosen<Condition>('conditions', conditions)) {
    if (condition.skewed === true && findProgram('faketime', process.env) === undefined) {
      print(`${name}: not run, the program faketime is missing (Debian: apt install faketime)`);
      continue;
    }
    const seen = await run({ condition, turns });
    print(comparisonLine(name, compare(seen), condition));
    if (options.traces) print(...seen.map(trace));
  }
}
if (parts.includes('perturbations')) {
  const count = Math.ceil(turns / 4);
  print(
    `\n${ADDED_MS} ms more of one thing: by how much its span moves, and others, in the median (${count} turns each)`,
  );
  for (const [name, perturbation] of chosen('perturbations', perturbations)) {
    print(movedLine(name, await perturb(perturbation, count)));
  }
}
print(`Load of the machine over the last minute: ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores`);
