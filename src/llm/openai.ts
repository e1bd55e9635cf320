// Chat completions of OpenAI, and of all that speak its protocol: vLLM, Ollama, Groq, LiteLLM …
// https://platform.openai.com/docs/api-reference/chat and /models. `prompt_cache_key` is not sent: some of
// those (NVIDIA's, Azure's for models of others) answer 400 to it, and prompts that begin alike are cached without it.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { extractReasoningMiddleware, type LanguageModel, wrapLanguageModel } from 'ai';
import { z } from 'zod';

import { type Clock, systemClock } from '../lib/clock.ts';
import { ConfigurationError, StageError } from '../lib/errors.ts';
import { serviceError } from '../lib/service-error.ts';
import { keptAliveFetch } from './kept-alive-fetch.ts';
import { languageModelReplies, type LanguageModelRepliesOptions } from './language-model.ts';
import { modelError } from './model-error.ts';
import type { ReplyModel } from './port.ts';

export interface OpenaiLanguageModelOptions {
  /** Local servers need none. */
  readonly apiKey?: string | undefined;
  /** http or https, and all of the path before `/chat/completions`. Default: OpenAI's. */
  readonly baseUrl?: string;
  /** As the service names it: `gpt-6-luna`. */
  readonly model: string;
  readonly fetch?: typeof globalThis.fetch;
}

export interface OpenaiRepliesOptions
  extends OpenaiLanguageModelOptions, Omit<LanguageModelRepliesOptions, 'model' | 'name'> {}

const OPENAI_URL = 'https://api.openai.com/v1';
const KEY_NAME = 'OPENAI_API_KEY';
/** Name look-up, TCP and TLS take three round trips, and get lost at times. */
const WARM_UP_WITHIN_MS = 5000;

/** For `languageModelReplies`, `streamText` and the like. Throws a `ConfigurationError` for a base URL that is none. */
export function openaiLanguageModel(options: OpenaiLanguageModelOptions): LanguageModel {
  const { apiKey, model, baseUrl = OPENAI_URL, fetch = globalThis.fetch } = options;
  const { hostname } = parsedBaseUrl(baseUrl);
  const askAgain = withoutUsageWhereRefused();
  const provider = createOpenAICompatible({
    name: 'openai',
    baseURL: withoutSlash(baseUrl),
    fetch: async (input, init) => refuseDetour(await askAgain(fetch, input, init), baseUrl),
    includeUsage: true,
    ...(apiKey !== undefined && apiKey !== '' && { apiKey }),
    // OpenAI's reasoning models refuse `max_tokens`; some of the compatible servers know nothing else.
    ...(hostname === 'api.openai.com' && { transformRequestBody: renameMaxTokens }),
  });
  // Some servers leave what a model thinks in its text, between tags: nobody wants to hear that.
  const middleware = extractReasoningMiddleware({ tagName: 'think' });
  return wrapLanguageModel({ model: provider.chatModel(model), middleware });
}

/** Replies of such a model, on connections that are kept open between turns and can be opened ahead. */
export function openaiReplies(options: OpenaiRepliesOptions): ReplyModel {
  const { apiKey, model, baseUrl = OPENAI_URL, clock = systemClock, keyName = KEY_NAME } = options;
  const connections = keptAliveFetch();
  const fetch = options.fetch ?? connections.fetch;
  const { host } = parsedBaseUrl(baseUrl);
  const name = `${host === 'api.openai.com' ? 'OpenAI' : host} ${model}`;
  const replies = languageModelReplies({
    ...options,
    model: openaiLanguageModel({ ...options, fetch }),
    name,
    keyName,
    clock,
  });
  return {
    ...replies,
    warmUp: async ({ signal }) => {
      if (connections.isWarm()) return;
      await warmUp({ fetch, baseUrl, apiKey, name, keyName, clock, signal });
    },
    close: async () => connections.close(),
  };
}

interface WarmUpOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly name: string;
  readonly keyName: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks for the list of models, which costs nothing. Whoever has no such list, or may not see it (a key may be for
 * completions alone), has a connection all the same.
 */
async function warmUp({ fetch, baseUrl, apiKey, name, keyName, clock, signal }: WarmUpOptions): Promise<void> {
  if (signal.aborted) return;
  const late = new AbortController();
  const timer = clock.after(WARM_UP_WITHIN_MS, () => {
    const message = `${name} did not answer within ${WARM_UP_WITHIN_MS / 1000} s. Check the network and the base URL.`;
    late.abort(new StageError('LLM', message, { retryable: true }));
  });
  try {
    const response = await fetch(`${withoutSlash(baseUrl)}/models`, {
      headers: apiKey === undefined || apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.any([signal, late.signal]),
    });
    await refuseDetour(response, baseUrl);
    // Read to its end, or the connection could not be used again.
    const told: unknown = await response.json().catch(() => undefined);
    const { ok, status } = response;
    const said = errorBody.safeParse(told).data?.error.message ?? '';
    if (ok || [403, 404, 405].includes(status) || said.includes('Missing scopes')) return;
    const retryAfter = response.headers.get('retry-after');
    throw serviceError({ stage: 'LLM', service: name, status, said, retryAfter, keyName }, clock.epochMs());
  } catch (error) {
    if (signal.aborted) return;
    throw modelError(late.signal.aborted ? late.signal.reason : error, { name, keyName, epochMs: clock.epochMs() });
  } finally {
    timer.cancel();
  }
}

const errorBody = z.object({ error: z.object({ message: z.string() }) });

/** Answers that come from somewhere else than the API, of which the AI SDK would say only that they are odd. */
async function refuseDetour(response: Response, baseUrl: string): Promise<Response> {
  const { ok, status, headers } = response;
  const isRedirect = status >= 300 && status < 400;
  const isPage = ok && headers.get('content-type')?.startsWith('text/html') === true;
  if (!isRedirect && !isPage) return response;
  await response.body?.cancel();
  const told = isRedirect
    ? `${baseUrl} answered ${status}, and points to ${headers.get('location') ?? 'another address'}. Correct the base URL.`
    : `${baseUrl} answered with a web page. Check the base URL, which usually ends in /v1, and the network: it may want a login.`;
  throw new StageError('LLM', told);
}

/**
 * Streams are asked what they cost, in tokens, and no more of a server that refuses to be asked (Mistral's and Databricks' do):
 * the request is made again without, once.
 */
function withoutUsageWhereRefused(): (fetch: typeof globalThis.fetch, ...request: FetchRequest) => Promise<Response> {
  let isRefused = false;
  return async (fetch, input, init) => {
    if (isRefused) return fetch(input, withoutStreamOptions(init));
    const response = await fetch(input, init);
    if (response.status !== 400 && response.status !== 422) return response;
    if (!/stream_options|include_usage/.test(await response.clone().text())) return response;
    isRefused = true;
    await response.body?.cancel();
    return fetch(input, withoutStreamOptions(init));
  };
}

type FetchRequest = Parameters<typeof globalThis.fetch>;

function withoutStreamOptions(init: FetchRequest[1]): FetchRequest[1] {
  if (typeof init?.body !== 'string') return init;
  const { stream_options: _, ...body } = JSON.parse(init.body);
  return { ...init, body: JSON.stringify(body) };
}

function renameMaxTokens({ max_tokens: limit, ...body }: Record<string, unknown>): Record<string, unknown> {
  return limit === undefined ? body : { ...body, max_completion_tokens: limit };
}

function parsedBaseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError(`The base URL of the language model must be http or https, not ${baseUrl}.`);
  }
  return url;
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
