// `npm run bench:turns [-- --turns N] [--seed S] [--profile P] [--mode M] [--json FILE] [--svg FILE] [--examples N] [--trials N]`: turns
// in virtual time, and trials of answers that could be expected. Callers from a seed, stand-ins for the providers, everything
// of the agent real but codec and detector.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { NETWORK_MS } from './turns/ear.ts';
import type { Figures } from './turns/figures.ts';
import { modes, trialModes } from './turns/modes.ts';
import type { TurnOutcome } from './turns/outcome.ts';
import { plotSvg } from './turns/plot.ts';
import { profiles } from './turns/profiles.ts';
import type { ProviderProfile } from './turns/profiles.ts';
import { runTurns } from './turns/run.ts';
import { profileTable } from './turns/table.ts';
import type { Row } from './turns/table.ts';
import { runTrials } from './turns/trials/run.ts';
import type { TrialFigures } from './turns/trials/run.ts';
import { trialTable } from './turns/trials/table.ts';
import type { TrialRow } from './turns/trials/table.ts';

const { values: options } = parseArgs({
  options: {
    turns: { type: 'string', default: '416' },
    trials: { type: 'string', default: '240' },
    seed: { type: 'string', default: '1' },
    profile: { type: 'string' },
    mode: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
    examples: { type: 'string', default: '0' },
  },
});
const turnCount = whole('turns', options.turns);
const trialCount = whole('trials', options.trials);
const seed = whole('seed', options.seed);
const exampleCount = whole('examples', options.examples);
const chosenProfiles = chosen('profile', profiles, options.profile);
const chosenModes = chosen('mode', modes, options.mode);

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} wants a whole number, not "${text}"`);
  return value;
}

function chosen<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  name: string | undefined,
): readonly T[] {
  const found = name === undefined ? all : all.filter((one) => one.name === name);
  if (found.length === 0) throw new Error(`--${kind} is one of ${all.map((one) => one.name).join(', ')}`);
  return found;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function example({ said, answered, gapMs }: TurnOutcome): string {
  const answers = answered.map((text) => `"${text}"`).join(' ');
  return `    ${gapMs === undefined ? 'unanswered' : `${Math.round(gapMs)} ms`}: ${said} → ${answers}`;
}

/** The slowest turns, and those that were split. */
function examples({ outcomes }: Figures): string[] {
  const slowest = outcomes.toSorted((one, other) => (other.gapMs ?? Infinity) - (one.gapMs ?? Infinity));
  const split = outcomes.filter((outcome) => outcome.split);
  return [
    '  slowest',
    ...slowest.slice(0, exampleCount).map(example),
    `  split (${split.length})`,
    ...split.slice(0, exampleCount).map(example),
  ];
}

/** What went wrong in trials, the cut-ins, and some that were anticipated. */
function trialExamples({ outcomes }: TrialFigures): string[] {
  const chosenOf = (title: string, test: (outcome: TurnOutcome) => boolean): string[] => {
    const found = outcomes.filter(({ outcome }) => test(outcome));
    return [`  ${title} (${found.length})`, ...found.slice(0, exampleCount).map(({ outcome }) => example(outcome))];
  };
  return [
    ...chosenOf('wrong', ({ wrongReplies }) => wrongReplies > 0),
    ...chosenOf('cut-ins', ({ cutIn }) => cutIn),
    ...chosenOf('anticipated', ({ anticipated }) => anticipated),
    ...chosenOf('unanswered', ({ gapMs }) => gapMs === undefined),
  ];
}

print(
  `${turnCount} turns, seed ${seed}, virtual time; network ${NETWORK_MS} ms each way, a frame is sent when its 20 ms are over;`,
);
print('no jitter buffer of a receiver; half of the callers send with DTX.');
for (const mode of chosenModes) print(`  ${mode.name}: ${mode.description}`);
const results: { profile: ProviderProfile; rows: Row[]; trials: TrialRow[] }[] = [];
for (const profile of chosenProfiles) {
  const rows: Row[] = [];
  for (const mode of chosenModes) {
    rows.push({ mode: mode.name, figures: await runTurns({ turnCount, seed, profile, mode }) });
  }
  print(`\n${profile.name}: ${profile.description}: floor ${profile.floorMs}\n`);
  print(profileTable(rows));
  if (exampleCount > 0) {
    for (const { mode, figures } of rows) print([`  ${mode}`, ...examples(figures)].join('\n'));
  }
  const trials: TrialRow[] = [];
  for (const mode of trialModes.filter(({ name }) => trialCount > 0 && chosenModes.some((one) => one.name === name))) {
    trials.push({ mode: mode.title, figures: await runTrials({ turnCount: trialCount, seed, profile, mode }) });
  }
  results.push({ profile, rows, trials });
  if (trials.length > 0) print(trialTable(trials));
  if (exampleCount > 0) {
    for (const { mode, figures } of trials) print([`  ${mode}`, ...trialExamples(figures)].join('\n'));
  }
}
const { user, system } = process.cpuUsage();
print(`CPU ${((user + system) / 1e6).toFixed(1)} s`);

if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ turnCount, seed, networkMs: NETWORK_MS, results }, undefined, 1)}\n`);
}
if (options.svg !== undefined) {
  const panels = results.map(({ profile: { name, floorMs }, rows }) => ({
    title: `Glass-to-glass, ${name} providers`,
    floorMs,
    rows: rows.map(({ mode, figures }) => ({ label: mode, valuesMs: figures.gapsMs })),
  }));
  writeFileSync(options.svg, plotSvg(panels));
}
