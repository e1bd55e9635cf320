// The demo: an agent for each visitor of a web page. Needs a LiveKit server with its keys, and the page built.

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { AgentOptions, AgentSettings } from '../agent.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger, type LogLevel, stderrSink } from '../lib/log.ts';
import { examples, greeting } from '../llm/front-desk/front-desk.ts';
import { livekitRoom } from '../room/livekit/index.ts';
import { agentToken } from '../room/livekit-token.ts';
import { startSession } from '../session/session.ts';
import { SpeculationLimits } from '../session/speculation.ts';
import { type Environment, livekitSettings } from './environment.ts';
import { type AgentDescription, startPageServer } from './page-server.ts';
import { readPageFiles } from './page-files.ts';
import { mismatches, type Providers } from './providers.ts';
import { type CallStages, createStages, describeStages, modelFacts } from './stages.ts';
import { aborted } from './stop-signal.ts';
import { startTelemetry } from './telemetry.ts';
import { packageVersion } from './version.ts';

export interface DemoOptions {
  readonly environment: Environment;
  readonly providers: Providers;
  readonly settings: AgentSettings;
  /** Where traces go, where that isn't as the environment says. */
  readonly otlp?: string | undefined;
  readonly logLevel: LogLevel;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** The offline recogniser takes memory for each of them: that is what ends first on a small machine. */
const agentLimit = 10;
/** Shorter than usual: those who reload the page would fill the lines with agents that wait for nobody. */
const leaveAfterMs = 20_000;
/** A call that can't be ended within this is left behind. */
const shutdownDeadlineMs = 4_500;
const pageDirectory = fileURLToPath(new URL('../../web-demo/dist', import.meta.url));

/** What the demo sets where its user sets nothing. */
export function demoDefaults({ llm }: Providers): AgentOptions {
  return {
    greeting: llm === 'offline' ? greeting : 'Hello! What would you like to talk about?',
    caller: { leaveAfterMs },
  };
}

/** Serves the page until the signal. */
export async function demo(options: DemoOptions): Promise<void> {
  const { environment, providers, settings, signal, print, warn } = options;
  const livekit = livekitSettings(environment);
  const log = createLogger(stderrSink, options.logLevel);
  for (const line of mismatches(providers, settings.language)) warn(line);
  const stages = createStages({ providers, environment, settings, log });
  const telemetry = startTelemetry({ otlp: options.otlp, settings, version: packageVersion(), warn });
  const model = modelFacts(options);
  const limits = new SpeculationLimits(settings.speculation, systemClock);
  // What it lacks is better told here than to each visitor.
  await stages.soundModel?.warmUp();
  const { REPARTEE_PAGE_HOST: host, REPARTEE_PAGE_PORT: port } = environment;

  const page = await startPageServer({
    files: await readPageFiles(pageDirectory),
    agent: describeAgent(providers, stages),
    livekit,
    startAgent: async (roomName) => {
      const identity = `agent-${randomUUID()}`;
      const token = await agentToken(livekit, { roomName, identity, name: agentName(providers) });
      const join = livekitRoom({ url: livekit.url, token, clock: systemClock, log });
      return startSession({
        join,
        stages,
        settings,
        limits,
        clock: systemClock,
        log: log.with({ room: roomName }),
        observe: (room) => telemetry.telemetry.begin(room, model),
      });
    },
    metrics: telemetry.metrics,
    agentLimit,
    host,
    port,
    log,
  });
  print(`The agent ${describeStages(stages, settings)}.`);
  const address = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host;
  print(`Repartee is listening: http://${address}:${page.port}`);

  await aborted(signal);
  const deadline = systemClock.after(shutdownDeadlineMs, () => process.exit(0));
  await page.close();
  await Promise.all([stages.close(), telemetry.close()]);
  deadline.cancel();
}

function agentName({ llm }: Providers): string {
  return llm === 'offline' ? 'Front desk' : 'Repartee';
}

/** The examples are the front desk's: who recognises and answers anything needs none. */
function describeAgent(providers: Providers, stages: CallStages): AgentDescription {
  const recognises = providers.stt === 'offline' ? 'examples' : 'anything';
  const answers = providers.llm === 'offline' ? 'examples' : 'anything';
  const bounded = recognises === 'examples' || answers === 'examples';
  return {
    name: agentName(providers),
    recognises,
    answers,
    examples: bounded ? examples.map(({ group, sentences }) => ({ title: group, sentences })) : [],
    stages: { stt: stages.stt.name, llm: stages.model.name, tts: stages.tts.name },
  };
}
