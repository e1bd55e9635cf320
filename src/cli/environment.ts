// What environment variables (and the file .env) set: servers, keys, addresses. One schema; an empty variable counts as
// absent. `docs/configuration.md` is generated from the descriptions.

import { existsSync } from 'node:fs';
import { z } from 'zod';

import { ConfigurationError } from '../lib/errors.ts';
import type { LivekitKeys } from '../room/livekit-token.ts';
import { CARTESIA_VOICE, OPENAI_MODEL } from './provider-defaults.ts';

/** Where each key can be had. */
export const consoles = {
  livekit: 'https://cloud.livekit.io',
  deepgram: 'https://console.deepgram.com',
  openai: 'https://platform.openai.com/api-keys',
  cartesia: 'https://play.cartesia.ai/keys',
} as const;

const livekitAddress = z.url({
  protocol: /^(wss?|https?)$/,
  error: 'must be an address like ws://127.0.0.1:7880 or wss://my-project.livekit.cloud',
});

/** http or https; slashes at its end are taken off. Websockets are opened at the same host and port. */
function baseUrl(example: string) {
  return z
    .string()
    .trim()
    .overwrite((given) => given.replace(/\/+$/, ''))
    .refine((given) => ['http:', 'https:'].includes(URL.parse(given)?.protocol ?? ''), {
      abort: true,
      error: ({ input }) =>
        /^wss?:/i.test(String(input))
          ? `must begin with http, websockets included: try ${String(input).replace(/^ws/i, 'http')}`
          : `must be an address like ${example}`,
    });
}

const openaiBaseUrl = baseUrl('https://api.openai.com/v1').refine((url) => url.endsWith('/v1'), {
  error: ({ input }) => `must end in /v1: try ${String(input)}/v1`,
});

const portNumber = 'must be a port number';
const port = z.coerce
  .number({ error: portNumber })
  .int({ error: portNumber })
  .min(0, { error: portNumber })
  .max(65_535, { error: portNumber });

const key = z.string().trim();

export const environmentSchema = z.object({
  LIVEKIT_URL: livekitAddress
    .optional()
    .describe('The LiveKit server to join rooms on (`ws`, `wss`, `http` or `https`). `npm run demo` starts its own.'),
  LIVEKIT_API_KEY: key.optional().describe(`Key of that server, for LiveKit Cloud from <${consoles.livekit}>.`),
  LIVEKIT_API_SECRET: key.optional().describe('The secret that belongs to the key.'),
  LIVEKIT_PUBLIC_URL: livekitAddress
    .optional()
    .describe('The same server as browsers reach it, where that is another address, as in containers.'),
  DEEPGRAM_API_KEY: key.optional().describe(`Recognises speech with Deepgram. Keys: <${consoles.deepgram}>.`),
  DEEPGRAM_BASE_URL: baseUrl('https://api.deepgram.com')
    .optional()
    .meta({ description: 'Another Deepgram than the public one.', default: 'https://api.deepgram.com' }),
  OPENAI_API_KEY: key
    .optional()
    .describe(`Replies, and speech where no other service is set, with OpenAI. Keys: <${consoles.openai}>.`),
  OPENAI_BASE_URL: openaiBaseUrl.optional().meta({
    description:
      'A service or a local server that speaks the OpenAI API; the address ends in `/v1`. Set without a key for a server that wants none. It replies; whether it hears and speaks, too, is yours to say: `--stt openai`, `--tts openai`.',
    default: 'https://api.openai.com/v1',
  }),
  OPENAI_MODEL: z
    .string()
    .trim()
    .optional()
    .meta({ description: 'Model that writes the replies. Needed with `OPENAI_BASE_URL`.', default: OPENAI_MODEL }),
  CARTESIA_API_KEY: key.optional().describe(`Speaks with Cartesia. Keys: <${consoles.cartesia}>.`),
  CARTESIA_BASE_URL: baseUrl('https://api.cartesia.ai')
    .optional()
    .meta({ description: 'Another Cartesia than the public one.', default: 'https://api.cartesia.ai' }),
  CARTESIA_VOICE: z.string().trim().optional().meta({
    description: 'Id of the voice. By default Katie, one of those that Cartesia recommends for voice agents.',
    default: CARTESIA_VOICE,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl('http://127.0.0.1:4318')
    .optional()
    .describe(
      'An OpenTelemetry collector that takes a trace of each call (OTLP, protobuf over HTTP). None by default. The other standard variables count too: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION` and `…_CERTIFICATE`, `OTEL_TRACES_EXPORTER=none`, `OTEL_TRACES_SAMPLER` (and `_ARG`), `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`.',
    ),
  REPARTEE_PAGE_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Where the page of the demo listens. On this machine only by default: whoever opens it can start calls.'),
  REPARTEE_PAGE_PORT: port
    .default(3000)
    .describe('Port of that page; the next free one is taken when it is busy. 0: any.'),
});

/** What each variable means, by its name; for help. */
export function describeVariables(): Readonly<Record<string, string>> {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const { description = '', default: byDefault } = typeof property === 'object' ? property : {};
      const text = description.replaceAll(/[`<>]/g, '');
      const known = typeof byDefault === 'string' || typeof byDefault === 'number';
      return [name, known ? `${text} Default: ${byDefault}.` : text];
    }),
  );
}

/** Checked; what is absent is undefined. */
export type Environment = z.output<typeof environmentSchema>;
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Checks what is set. Throws a `ConfigurationError` of one line that names each wrong variable and says what to set. */
export function readEnvironment(raw: RawEnvironment): Environment {
  const given = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
  throw new ConfigurationError(problems.join(' '), { cause: parsed.error });
}

/** Adds what `.env` of the working directory sets to `process.env`, where nothing is set yet. */
export function loadEnvFile(path = '.env'): void {
  if (!existsSync(path)) return;
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw new ConfigurationError(`The file ${path} can't be read: ${String(cause)}`, { cause });
  }
}

export interface LivekitSettings extends LivekitKeys {
  /** As the agent reaches it. */
  readonly url: string;
  /** As browsers reach it. */
  readonly publicUrl: string;
}

/** The LiveKit server and its keys. Throws a `ConfigurationError` that names all that is missing at once. */
export function livekitSettings(environment: Environment): LivekitSettings {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = environment;
  if (url === undefined || apiKey === undefined || apiSecret === undefined) {
    const missing = Object.entries({ LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret })
      .filter(([, value]) => value === undefined)
      .map(([name]) => name);
    throw new ConfigurationError(
      `${missing.join(', ')} not set: the LiveKit server to use and its key pair, in the environment or in .env ` +
        `(LiveKit Cloud: ${consoles.livekit}). "npm run demo" starts a server and sets them itself.`,
    );
  }
  return { url, publicUrl: environment.LIVEKIT_PUBLIC_URL ?? url, apiKey, apiSecret };
}
