// Which endpointing policy the settings ask for.

import type { AgentSettings } from '../agent.ts';
import type { Logger } from '../lib/log.ts';
import { fixedEndpointing } from '../turns/endpointing.ts';
import type { SpeechToText } from '../stt/port.ts';
import type { EndpointingPolicy } from '../turns/endpointing.ts';
import { adaptiveEndpointing, hasEndpointingRules } from '../turns/endpointing/adaptive.ts';

/**
 * One policy a session: the adaptive one remembers the words that it was last asked about. A recogniser of whole turns gives
 * no words to go by.
 */
export function endpointingPolicy(
  { language, endpointing }: AgentSettings,
  { wholeTurns = false }: Pick<SpeechToText, 'wholeTurns'>,
  log: Logger,
): EndpointingPolicy {
  if (endpointing.policy === 'fixed' || wholeTurns) return fixedEndpointing(endpointing.silenceMs);
  if (!hasEndpointingRules(language)) {
    log.info('no endpointing rules for this language: turns end by punctuation and pauses', { language });
  }
  return adaptiveEndpointing({ ...endpointing, language });
}
