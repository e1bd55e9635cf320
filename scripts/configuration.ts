// Writes what follows from schemas: docs/configuration.md, from all settings in src/agent.ts and src/cli/environment.ts, and
// docs/session-report.schema.json, what `repartee join --report` writes.
// With `--check` it writes nothing and fails where the file is not what it would write.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

import { agentSchema } from '../src/agent.ts';
import { environmentSchema } from '../src/cli/environment.ts';
import { sessionReportSchema } from '../src/telemetry/session-report.ts';

const documents = [
  { name: 'docs/configuration.md', written: configurationPage },
  { name: 'docs/session-report.schema.json', written: sessionReportJsonSchema },
];

type Schema = z.core.JSONSchema.BaseSchema;

/** A row of a table. */
export interface Setting {
  /** `endpointing.silenceMs` */
  readonly name: string;
  readonly type: string;
  /** undefined: none. */
  readonly default: unknown;
  readonly text: string;
}

/** The leaves of an object schema, in its order, with dotted names. */
export function settingsOf(schema: z.ZodType): readonly Setting[] {
  return leaves(z.toJSONSchema(schema, { io: 'input' }), '');
}

function leaves(schema: Schema, prefix: string): readonly Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    if (typeof property === 'boolean') return [];
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (property.properties !== undefined) return leaves(property, name);
    const { default: byDefault, description: text = '' } = property;
    return [{ name, type: typeOf(property), default: byDefault, text }];
  });
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  const { type, items, properties } = schema;
  if (type === 'string') return 'text';
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return `whole number${rangeOf(schema)}`;
  if (type === 'number') return `number${rangeOf(schema)}`;
  if (type === 'object') return properties === undefined ? 'table' : `{ ${Object.keys(properties).join(', ')} }`;
  if (type === 'array') return `list of ${typeof items === 'object' && !Array.isArray(items) ? typeOf(items) : 'any'}`;
  return 'any';
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Schema): string {
  // Bounds of the number format itself say nothing.
  const above = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const below = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (above !== undefined && below !== undefined) return `, ${above} to ${below}`;
  if (above !== undefined) return `, ${above} or more`;
  if (exclusiveMinimum !== undefined) return `, above ${exclusiveMinimum}`;
  return below === undefined ? '' : `, ${below} at most`;
}

/** The whole document. */
export function configurationPage(): string {
  return `# Configuration

*Written by \`npm run format\` from the schemas in [src/agent.ts](../src/agent.ts) and
[src/cli/environment.ts](../src/cli/environment.ts): change those.*

## Environment

Servers, keys and addresses are set by environment variables, or in a file \`.env\` in the working directory
([.env.example](../.env.example)); what is in the environment wins. An empty variable counts as absent. \`repartee doctor\`
says what is missing.

${table('variable', settingsOf(environmentSchema), String)}

Who recognises, replies and speaks follows from the keys: Deepgram before OpenAI for recognition, Cartesia before OpenAI for
the voice, and what runs offline where no key is set. \`--stt\`, \`--llm\` and \`--tts\` of \`repartee join\` choose otherwise.

## The agent

What an agent is and how it behaves: the argument of \`defineAgent({ … })\`, and the JSON file of
\`repartee join ROOM --config FILE\`. A dot stands for an object within: \`tts.speed\` is \`{ "tts": { "speed": 1.1 } }\`.
Milliseconds end in \`Ms\`.

${table('setting', settingsOf(agentSchema), JSON.stringify)}
`;
}

/** `written`: how a value is written where it is set. */
function table(heading: string, settings: readonly Setting[], written: (value: unknown) => string): string {
  const rows = settings.map(({ name, type, default: byDefault, text }) => {
    const shown = byDefault === undefined ? '–' : `\`${cell(written(byDefault))}\``;
    return `| \`${name}\` | ${cell(type)} | ${shown} | ${cell(text)} |`;
  });
  return [`| ${heading} | type | default | meaning |`, '|---|---|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** The JSON schema (draft 2020-12) of a session report. */
export function sessionReportJsonSchema(): string {
  return `${JSON.stringify({ title: 'Session report', ...z.toJSONSchema(sessionReportSchema) }, null, 2)}\n`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, written } of documents) {
    const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
    const text = written();
    if (!argv.includes('--check')) {
      writeFileSync(file, text);
    } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`${name} is out of date. Write it anew: npm run format`);
      exit(1);
    }
  }
}
