// `repartee join ROOM`: one agent in one room, until the call ends or a signal ends it.

import { randomUUID } from 'node:crypto';

import type { AgentSettings } from '../agent.ts';
import { systemClock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { DeadlineError, ReparteeError } from '../lib/errors.ts';
import { createLogger, type LogLevel, type Logger, stderrSink } from '../lib/log.ts';
import { livekitRoom } from '../room/livekit/index.ts';
import { agentToken } from '../room/livekit-token.ts';
import { startSession, type SessionEnd } from '../session/session.ts';
import type { TurnReport } from '../session/turn-reports.ts';
import type { FinishedTurn } from '../telemetry/finished-turn.ts';
import { Recording } from '../telemetry/recording.ts';
import { SessionReportFile } from '../telemetry/session-report.ts';
import { type Environment, livekitSettings } from './environment.ts';
import { type MetricsAddress, type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { mismatches, type Providers } from './providers.ts';
import { type CallStages, createStages, describeStages, modelFacts } from './stages.ts';
import { aborted } from './stop-signal.ts';
import { type ProcessTelemetry, startTelemetry } from './telemetry.ts';
import { turnLine } from './turn-lines.ts';
import { packageVersion } from './version.ts';

export interface JoinOptions {
  readonly roomName: string;
  /** Default: one of its own. */
  readonly identity?: string | undefined;
  /** Shown to people. */
  readonly name?: string | undefined;
  readonly environment: Environment;
  readonly providers: Providers;
  readonly settings: AgentSettings;
  /** Where traces go, where that isn't as the environment says. */
  readonly otlp?: string | undefined;
  /** Where /metrics is served. */
  readonly metricsAddress?: MetricsAddress | undefined;
  /** Where the session report goes. */
  readonly reportPath?: string | undefined;
  /** Where the recording goes. */
  readonly recordingPath?: string | undefined;
  readonly logLevel: LogLevel;
  /** Ends the call. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** A room that can't be left within this is left behind: with the rest, five seconds after the signal we are gone. */
const leaveDeadlineMs = 4_000;

/** Fulfilled when the call has ended. Rejects with what kept the agent out of the room, or threw it out. */
export async function join(options: JoinOptions): Promise<void> {
  const { environment, providers, settings, roomName, print, warn } = options;
  const identity = options.identity ?? `agent-${randomUUID()}`;
  const livekit = livekitSettings(environment);
  let report: SessionReportFile | undefined;
  let metricsServer: MetricsServer | undefined;
  let recording: Recording | undefined;
  const terminal = createLogger(stderrSink, options.logLevel);
  // Faults are in the report whatever the terminal shows, also those that the call survived.
  const log = createLogger((level, message, fields) => {
    terminal[level](message, fields);
    if (fields['error'] !== undefined || level === 'error') report?.addError(fields['error'] ?? message);
  }, 'debug');
  for (const line of mismatches(providers, settings.language)) warn(line);
  const stages = createStages({ providers, environment, settings, log });
  const telemetry = startTelemetry({ otlp: options.otlp, settings, version: packageVersion(), warn });
  // A bug ends the process; what was said until then is in the report.
  const crash = Promise.withResolvers<never>();
  process.once('uncaughtException', crash.reject);
  print(`${roomName} on ${livekit.url}: ${describeStages(stages, settings)}`);
  try {
    report = options.reportPath === undefined ? undefined : await createReport(options.reportPath);
    const token = await agentToken(livekit, { roomName, identity, name: options.name });
    recording = await record(options.recordingPath, log);
    metricsServer = await serveMetrics(options, telemetry, log);
    const call = converse(options, { url: livekit.url, token, stages, telemetry, log, report, recording });
    const end = await Promise.race([call, crash.promise]);
    await report?.end(end.reason);
    print(`The call is over: ${end.text}.`);
  } catch (error) {
    // A signal while the room was being joined.
    const wished = options.signal.aborted && error === options.signal.reason;
    if (!wished) report?.addError(error);
    await report?.end(wished ? stopped.reason : 'failed');
    if (!wished) throw error;
  } finally {
    process.removeListener('uncaughtException', crash.reject);
    await Promise.all([stages.close(), telemetry.close(), metricsServer?.close(), recording?.end()]);
  }

  function createReport(path: string): Promise<SessionReportFile> {
    const { stt, model, tts } = stages;
    const names = { stt: stt.name, llm: model.name, tts: tts.name };
    return SessionReportFile.create({
      path,
      room: roomName,
      identity,
      settings: { ...settings, providers },
      stages: names,
    });
  }
}

async function record(path: string | undefined, log: Logger): Promise<Recording | undefined> {
  if (path === undefined) return undefined;
  const onFault = (error: Error): void => log.error('the recording ends here', { path, error });
  return Recording.create({ path, clock: systemClock, onFault });
}

async function serveMetrics(
  { metricsAddress, print }: JoinOptions,
  { metrics }: ProcessTelemetry,
  log: Logger,
): Promise<MetricsServer | undefined> {
  if (metricsAddress === undefined) return undefined;
  const server = await startMetricsServer(metricsAddress, { metrics, log });
  print(`Figures for Prometheus: http://${server.host}:${server.port}/metrics`);
  return server;
}

/** `text`: for people. */
interface CallEnd {
  readonly reason: 'stopped' | SessionEnd['reason'];
  readonly text: string;
}

const stopped: CallEnd = { reason: 'stopped', text: 'stopped from here' };

interface Call {
  readonly url: string;
  readonly token: string;
  readonly stages: CallStages;
  readonly telemetry: ProcessTelemetry;
  readonly log: Logger;
  readonly report: SessionReportFile | undefined;
  readonly recording: Recording | undefined;
}

async function converse(options: JoinOptions, call: Call): Promise<CallEnd> {
  const { signal, print } = options;
  const { url, token, stages, telemetry, log, report, recording } = call;
  const onTurn = (turn: TurnReport): void => {
    report?.addTurn(turn);
    const line = turnLine(turn);
    if (line !== undefined) print(line);
  };
  const session = await startSession({
    join: livekitRoom({ url, token, clock: systemClock, log }),
    stages,
    settings: options.settings,
    clock: systemClock,
    log,
    signal,
    recording,
    observe: (room) => {
      const observer = telemetry.telemetry.begin(room, modelFacts(options));
      const turn = (finished: FinishedTurn): void => {
        report?.addFinished(finished);
        observer.turn(finished);
      };
      return { caller: (identity) => observer.caller(identity), turn, end: (reason) => observer.end(reason) };
    },
    onCaller: (identity) => {
      report?.addCaller(identity);
      print(`Listening to ${identity}.`);
    },
    onTurn,
  });
  print('Joined. Waiting for somebody to talk to; Ctrl-C ends the call.');
  const end = await Promise.race([session.ended, aborted(signal)]);
  if (end !== undefined && !signal.aborted) return endOf(end);
  await withDeadline(session.close(), {
    clock: systemClock,
    withinMs: leaveDeadlineMs,
    expired: () => new DeadlineError(`The room could not be left within ${leaveDeadlineMs / 1000} s.`),
  });
  return stopped;
}

/** Why the call ended. Throws where the room broke off; a server that ended it on purpose is no fault. */
function endOf(end: SessionEnd): CallEnd {
  switch (end.reason) {
    case 'closed':
      return stopped;
    case 'callerGone':
      return { reason: end.reason, text: 'nobody was left to talk to' };
    case 'callLimit':
      return { reason: end.reason, text: 'it had lasted as long as a call may' };
    case 'silence':
      return { reason: end.reason, text: 'the caller said nothing any more' };
    case 'roomClosed': {
      const { reason, error } = end;
      if (error === undefined) return { reason, text: 'the room was closed' };
      if (error instanceof ReparteeError && error.code === 'ROOM_CLOSED' && !error.retryable) {
        return { reason, text: error.message };
      }
      throw error;
    }
  }
}
