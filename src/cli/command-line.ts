// Options of the commands: one table each, from which both the parser and the help are made.

import { parseArgs, type ParseArgsConfig } from 'node:util';

import { ConfigurationError } from '../lib/errors.ts';

/** The command line is wrong: exit code 2. */
export class UsageError extends ConfigurationError {}

export interface Option {
  /** Placeholder of its value; a switch has none. */
  readonly value?: string;
  /** The values it may have. */
  readonly choices?: readonly string[];
  readonly text: string;
  readonly default?: string;
}

export interface CommandDescription {
  /** `join` */
  readonly name: string;
  readonly summary: string;
  /** What stands between the name and the options: `ROOM`. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** Explanations below the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** The variables that matter here. */
  readonly environment: readonly string[];
}

/** Values by option: a text where the option takes one, true where a switch is given. */
export type OptionValues<Options extends CommandDescription['options']> = {
  readonly [Name in keyof Options]: Options[Name] extends { readonly choices: readonly (infer Choice)[] }
    ? Choice | undefined
    : Options[Name] extends { readonly value: string }
      ? string | undefined
      : boolean;
};

export interface ParsedCommand<Options extends CommandDescription['options']> {
  readonly values: OptionValues<Options>;
  readonly operands: readonly string[];
  /** `--help` was given; nothing else was checked. */
  readonly help: boolean;
}

/** Reads what follows the command's name. Throws a `UsageError`. */
export function parseCommandLine<const Command extends CommandDescription>(
  command: Command,
  args: readonly string[],
): ParsedCommand<Command['options']> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { value }] of Object.entries(command.options)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string' };
  }
  const { values, positionals } = parsed(command, { args: [...args], options, allowPositionals: true });
  const help = values['help'] === true;
  if (!help) checkOperands(command, positionals);
  const complete: Record<string, string | boolean | undefined> = {};
  for (const [name, option] of Object.entries(command.options)) {
    const value = values[name];
    if (option.choices !== undefined && typeof value === 'string' && !option.choices.includes(value)) {
      throw usageError(command, `--${name} must be one of ${option.choices.join(', ')}; "${value}" is none of them.`);
    }
    if (value === '') throw usageError(command, `--${name} needs a value.`);
    complete[name] = option.value === undefined ? value === true : typeof value === 'string' ? value : undefined;
  }
  if (!fits(complete, command.options)) throw new Error('unreachable: an option without a place');
  return { values: complete, operands: positionals, help };
}

/** What the loop above makes of the table, which the compiler can't follow. */
function fits<Options extends CommandDescription['options']>(
  values: object,
  options: Options,
): values is OptionValues<Options> {
  return Object.keys(options).every((name) => name in values);
}

function parsed(command: CommandDescription, config: ParseArgsConfig) {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's advice on positionals that begin with a dash follows the first sentence: nobody has asked for it.
    throw usageError(command, `${error.message.split(/\.\s/, 1)[0]?.replace(/\.$/, '') ?? error.message}.`);
  }
}

function checkOperands(command: CommandDescription, given: readonly string[]): void {
  const missing = command.operands[given.length];
  if (missing !== undefined) throw usageError(command, `${missing} is missing.`);
  const extra = given[command.operands.length];
  if (extra !== undefined) throw usageError(command, `"${extra}" is one argument too many.`);
}

export function usageError({ name }: Pick<CommandDescription, 'name'>, problem: string): UsageError {
  return new UsageError(`${problem} "repartee ${name} --help" shows what can be set.`);
}

const helpWidth = 100;
const textColumn = 30;

/** The text of `repartee join --help`. */
export function commandHelp(command: CommandDescription, variables: Readonly<Record<string, string>>): string {
  const options = Object.entries({ ...command.options, help: { text: 'Show this text.' } });
  const known = command.environment.map((name) => row(name, variables[name] ?? ''));
  return [
    wrapped(command.summary, 0),
    section('Usage', [['repartee', command.name, ...command.operands, '[options]'].join(' ')]),
    section(
      'Options',
      options.map(([name, option]) => row(optionName(name, option), optionText(option))),
    ),
    ...(command.notes ?? []).map((note) => wrapped(note, 0)),
    ...(known.length === 0 ? [] : [section('Environment (also read from .env)', known)]),
    section('Examples', command.examples),
  ].join('\n\n');
}

function optionName(name: string, { value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function optionText(option: Option): string {
  const choices = option.choices === undefined ? '' : ` One of: ${option.choices.join(', ')}.`;
  const byDefault = option.default === undefined ? '' : ` Default: ${option.default}.`;
  return `${option.text}${choices}${byDefault}`;
}

export function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Two columns; a name too long for its own stands on a line of its own. */
export function row(name: string, text: string): string {
  const body = wrapped(text, textColumn + 2);
  return name.length < textColumn
    ? `${name.padEnd(textColumn)}${body}`
    : `${name}\n${' '.repeat(textColumn + 2)}${body}`;
}

function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > helpWidth - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
