// What is taken where neither a setting nor a variable names a model or a voice.

import type { Environment } from './environment.ts';

/** OpenAI's: fast to its first token, and good enough for talk. Reasoning models think before they speak. */
export const OPENAI_MODEL = 'gpt-4.1-mini';
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
    `language: no lists, no Markdown, no emoji. If you did not understand, ask. Never invent facts. ${language}`
  );
}

/** Undefined where a server of one's own is used and nobody said which of its models. */
export function replyModel(environment: Environment, setting: string | undefined): string | undefined {
  const named = setting ?? environment.OPENAI_MODEL;
  return named ?? (environment.OPENAI_BASE_URL === undefined ? OPENAI_MODEL : undefined);
}

export function cartesiaVoice(environment: Environment, setting: string | undefined): string {
  return setting ?? environment.CARTESIA_VOICE ?? CARTESIA_VOICE;
}
