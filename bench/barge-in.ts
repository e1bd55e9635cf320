// `node bench/barge-in.ts [--half 0|1] [--condition C] [--kind K] [--after MS] [--examples]`: who yields when both speak, by the
// real detector and Opus in virtual time. How clips are made: barge-in/clips.ts; how the ear judges: heard/ear.ts.

import { parseArgs } from 'node:util';

import { type Observed, speakInto } from './barge-in/call.ts';
import { clips, conditions, kinds, lineOf } from './barge-in/clips.ts';
import type { Clip, Condition, Kind } from './barge-in/clips.ts';
import { percentile } from './statistics.ts';
import { Random } from './turns/random.ts';

interface Trial {
  readonly clip: Clip;
  readonly seen: Observed;
}

const { values: options } = parseArgs({
  options: {
    half: { type: 'string' },
    condition: { type: 'string' },
    kind: { type: 'string' },
    after: { type: 'string' },
    examples: { type: 'boolean', default: false },
  },
});
/** How long the reply has been heard, unless told. */
const AFTER_MS = [2000, 3000] as const;
const HEARD_HOLE_MS = 100;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function trial(clip: Clip, condition: Condition): Promise<Trial> {
  const random = new Random(clip.name);
  const afterMs = options.after === undefined ? random.between(...AFTER_MS) : Number(options.after);
  const offsetSamples = Math.floor(random.between(0, 320));
  const seen = await speakInto({ ...lineOf(clip, condition), heardAs: clip.heardAs, afterMs, offsetSamples });
  return { clip, seen };
}

function line(kind: Kind, trials: readonly Trial[]): string {
  const of = (pick: (seen: Observed) => number, ratio: number): string =>
    percentile(
      trials.map(({ seen }) => pick(seen)),
      ratio,
    ).toFixed(0);
  const ended = trials.filter(({ seen }) => seen.ended).length;
  const name = `${kind.padEnd(36)}${String(trials.length).padStart(4)}`;
  if (kind.startsWith('interruption')) {
    const lowered = `${of(({ loweredMs }) => loweredMs, 0.5)}/${of(({ loweredMs }) => loweredMs, 0.95)}`;
    const silenced = `${of(({ silencedMs }) => silencedMs, 0.5)}/${of(({ silencedMs }) => silencedMs, 0.95)}`;
    return `${name}  lowered ${lowered}  silenced ${silenced}  without effect ${trials.length - ended}`;
  }
  const whole = trials.filter(({ seen }) => !seen.ended && holeMs(seen) <= HEARD_HOLE_MS).length;
  const resumed = trials.flatMap(({ seen }) => seen.holes[0] ?? []);
  const longest = `${of(holeMs, 0.5)}/${of(holeMs, 0.8)}/${of(holeMs, 0.95)}`;
  return (
    `${name}  ended ${ended}  no hole > ${HEARD_HOLE_MS} ms ${((100 * whole) / trials.length).toFixed(0)} %` +
    `  longest hole P50/80/95 ${longest}  resumed at the word ${resumed.filter(({ resumedAtWord }) => resumedAtWord).length}/${resumed.length}`
  );
}

function holeMs({ holes }: Observed): number {
  return holes[0]?.ms ?? 0;
}

function example({ clip, seen }: Trial): string {
  const lengthMs = (clip.samples.length / 16).toFixed(0).padStart(6);
  const times = clip.kind.startsWith('interruption')
    ? `lowered ${seen.loweredMs.toFixed(0)}, silenced ${seen.silencedMs.toFixed(0)}`
    : `hole ${holeMs(seen)}${seen.ended ? ', ended' : ''}`;
  return `  ${lengthMs} ms  ${times}: ${clip.name}`;
}

print(
  'ms from the first speech sample, at the ear; network 10 ms each way, a frame is sent when its 20 ms are over; no jitter',
);
print(
  'buffer of a receiver. A word is recognised 150 ms after its end. Rules are chosen on half 0 and judged on half 1.',
);
const all = await clips();
for (const half of [0, 1]) {
  if (options.half !== undefined && options.half !== String(half)) continue;
  for (const condition of conditions) {
    if (options.condition !== undefined && options.condition !== condition) continue;
    print(`\nhalf ${half}, ${condition}`);
    for (const kind of kinds) {
      if (options.kind !== undefined && !kind.includes(options.kind)) continue;
      const trials: Trial[] = [];
      for (const clip of all) if (clip.kind === kind && clip.half === half) trials.push(await trial(clip, condition));
      if (trials.length === 0) continue;
      print(line(kind, trials));
      if (options.examples) for (const one of trials) print(example(one));
    }
  }
}
