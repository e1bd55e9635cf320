// The agent's settings as a command line gives them: a settings file, and the options that win over it.

import { readFile } from 'node:fs/promises';

import { type AgentOptions, agentSchema, type AgentSettings, defineAgent } from '../agent.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { type OptionValues, UsageError } from './command-line.ts';
import type { agentOptions } from './commands.ts';

const stageNames = ['stt', 'llm', 'tts'] as const;

type GivenOptions = OptionValues<typeof agentOptions>;

/** Settings file, then options, then `defaults`. Throws a `ConfigurationError` that says what is wrong and where. */
export async function agentSettings(given: GivenOptions, defaults: AgentOptions = {}): Promise<AgentSettings> {
  const file = given.config === undefined ? {} : await readSettings(given.config);
  const { language, model, voice, greeting } = given;
  const batch = batchStages(given.batch);
  const settings = {
    ...defaults,
    ...file,
    ...(language !== undefined && { language }),
    ...(greeting !== undefined && { greeting }),
    ...(given['no-parallel'] && { parallel: false }),
    llm: { ...file.llm, ...(model !== undefined && { model }) },
    tts: { ...file.tts, ...(voice !== undefined && { voice }) },
    streaming: { ...file.streaming, ...Object.fromEntries(batch.map((stage) => [stage, false])) },
  };
  // The file has passed already: what is still wrong was given by an option.
  const problems = problemsOf(settings);
  if (problems !== undefined) throw new UsageError(problems);
  return defineAgent(settings);
}

function batchStages(list: string | undefined): readonly (typeof stageNames)[number][] {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const stage = stageNames.find((name) => name === part);
      if (stage === undefined) {
        throw new UsageError(`--batch takes ${stageNames.join(', ')}, separated by commas; "${part}" is none of them.`);
      }
      return stage;
    });
}

async function readSettings(path: string): Promise<AgentOptions> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`The settings file ${path} can't be read: ${reasonOf(cause)}.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`The settings file ${path} is not valid JSON: ${reasonOf(cause)}.`, { cause });
  }
  assertAgentOptions(value, path);
  return value;
}

function assertAgentOptions(value: unknown, path: string): asserts value is AgentOptions {
  const problems = problemsOf(value);
  if (problems !== undefined) throw new ConfigurationError(`${path}: ${problems}`);
}

/** One line; undefined where all is well. */
function problemsOf(settings: unknown): string | undefined {
  const parsed = agentSchema.safeParse(settings);
  if (parsed.success) return undefined;
  return `${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`).join('; ')}.`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
