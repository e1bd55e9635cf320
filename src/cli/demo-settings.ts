// What `npm run demo` and the container image set for the demo, by environment variables.

import { z } from 'zod';

import { ConfigurationError } from '../lib/errors.ts';
import type { LivekitKeys } from '../room/livekit-token.ts';

export interface DemoSettings {
  readonly livekit: LivekitKeys & {
    /** As the agent reaches it. */
    readonly url: string;
    /** As browsers reach it. */
    readonly publicUrl: string;
  };
  readonly host: string;
  /** Preferred; 0: any. */
  readonly port: number;
}

const livekitUrl = z.url({
  protocol: /^(wss?|https?)$/,
  error: 'must be an address like ws://127.0.0.1:7880 or wss://my-project.livekit.cloud',
});

const port = z.coerce
  .number({ error: 'must be a port number' })
  .int({ error: 'must be a port number' })
  .min(0, { error: 'must be a port number' })
  .max(65_535, { error: 'must be a port number' });

const environmentSchema = z.object({
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: z.string(),
  LIVEKIT_API_SECRET: z.string(),
  /** Where browsers reach LiveKit at another address than the agent does, as in containers. */
  LIVEKIT_PUBLIC_URL: livekitUrl.optional(),
  /** Loopback by default: whoever opens the page can start calls. */
  REPARTEE_PAGE_HOST: z.string().default('127.0.0.1'),
  REPARTEE_PAGE_PORT: port.default(3000),
});

const required = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'] as const;

/** Throws a `ConfigurationError` that names the variable and says what to set. An empty variable counts as absent. */
export function readDemoSettings(environment: Readonly<Record<string, string | undefined>>): DemoSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const missing = required.filter((name) => given[name] === undefined);
  if (missing.length > 0) {
    throw new ConfigurationError(
      `${missing.join(', ')} not set: the LiveKit server to use and its key pair. "npm run demo" sets them itself.`,
    );
  }
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigurationError(`${String(issue?.path[0])} ${issue?.message ?? 'is wrong'}.`, { cause: parsed.error });
  }
  const { data } = parsed;
  return {
    livekit: {
      url: data.LIVEKIT_URL,
      publicUrl: data.LIVEKIT_PUBLIC_URL ?? data.LIVEKIT_URL,
      apiKey: data.LIVEKIT_API_KEY,
      apiSecret: data.LIVEKIT_API_SECRET,
    },
    host: data.REPARTEE_PAGE_HOST,
    port: data.REPARTEE_PAGE_PORT,
  };
}
