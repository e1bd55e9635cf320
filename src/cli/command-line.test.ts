import { describe, expect, it } from 'vitest';

import { type CommandDescription, commandHelp, parseCommandLine, UsageError } from './command-line.ts';

const command = {
  name: 'call',
  summary: 'Call somebody.',
  operands: ['WHO'],
  options: {
    voice: { value: 'NAME', choices: ['low', 'high'], text: 'How it sounds.', default: 'low' },
    note: { value: 'TEXT', text: 'What to remember.' },
    loud: { text: 'Not quietly.' },
  },
  notes: ['Be kind.'],
  examples: ['repartee call Ada'],
  environment: ['PHONE'],
} as const satisfies CommandDescription;

describe('a command line', () => {
  it('gives operands and typed values; a switch that was not given is false', () => {
    const { values, operands, help } = parseCommandLine(command, ['Ada', '--voice=high', '--note', 'a b']);
    expect({ values, operands, help }).toEqual({
      values: { voice: 'high', note: 'a b', loud: false },
      operands: ['Ada'],
      help: false,
    });
    expect(parseCommandLine(command, ['--loud', 'Ada']).values).toEqual({
      voice: undefined,
      note: undefined,
      loud: true,
    });
  });

  it('asks for help whatever else is missing', () => {
    expect(parseCommandLine(command, ['--help']).help).toBe(true);
    expect(parseCommandLine(command, ['-h', 'a', 'b']).help).toBe(true);
  });

  it.each([
    [[], /^WHO is missing\./],
    [['a', 'b'], /^"b" is one argument too many\./],
    [['a', '--nose', 'b'], /^Unknown option '--nose'\. "repartee call --help"/],
    [['a', '--voice', 'shrill'], /^--voice must be one of low, high; "shrill" is none of them\./],
    [['a', '--note'], /--note.* argument missing/],
    [['a', '--note', ''], /^--note needs a value\./],
    [['a', '--loud=yes'], /--loud.* does not take an argument/],
  ])('%j is wrong usage, said in one line', (args, message) => {
    expect(() => parseCommandLine(command, args)).toThrow(UsageError);
    expect(() => parseCommandLine(command, args)).toThrow(message);
    expect(() => parseCommandLine(command, args)).toThrow(/^.*$/);
  });
});

describe('the help', () => {
  const help = commandHelp(command, { PHONE: 'The number. '.repeat(20).trim() });

  it('holds usage, every option with its default, the environment and the examples', () => {
    expect(help).toContain('repartee call WHO [options]');
    expect(help).toMatch(/--voice NAME +How it sounds\. One of: low, high\. Default: low\./);
    expect(help).toMatch(/--loud +Not quietly\./);
    expect(help).toContain('--help');
    expect(help).toMatch(/PHONE +The number\./);
    expect(help).toContain('repartee call Ada');
  });

  it('fits a terminal', () => {
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(102);
  });
});
