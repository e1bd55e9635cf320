// One condition of the comparison: a server, an agent on stand-ins of the services, a caller who says the script; then the
// agent's report beside what was heard.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { AgentOptions } from '../../src/agent.ts';
import { type ReportedTurn, sessionReportSchema } from '../../src/telemetry/session-report.ts';
import { resample } from '../../test/e2e/resample.ts';
import { startImpairedServer } from '../../test/e2e/impaired-server.ts';
import { printed } from '../../test/e2e/repartee-program.ts';
import { synthesise } from '../../test/e2e/speech.ts';
import { profiles, type ServiceTimes } from '../heard/profiles.ts';
import type { RelayWay } from '../relay.ts';
import { withServedAgent } from '../served-agent.ts';
import type { ComparedTurn } from './comparison.ts';
import type { Condition } from './conditions.ts';
import { type CallerPage, pageCall } from './page-call.ts';
import { rtcCall } from './rtc-call.ts';
import { scriptOf, SLOT_MS } from './script.ts';

/** Short, so that many turns fit into a minute. */
const REPLY = 'Yes, we do.';
/** Other than the callers'. */
const AGENT_VOICE = 'slt';
/** Quiet at the beginning, in which clocks and noise floors are learned; a page's begins before it has joined. */
const LEAD_MS = { 'rtc-node': 1500, page: 5000 };

export interface Run {
  readonly condition: Condition;
  readonly turns: number;
  readonly times?: ServiceTimes;
  readonly settings?: AgentOptions;
  /** What changes once so many turns are over, in this order. On a page only. */
  readonly changes?: readonly {
    readonly afterTurns: number;
    readonly make: (way: RelayWay, page: CallerPage) => Promise<void> | void;
  }[];
}

export interface RunTurn extends ComparedTurn {
  readonly reported: ReportedTurn | undefined;
}

export async function run({
  condition,
  turns,
  times = profiles.usual,
  settings = {},
  changes = [],
}: Run): Promise<readonly RunTurn[]> {
  const { snrDb, skewed = false, up, down } = condition;
  const script = await scriptOf(turns, LEAD_MS[condition.caller], snrDb);
  const impaired = await startImpairedServer();
  try {
    const { server, relay } = impaired;
    const room = `truth-${crypto.randomUUID()}`;
    const agent = {
      server,
      room,
      settings,
      flags: ['--report', 'report.json'],
      times,
      script: script.words,
      ...(script.voiceDbfs !== undefined && { voiceDbfs: script.voiceDbfs }),
      reply: () => REPLY,
      synthesise: voice(),
    };
    return await withServedAgent(agent, async ({ program, folder }) => {
      // Before the caller comes, so that the relay can tell their ways apart.
      await printed(program, /^Joined/m);
      const way = relay.newcomers();
      way.up.set(up ?? {});
      way.down.set(down ?? {});
      const call = { server, room, script, folder };
      const gapsMs =
        condition.caller === 'page'
          ? await pageCall({
              ...call,
              processed: snrDb === undefined,
              changes: changes.map(({ afterTurns, make }) => ({
                atMs: LEAD_MS.page + afterTurns * SLOT_MS,
                make: async (page) => await make(way, page),
              })),
            })
          : await rtcCall({ ...call, skewed });
      program.signal('SIGINT');
      await program.exitCode;
      const report = sessionReportSchema.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')));
      return script.turns.map(({ text }, index) => compared(text, gapsMs[index], report.turns));
    });
  } finally {
    await impaired.close();
  }
}

/** Each text at each rate once: making it takes longer than the service that it stands for. */
function voice(): (text: string, rateHz: number) => Promise<Int16Array> {
  const made = new Map<string, Promise<Int16Array>>();
  return async (text, rateHz) => {
    const key = `${rateHz} ${text}`;
    const speech = made.get(key) ?? synthesise(text, AGENT_VOICE).then((pcm) => resample(pcm, rateHz).samples);
    made.set(key, speech);
    return await speech;
  };
}

function compared(text: string, trueMs: number | undefined, reported: readonly ReportedTurn[]): RunTurn {
  const turn = reported.findLast(({ transcript }) => transcript === text);
  const { glassToGlassMs, errorMs, basis } = turn ?? {};
  const isReported = basis === 'reported' && glassToGlassMs !== undefined && errorMs !== undefined;
  const account = isReported ? { glassToGlassMs, errorMs } : undefined;
  return { text, trueMs, account, reported: turn };
}
