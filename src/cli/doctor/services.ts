// Whether the providers answer and take the keys, by requests that cost nothing:
// Deepgram https://developers.deepgram.com/guides/fundamentals/authenticating (GET /v1/auth/token), OpenAI
// https://developers.openai.com/api/reference (GET /models), Cartesia https://docs.cartesia.ai (GET /voices/{id}).

import { consoles, type Environment } from '../environment.ts';
import { ask, type Answer, type CheckOptions, type Finding, silence } from './finding.ts';

interface Service {
  readonly subject: string;
  readonly key: string;
  readonly baseUrl: string;
  readonly keyName: string;
  readonly baseUrlName: string;
  readonly console: string;
}

/** Version of Cartesia's API that the request is written for. */
const CARTESIA_VERSION = '2026-03-01';

export async function checkDeepgram(environment: Environment, options: CheckOptions = {}): Promise<Finding> {
  const { DEEPGRAM_API_KEY: key = '', DEEPGRAM_BASE_URL: baseUrl = 'https://api.deepgram.com' } = environment;
  const service: Service = {
    subject: 'Deepgram (hears)',
    key,
    baseUrl,
    keyName: 'DEEPGRAM_API_KEY',
    baseUrlName: 'DEEPGRAM_BASE_URL',
    console: consoles.deepgram,
  };
  const headers = { authorization: `Token ${key}` };
  const accepted = (): Finding => ok(service, 'the key is accepted');
  // On machines of one's own it has no accounts: https://developers.deepgram.com/docs/self-hosted-introduction.
  const withoutAccounts = (): Finding => ok(service, `${baseUrl} answers; it checks no keys`);
  const isOwn = environment.DEEPGRAM_BASE_URL !== undefined;
  return examine(service, `${baseUrl}/v1/auth/token`, headers, options, accepted, isOwn ? withoutAccounts : undefined);
}

/** `model`: the one that is to write the replies, where one is set. */
export async function checkOpenai(
  environment: Environment,
  model: string | undefined,
  options: CheckOptions = {},
): Promise<Finding> {
  const { OPENAI_API_KEY: key = '', OPENAI_BASE_URL: baseUrl = 'https://api.openai.com/v1' } = environment;
  const service: Service = {
    subject: 'OpenAI API (replies)',
    key,
    baseUrl,
    keyName: 'OPENAI_API_KEY',
    baseUrlName: 'OPENAI_BASE_URL',
    console: consoles.openai,
  };
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` };
  return examine(service, `${baseUrl}/models`, headers, options, ({ body }) => {
    const models = modelIds(body);
    if (models === undefined) {
      return failed(service, `${baseUrl} answers, but not as the OpenAI API does`, `Check ${service.baseUrlName}.`);
    }
    if (model === undefined) {
      return failed(service, 'answers, but no model is chosen', `Set OPENAI_MODEL, for instance to ${some(models)}.`);
    }
    return models.includes(model)
      ? ok(service, `answers and has ${model}`)
      : failed(service, `answers, but has no model "${model}"`, `Set OPENAI_MODEL, for instance to ${some(models)}.`);
  });
}

export async function checkCartesia(
  environment: Environment,
  voice: string,
  options: CheckOptions = {},
): Promise<Finding> {
  const { CARTESIA_API_KEY: key = '', CARTESIA_BASE_URL: baseUrl = 'https://api.cartesia.ai' } = environment;
  const service: Service = {
    subject: 'Cartesia (speaks)',
    key,
    baseUrl,
    keyName: 'CARTESIA_API_KEY',
    baseUrlName: 'CARTESIA_BASE_URL',
    console: consoles.cartesia,
  };
  const headers = { authorization: `Bearer ${key}`, 'cartesia-version': CARTESIA_VERSION };
  const url = `${baseUrl}/voices/${encodeURIComponent(voice)}`;
  const accepted = (): Finding => ok(service, 'the key is accepted, the voice is there');
  const voiceMissing = (): Finding =>
    failed(service, `has no voice "${voice}"`, 'Set CARTESIA_VOICE to an id from https://play.cartesia.ai/voices.');
  return examine(service, url, headers, options, accepted, voiceMissing);
}

/** What every service's answer can mean; `accepted` reads one with status 200, `notFound` says what 404 means. */
async function examine(
  service: Service,
  url: string,
  headers: Record<string, string>,
  options: CheckOptions,
  accepted: (answer: Answer) => Finding,
  notFound?: () => Finding,
): Promise<Finding> {
  let answer: Answer;
  try {
    answer = await ask(url, { headers }, options);
  } catch (error) {
    const advice = `Check the network and the proxy, and ${service.baseUrlName} where you set it.`;
    return failed(service, `${new URL(url).host}: ${silence(error)}`, advice);
  }
  switch (answer.status) {
    case 200:
      return accepted(answer);
    case 401:
    case 403:
      return failed(
        service,
        `${service.key === '' ? 'wants a key' : 'refuses the key'} (${answer.status})`,
        `Set ${service.keyName} to a key from ${service.console}.`,
      );
    case 402:
      return failed(service, 'the account has no credit left (402)', `Top it up: ${service.console}.`);
    case 404:
      return notFound?.() ?? unexpected(service, answer);
    case 429:
      return failed(service, 'the limit of the account is reached (429)', 'Wait, or ask the service for a higher one.');
    default:
      return unexpected(service, answer);
  }
}

function unexpected(service: Service, { status }: Answer): Finding {
  return failed(service, `answers with status ${status}`, `Check ${service.baseUrlName} where you set it.`);
}

function modelIds(body: string): readonly string[] | undefined {
  try {
    const { data } = JSON.parse(body);
    return Array.isArray(data) ? data.map(({ id }) => String(id)) : undefined;
  } catch {
    return undefined;
  }
}

function some(models: readonly string[]): string {
  const shown = models.slice(0, 3).join(', ');
  return shown === '' ? 'one that the server has' : shown;
}

const ok = ({ subject }: Service, says: string): Finding => ({ subject, status: 'ok', says });
const failed = ({ subject }: Service, says: string, advice: string): Finding => ({
  subject,
  status: 'failed',
  says,
  advice,
});
