// Which service recognises, replies and speaks: what was asked for, or what the keys that are set allow.

import { ConfigurationError } from '../lib/errors.ts';
import { consoles, type Environment } from './environment.ts';

export const sttProviders = ['deepgram', 'openai', 'offline'] as const;
export const llmProviders = ['openai', 'offline'] as const;
export const ttsProviders = ['cartesia', 'openai', 'offline'] as const;

export interface Providers {
  readonly stt: (typeof sttProviders)[number];
  readonly llm: (typeof llmProviders)[number];
  readonly tts: (typeof ttsProviders)[number];
}

/** What was asked for by name; the rest follows the keys. */
export type ProviderWishes = { readonly [Stage in keyof Providers]?: Providers[Stage] | undefined };

type Provider = Providers[keyof Providers];

/** A base URL alone counts: servers of one's own often want no key. */
function isUsable(provider: Provider, environment: Environment): boolean {
  switch (provider) {
    case 'deepgram':
      return environment.DEEPGRAM_API_KEY !== undefined || environment.DEEPGRAM_BASE_URL !== undefined;
    case 'openai':
      return environment.OPENAI_API_KEY !== undefined || environment.OPENAI_BASE_URL !== undefined;
    case 'cartesia':
      return environment.CARTESIA_API_KEY !== undefined || environment.CARTESIA_BASE_URL !== undefined;
    case 'offline':
      return true;
  }
}

/** Most servers that stand in OpenAI's place have models that write, and none that hear or speak: those are asked for by name. */
function isLikely(provider: Provider, stage: keyof Providers, environment: Environment): boolean {
  const isOwnServer = provider === 'openai' && environment.OPENAI_BASE_URL !== undefined;
  return isUsable(provider, environment) && (stage === 'llm' || !isOwnServer);
}

/** The wished ones; else the first of each list that has a key. Throws a `ConfigurationError` for a wish without one. */
export function chooseProviders(environment: Environment, wishes: ProviderWishes = {}): Providers {
  const choose = <Name extends Provider>(stage: keyof Providers, wish: Name | undefined, names: readonly Name[]) => {
    if (wish !== undefined && !isUsable(wish, environment)) throw keyMissing(wish);
    return wish ?? names.find((name) => isLikely(name, stage, environment)) ?? 'offline';
  };
  return {
    stt: choose('stt', wishes.stt, sttProviders),
    llm: choose('llm', wishes.llm, llmProviders),
    tts: choose('tts', wishes.tts, ttsProviders),
  };
}

function keyMissing(name: Provider): ConfigurationError {
  const place = name === 'offline' ? '' : ` Keys: ${consoles[name]}.`;
  return new ConfigurationError(
    `${name.toUpperCase()}_API_KEY not set, but "${name}" is asked for. Set it in the environment or in .env.${place}`,
  );
}

/** What doesn't go well together, one plain sentence or two each. */
export function mismatches({ stt, llm, tts }: Providers, languageTag: string): readonly string[] {
  const found: string[] = [];
  if (stt === 'offline' && llm !== 'offline') {
    found.push(
      'The offline recogniser knows the sentences of the offline front desk and nothing else: other speech reaches the ' +
        'model as "not understood". Set DEEPGRAM_API_KEY, or --stt openai where that service transcribes; or have callers type.',
    );
  }
  if (stt !== 'offline' && llm === 'offline') {
    found.push(
      'The offline front desk answers a small set of questions only. Set OPENAI_API_KEY (or OPENAI_BASE_URL and ' +
        'OPENAI_MODEL) for a real model.',
    );
  }
  if (!/^en\b/i.test(languageTag) && [stt, llm, tts].includes('offline')) {
    found.push(`The offline stages speak English only, but the language is ${languageTag}.`);
  }
  return found;
}
