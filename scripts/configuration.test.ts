import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { agentSchema } from '../src/agent.ts';
import { environmentSchema } from '../src/cli/environment.ts';
import { configurationPage, settingsOf } from './configuration.ts';

describe('the configuration page', () => {
  it('has a row for each leaf of a schema, with its type in words', () => {
    const schema = z.strictObject({
      name: z.string().default('Ada').describe('Who.'),
      size: z.strictObject({ widthMm: z.number().min(1).max(9).optional().describe('How wide.') }).prefault({}),
      colours: z.array(z.enum(['red', 'blue'])).default([]),
      either: z.union([z.string(), z.strictObject({ made: z.string() })]).optional(),
      count: z.number().int().positive().default(1),
    });
    expect(settingsOf(schema)).toEqual([
      { name: 'name', type: 'text', default: 'Ada', text: 'Who.' },
      { name: 'size.widthMm', type: 'number, 1 to 9', default: undefined, text: 'How wide.' },
      { name: 'colours', type: 'list of "red" or "blue"', default: [], text: '' },
      { name: 'either', type: 'text or { made }', default: undefined, text: '' },
      { name: 'count', type: 'whole number, above 0', default: 1, text: '' },
    ]);
  });

  it.each([
    ['agent', agentSchema],
    ['environment', environmentSchema],
  ])('explains every setting of the %s', (_name, schema) => {
    const unexplained = settingsOf(schema).filter(({ text, type }) => text === '' || type === 'any');
    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });

  it('is a table of four columns throughout', () => {
    const rows = configurationPage()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
  });
});
