// What the turn engine is to go by, from the settings of the agent and what its recogniser can do.

import type { AgentSettings } from '../agent.ts';
import type { Logger } from '../lib/log.ts';
import type { SpeechToText } from '../stt/port.ts';
import { backchannelsOf } from '../turns/backchannels.ts';
import { fixedEndpointing } from '../turns/endpointing.ts';
import type { EndpointingPolicy } from '../turns/endpointing.ts';
import { adaptiveEndpointing, hasEndpointingRules } from '../turns/endpointing/adaptive.ts';
import type { ReplyContent } from '../turns/events.ts';
import { type Phrases, phrasesFor } from '../turns/phrases.ts';
import type { TurnSettings } from '../turns/settings.ts';
import { similarWords } from '../turns/similar-words.ts';
import { preparesAhead } from './stages.ts';

/**
 * For one session: the endpointing policy remembers the words that it was last asked about. `anticipates`: there is a source
 * of answers that the caller may give.
 */
export function turnSettings(
  settings: AgentSettings,
  stt: SpeechToText,
  log: Logger,
  anticipates: boolean = settings.anticipation.source !== 'off',
): TurnSettings {
  const { language, endpointing, bargeIn, anticipation, drafts, tools, greeting, dtmf, silence } = settings;
  const { apology, goodbye, reprompt } = phrases(settings, log);
  const isAhead = preparesAhead(settings);
  return {
    endpointing: endpointingPolicy(settings, stt, log),
    finalAtPause: stt.finalsAtPauses ?? false,
    judgeSound: judgesSound(settings, stt, log),
    drafts: isAhead ? drafts : { ...drafts, policy: 'off' },
    anticipation: { perReply: anticipates && isAhead ? anticipation.perReply : 0 },
    similar: similarWords(language),
    settleMs: tools.settleMs,
    finalDeadlineMs: stt.wholeTurns === true ? endpointing.batchDeadlineMs : endpointing.finalDeadlineMs,
    unintelligibleVoicedMs: endpointing.unintelligibleVoicedMs,
    bargeIn: { ...bargeIn, isBackchannel: backchannelsOf(language, bargeIn.backchannels) },
    dtmf,
    silence: { ...silence, reprompt: contentOf(reprompt) },
    greeting: greeting === undefined ? undefined : contentOf(greeting),
    apology,
    goodbye,
  };
}

/** A recogniser of whole turns gives no words to go by. */
function endpointingPolicy(
  { language, endpointing }: AgentSettings,
  { wholeTurns = false }: SpeechToText,
  log: Logger,
): EndpointingPolicy {
  if (endpointing.policy === 'fixed' || wholeTurns) return fixedEndpointing(endpointing.silenceMs);
  if (!hasEndpointingRules(language)) {
    log.info('no endpointing rules for this language: turns end by punctuation and pauses', { language });
  }
  return adaptiveEndpointing({ ...endpointing, language });
}

/** What is set, and for the rest what there is in the language. */
function phrases(
  { language, apology, goodbye, silence }: AgentSettings,
  log: Logger,
): Omit<Phrases, 'reprompt'> & { readonly reprompt: Said } {
  const { phrases: known, isKnown } = phrasesFor(language);
  const asked = silence.mode === 'never' ? {} : { 'silence.reprompt': silence.reprompt };
  const unset = Object.entries({ apology, goodbye, ...asked })
    .filter(([, said]) => said === undefined)
    .map(([name]) => name);
  if (!isKnown && unset.length > 0) {
    log.warn('these texts are English, since there are none in this language: set them', { language, settings: unset });
  }
  return {
    apology: apology ?? known.apology,
    goodbye: goodbye ?? known.goodbye,
    reprompt: silence.reprompt ?? known.reprompt,
  };
}

type Said = string | { readonly generate: string };

/** Only the adaptive policy goes by the sound. */
function judgesSound({ endpointing }: AgentSettings, { wholeTurns = false }: SpeechToText, log: Logger): boolean {
  const { soundModel, policy } = endpointing;
  if (soundModel === 'off') return false;
  if (policy === 'adaptive' && !wholeTurns) return true;
  log.info('the sound model is not used: all turns end after the same silence', { soundModel });
  return false;
}

/** An instruction is put to the model in the caller's place, and does not enter the history. */
function contentOf(said: Said): ReplyContent {
  if (typeof said === 'string') return { type: 'text', text: said };
  return { type: 'generated', messages: [{ role: 'user', text: said.generate }] };
}
