// What is taken where neither a setting nor a variable names a model or a voice.

import type { Environment } from './environment.ts';

/**
 * OpenAI's fastest that stays: the `gpt-4o` and `gpt-4.1` models, which don't think before they speak, end on 2027-01-14
 * (https://developers.openai.com/api/docs/deprecations). This one needn't: `defaultReasoning`.
 */
export const OPENAI_MODEL = 'gpt-6-luna';
/** Katie: one of the voices that Cartesia recommends for voice agents (https://docs.cartesia.ai, Choosing a Voice). */
export const CARTESIA_VOICE = 'f786b574-daa5-4673-aa0c-cbe3e8534c02';

/** What the offline front desk does not need, and every other model does: the system prompt. */
export function defaultInstructions(languageTag: string): string {
  const language =
    languageTag === 'multi'
      ? 'Speak the language of the caller.'
      : `The conversation is in ${new Intl.DisplayNames(['en'], { type: 'language' }).of(languageTag)}.`;
  return (
    'You are a friendly, quick-witted voice assistant on a call. Answer in one to three short sentences of plain spoken ' +
    'language: no lists, no Markdown, no emoji. If you did not understand, ask. Never invent facts. ' +
    `Keys that the caller presses on a telephone stand in brackets: [keypad: 12#]. ${language}`
  );
}

/** Undefined where a server of one's own is used and nobody said which of its models. */
export function replyModel(environment: Environment, setting: string | undefined): string | undefined {
  const named = setting ?? environment.OPENAI_MODEL;
  return named ?? (environment.OPENAI_BASE_URL === undefined ? OPENAI_MODEL : undefined);
}

/** OpenAI's small ones, which think unless told otherwise; larger ones, and those that can't, refuse to be told. */
const THINKS_AT_WILL = /^gpt-6(?:\.\d+)?-(?:luna|terra)\b/;

/** How much a model is to think where nobody says: thinking is heard as silence. */
export function defaultReasoning(model: string): 'none' | undefined {
  return THINKS_AT_WILL.test(model) ? 'none' : undefined;
}

export function cartesiaVoice(environment: Environment, setting: string | undefined): string {
  return setting ?? environment.CARTESIA_VOICE ?? CARTESIA_VOICE;
}
