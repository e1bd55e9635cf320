// Which endpointing policy the settings ask for.

import type { AgentSettings } from '../agent.ts';
import type { Logger } from '../lib/log.ts';
import { fixedEndpointing } from '../turns/endpointing.ts';
import type { EndpointingPolicy } from '../turns/endpointing.ts';
import { adaptiveEndpointing, hasEndpointingRules } from '../turns/endpointing/adaptive.ts';

/** One policy a session: the adaptive one remembers the words that it was last asked about. */
export function endpointingPolicy({ language, endpointing }: AgentSettings, log: Logger): EndpointingPolicy {
  if (endpointing.policy === 'fixed') return fixedEndpointing(endpointing.silenceMs);
  if (!hasEndpointingRules(language)) {
    log.info('no endpointing rules for this language: turns end by punctuation and pauses', { language });
  }
  return adaptiveEndpointing({ ...endpointing, language });
}
