// Everything a user sets about an agent: one schema, each default with its reason. Types and schemas only.

import { z } from 'zod';

import { ConfigurationError } from './lib/errors.ts';

const milliseconds = (defaultMs: number): z.ZodDefault<z.ZodNumber> => z.number().nonnegative().default(defaultMs);

export const agentSchema = z.strictObject({
  /** Said when a caller is linked; none by default, so that the caller decides when the conversation begins. */
  greeting: z.string().trim().min(1).optional(),
  /** Said when a reply failed before any of it was heard. */
  apology: z.string().trim().min(1).default('Sorry, something went wrong here. Could you say that again?'),
  endpointing: z
    .strictObject({
      /**
       * Silence after which a turn is complete. People pause for up to about half a second inside a sentence
       * (Stivers et al. 2009 find gaps between speakers of about 200 ms); shorter values cut more callers off.
       */
      silenceMs: milliseconds(500),
      /** How long to wait for the final transcript: most services send it within 350 ms. */
      finalDeadlineMs: milliseconds(700),
      /** Voiced audio below this that could not be recognised is taken for noise: a syllable has about 200 ms. */
      unintelligibleVoicedMs: milliseconds(300),
    })
    .prefault({}),
  bargeIn: z
    .strictObject({
      /** Voiced audio that stops a reply; a recognised word stops it sooner. Coughs and clicks are shorter. */
      voicedMs: milliseconds(300),
    })
    .prefault({}),
  /** Bound of the playout queue in 20 ms frames; the voice is held back when it is full. Ten seconds. */
  bufferFrames: z.number().int().min(2).default(500),
  caller: z
    .strictObject({
      /** How long a caller who has left is waited for before the next participant is listened to. */
      graceMs: milliseconds(3000),
      /** How long the agent stays in a room with nobody to listen to. */
      leaveAfterMs: milliseconds(60_000),
    })
    .prefault({}),
});

/** What a user writes: everything has a default. */
export type AgentOptions = z.input<typeof agentSchema>;
/** What the session works with: complete. */
export type AgentSettings = z.output<typeof agentSchema>;

/** Checks the options and fills in the defaults; throws a `ConfigurationError` that names the setting. */
export function defineAgent(options: AgentOptions = {}): AgentSettings {
  const parsed = agentSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`agent settings: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}
