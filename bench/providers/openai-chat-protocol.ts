// Shapes of OpenAI's chat completions as they go over the wire: https://platform.openai.com/docs/api-reference/chat (types:
// openai/openai-node, src/resources/chat/completions/completions.ts) and https://platform.openai.com/docs/guides/error-codes.
// Left out: what a voice agent doesn't ask for (n > 1, log probabilities, audio, images, stored completions).

import { z } from 'zod';

import { toolCallMessagePart, toolChoice, toolDeclaration } from './openai-chat-tools.ts';

const roles = ['developer', 'system', 'user', 'assistant', 'tool', 'function'] as const;

const textPart = z.object({ type: z.literal('text'), text: z.string() });

const chatMessage = z.looseObject({
  role: z.enum(roles),
  content: z.union([z.string(), z.array(textPart).min(1)]).nullish(),
  tool_calls: z.array(toolCallMessagePart).min(1).nullish(),
  tool_call_id: z.string().optional(),
});

/** Every parameter of the reference; the service answers 400 to any other. */
const known = z.strictObject({
  messages: z.array(chatMessage).min(1),
  model: z.string(),
  audio: z.unknown(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  function_call: z.unknown(),
  functions: z.unknown(),
  logit_bias: z.unknown(),
  logprobs: z.unknown(),
  max_completion_tokens: z.int().positive().nullish(),
  max_tokens: z.int().positive().nullish(),
  metadata: z.unknown(),
  modalities: z.unknown(),
  moderation: z.unknown(),
  n: z.literal(1).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  prediction: z.unknown(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z.unknown(),
  prompt_cache_retention: z.unknown(),
  reasoning_effort: z.string().nullish(),
  response_format: z.unknown(),
  safety_identifier: z.string().nullish(),
  seed: z.int().nullish(),
  service_tier: z.string().nullish(),
  stop: z.unknown(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  tool_choice: toolChoice.nullish(),
  tools: z.array(toolDeclaration).min(1).nullish(),
  top_logprobs: z.unknown(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().nullish(),
  verbosity: z.string().nullish(),
  web_search_options: z.unknown(),
});

export const chatRequest = known.partial().required({ messages: true, model: true });
export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatMessage = ChatRequest['messages'][number];

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

/** The `error` of an error body, and of an error in mid-stream. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly code?: string | number | null;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What a message says, whichever of its two forms it has. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return content?.map((part) => part.text).join('') ?? '';
}

/** What came first against the rules, in the service's own words. */
export function invalidRequest(error: z.ZodError): ErrorBody {
  const issue = error.issues[0];
  const param = issue?.path.join('.') ?? '';
  const base = { type: 'invalid_request_error', code: null };
  if (issue?.code === 'unrecognized_keys') {
    return { ...base, message: `Unrecognized request argument supplied: ${issue.keys.join(', ')}`, param: null };
  }
  return { ...base, message: `Invalid value for '${param}': ${issue?.message ?? ''}`, param };
}

export const wrongKey: ErrorBody = {
  message:
    'Incorrect API key provided: sk-****. You can find your API key at https://platform.openai.com/account/api-keys.',
  type: 'invalid_request_error',
  param: null,
  code: 'invalid_api_key',
};

export function unknownModel(model: string): ErrorBody {
  return {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    param: null,
    code: 'model_not_found',
  };
}

export function unknownUrl(method: string, path: string): ErrorBody {
  return { message: `Invalid URL (${method} ${path})`, type: 'invalid_request_error', param: null, code: null };
}

/** What the service says with a status, where a test has no words of its own for it. */
export function errorOfStatus(status: number): ErrorBody {
  const said = usualErrors.get(status);
  return said ?? { message: `The server answered ${status}.`, type: 'server_error', param: null, code: null };
}

const usualErrors: ReadonlyMap<number, ErrorBody> = new Map([
  [401, wrongKey],
  // Not OpenAI's, which has no 402: as OpenRouter and DeepSeek say it.
  [402, { message: 'Insufficient credits.', type: 'insufficient_credits', code: 402 }],
  [
    429,
    {
      message: 'Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1.',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    },
  ],
  [
    500,
    {
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
      param: null,
      code: null,
    },
  ],
]);

/** What all chunks of one completion share. */
export interface Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly includeUsage: boolean;
}

export function chunk(
  { id, created, model, includeUsage }: Completion,
  delta: object,
  finishReason: FinishReason | null = null,
): object {
  return {
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    service_tier: 'default',
    system_fingerprint: null,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(includeUsage && { usage: null }),
  };
}

/** The last chunk of a stream whose request asked for usage: no choices, all the numbers. */
export function usageChunk({ id, created, model }: Completion, usage: Usage): object {
  return {
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    service_tier: 'default',
    system_fingerprint: null,
    choices: [],
    usage: usageBody(usage),
  };
}

/** The answer to a request that didn't ask for a stream. */
export function wholeCompletion(
  { id, created, model }: Completion,
  message: object,
  finishReason: FinishReason,
  usage: Usage,
): object {
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    service_tier: 'default',
    system_fingerprint: null,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, refusal: null, annotations: [], ...message },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: usageBody(usage),
  };
}

function usageBody({ promptTokens, completionTokens }: Usage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
