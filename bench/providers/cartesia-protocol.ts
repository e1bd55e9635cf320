// Cartesia's messages as the service checks and writes them, API version 2026-03-01.
// https://docs.cartesia.ai/2026-03-01/api-reference/tts/websocket, https://docs.cartesia.ai/use-the-api/api-errors

import { z } from 'zod';

const voiceSettings = z.object({
  model_id: z.string().min(1),
  voice: z.object({ mode: z.literal('id'), id: z.string().min(1) }),
  language: z.string().length(2).optional(),
  output_format: z.object({
    container: z.literal('raw'),
    encoding: z.literal('pcm_s16le'),
    sample_rate: z.literal([8000, 16_000, 22_050, 24_000, 44_100, 48_000]),
  }),
  add_timestamps: z.boolean().default(false),
  use_normalized_timestamps: z.boolean().default(false),
  max_buffer_delay_ms: z.number().min(0).max(5000).default(3000),
  generation_config: z.object({ speed: z.number().min(0.6).max(1.5).optional() }).optional(),
  speed: z.enum(['slow', 'normal', 'fast']).optional(),
});

const generation = voiceSettings.extend({
  context_id: z.string().min(1),
  transcript: z.string(),
  continue: z.boolean().default(false),
  flush: z.boolean().default(false),
});

const cancellation = z.object({ context_id: z.string().min(1), cancel: z.literal(true) });

/** What may not change between the inputs of a context. */
export type VoiceSettings = z.infer<typeof voiceSettings>;
export type Generation = z.infer<typeof generation>;
export type ClientMessage =
  | { readonly type: 'generation'; readonly input: Generation; readonly settings: VoiceSettings }
  | { readonly type: 'cancel'; readonly contextId: string }
  | { readonly type: 'wrong'; readonly contextId: string | undefined; readonly problem: Problem };

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  readonly code: string | null;
}

export const tooManyContexts: Problem = {
  status: 429,
  title: 'Too many concurrent requests',
  message: "You have exceeded your plan's concurrency limit.",
  code: 'concurrency_limited',
};

export function readClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { type: 'wrong', contextId: undefined, problem: invalid('The message is not valid JSON.') };
  }
  const cancel = cancellation.safeParse(value);
  if (cancel.success) return { type: 'cancel', contextId: cancel.data.context_id };
  const input = generation.safeParse(value);
  if (input.success) return { type: 'generation', input: input.data, settings: voiceSettings.parse(value) };
  const named = z.object({ context_id: z.string() }).safeParse(value);
  const [issue] = input.error.issues;
  const where = issue?.path.join('.') ?? '';
  return {
    type: 'wrong',
    contextId: named.success ? named.data.context_id : undefined,
    problem: invalid(`${where}: ${issue?.message ?? 'wrong'}`),
  };
}

export function invalid(message: string): Problem {
  return { status: 400, title: 'Invalid request', message, code: 'invalid_request' };
}

/** The body of a refused handshake, and the start of an error event. */
export function problemBody({ title, message, code }: Problem): Record<string, unknown> {
  return { error_code: code, title, message, request_id: '550e8400-e29b-41d4-a716-446655440000' };
}

export function errorEvent(problem: Problem, contextId: string | undefined): string {
  return JSON.stringify({
    type: 'error',
    done: true,
    status_code: problem.status,
    ...problemBody(problem),
    ...(contextId === undefined ? {} : { context_id: contextId }),
  });
}
