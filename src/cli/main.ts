// The `repartee` command: finds the subcommand, and turns what comes of it into output and an exit code.
// 0: well; 1: a fault; 2: wrong usage. A fault that a user can do something about is one line, a bug has its stack trace.

import { ReparteeError } from '../lib/errors.ts';
import { agentSettings } from './agent-settings.ts';
import { type CommandDescription, commandHelp, parseCommandLine, row, section, UsageError } from './command-line.ts';
import { commands, demoCommand, doctorCommand, fetchSmartTurnCommand, joinCommand } from './commands.ts';
import { describeVariables, loadEnvFile, readEnvironment } from './environment.ts';
import { chooseProviders } from './providers.ts';
import { metricsAddress } from './metrics-server.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

/** How long sockets and threads may take to close once the work is done. */
const END_DEADLINE_MS = 2_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const warn = (line: string): void => void process.stderr.write(`repartee: ${line}\n`);

/** Runs one command line (without the program's name) and resolves with its exit code. */
async function run([name, ...args]: readonly string[]): Promise<number> {
  switch (name) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      print(overview(args[0]));
      return name === undefined ? 2 : 0;
    case '--version':
    case '-v':
      print(packageVersion());
      return 0;
    case 'join':
      return runJoin(args);
    case 'demo':
      return runDemo(args);
    case 'doctor':
      return runDoctor(args);
    case 'fetch-smart-turn':
      return runFetchSmartTurn(args);
    default:
      throw new UsageError(`There is no command "${name}". "repartee --help" shows those that there are.`);
  }
}

// The commands themselves are loaded when they are needed: help and mistakes come at once.

async function runJoin(args: readonly string[]): Promise<number> {
  const { values, operands, help } = parseCommandLine(joinCommand, args);
  if (help) return showHelp(joinCommand);
  const [roomName = ''] = operands;
  loadEnvFile();
  const environment = readEnvironment({
    ...process.env,
    ...(values.url !== undefined && { LIVEKIT_URL: values.url }),
    ...(values['api-key'] !== undefined && { LIVEKIT_API_KEY: values['api-key'] }),
    ...(values['api-secret'] !== undefined && { LIVEKIT_API_SECRET: values['api-secret'] }),
    ...(values.otlp !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: values.otlp }),
  });
  const settings = await agentSettings(values);
  const { join } = await import('./join.ts');
  await join({
    roomName,
    identity: values.identity,
    name: values.name ?? 'Repartee',
    environment,
    providers: chooseProviders(environment, values),
    settings,
    otlp: values.otlp === undefined ? undefined : environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    metricsAddress: values.metrics === undefined ? undefined : metricsAddress(values.metrics),
    reportPath: values.report,
    recordingPath: values.record,
    logLevel: values['log-level'] ?? 'warn',
    signal: stopSignal(),
    print,
    warn,
  });
  return 0;
}

async function runDemo(args: readonly string[]): Promise<number> {
  const { values, help } = parseCommandLine(demoCommand, args);
  if (help) return showHelp(demoCommand);
  loadEnvFile();
  const environment = readEnvironment({
    ...process.env,
    ...(values.otlp !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: values.otlp }),
  });
  const providers = chooseProviders(environment, values);
  const { demo, demoDefaults } = await import('./demo.ts');
  const settings = await agentSettings(values, demoDefaults(providers));
  await demo({
    environment,
    providers,
    settings,
    otlp: values.otlp === undefined ? undefined : environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: values['log-level'] ?? 'info',
    signal: stopSignal(),
    print,
    warn,
  });
  return 0;
}

async function runDoctor(args: readonly string[]): Promise<number> {
  const { help } = parseCommandLine(doctorCommand, args);
  if (help) return showHelp(doctorCommand);
  loadEnvFile();
  const { doctor } = await import('./doctor.ts');
  return doctor({ environment: process.env }, print);
}

async function runFetchSmartTurn(args: readonly string[]): Promise<number> {
  const { values, help } = parseCommandLine(fetchSmartTurnCommand, args);
  if (help) return showHelp(fetchSmartTurnCommand);
  const { fetchSmartTurn } = await import('./fetch-smart-turn.ts');
  await fetchSmartTurn({ from: values.from, print });
  return 0;
}

function showHelp(command: CommandDescription): number {
  print(commandHelp(command, describeVariables()));
  return 0;
}

function overview(name: string | undefined): string {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return commandHelp(command, describeVariables());
  return [
    'Repartee: a voice agent for LiveKit rooms.',
    section('Usage', ['repartee COMMAND [options]', 'repartee COMMAND --help']),
    section(
      'Commands',
      commands.map((one) => row([one.name, ...one.operands].join(' '), one.summary)),
    ),
    section('Options', [row('--help', 'Show this text.'), row('--version', 'Show the version.')]),
    section(
      'Examples',
      commands.flatMap(({ examples }) => examples.slice(0, 1)),
    ),
  ].join('\n\n');
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof ReparteeError) warn(error.message);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// With everything closed the process ends by itself; what was left open is named, and not waited for.
setTimeout(() => {
  warn(`still open at the end: ${[...new Set(process.getActiveResourcesInfo())].join(', ')}`);
  process.exit();
}, END_DEADLINE_MS).unref();
