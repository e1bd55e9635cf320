import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ConfigurationError } from '../lib/errors.ts';
import { agentSettings } from './agent-settings.ts';
import { parseCommandLine, UsageError } from './command-line.ts';
import { joinCommand } from './commands.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repartee-settings-'));
});

afterEach(() => rm(folder, { recursive: true }));

const settingsOf = (args: readonly string[], defaults = {}) =>
  agentSettings(parseCommandLine(joinCommand, ['room', ...args]).values, defaults);

async function settingsFile(content: string): Promise<string> {
  const path = join(folder, 'agent.json');
  await writeFile(path, content);
  return path;
}

describe("the agent's settings", () => {
  it('stream everything at once, unless options say otherwise', async () => {
    expect(await settingsOf([])).toMatchObject({ streaming: { stt: true, llm: true, tts: true }, parallel: true });
    expect(await settingsOf(['--batch', 'stt, tts', '--no-parallel'])).toMatchObject({
      streaming: { stt: false, llm: true, tts: false },
      parallel: false,
    });
  });

  it('are those of the file, where no option wins over it, and the defaults of the command below both', async () => {
    const config = await settingsFile(
      JSON.stringify({ greeting: 'From the file', llm: { model: 'a', temperature: 0.5 }, tts: { voice: 'b' } }),
    );
    const defaults = { greeting: 'By default', apology: 'Sorry.' };
    expect(await settingsOf(['--config', config, '--model', 'c', '--language', 'de'], defaults)).toMatchObject({
      greeting: 'From the file',
      apology: 'Sorry.',
      language: 'de',
      llm: { model: 'c', temperature: 0.5 },
      tts: { voice: 'b' },
    });
    expect((await settingsOf(['--greeting', 'Hi!', '--config', config])).greeting).toBe('Hi!');
  });

  it.each([
    ['{', /agent\.json is not valid JSON/],
    ['[]', /agent\.json: settings: /],
    ['{ "llm": { "temperature": 3 } }', /agent\.json: llm\.temperature: /],
  ])('in a file that holds %j are refused with its name', async (content, message) => {
    const config = await settingsFile(content);
    await expect(settingsOf(['--config', config])).rejects.toThrow(ConfigurationError);
    await expect(settingsOf(['--config', config])).rejects.toThrow(message);
  });

  it('given by wrong options are wrong usage', async () => {
    await expect(settingsOf(['--batch', 'stt,ears'])).rejects.toThrow(UsageError);
    await expect(settingsOf(['--language', 'English!'])).rejects.toThrow(UsageError);
  });
});
