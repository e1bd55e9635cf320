import { describe, expect, it } from 'vitest';

import { readEnvironment } from './environment.ts';
import { cartesiaVoice, defaultInstructions, defaultReasoning, OPENAI_MODEL, replyModel } from './provider-defaults.ts';

describe('what is taken where nobody chose', () => {
  it('is a model of OpenAI, but none on a server of one’s own, whose models nobody knows', () => {
    expect(replyModel(readEnvironment({ OPENAI_API_KEY: 'o' }), undefined)).toMatch(/^gpt-/);
    const own = { OPENAI_BASE_URL: 'http://127.0.0.1/v1' };
    expect(replyModel(readEnvironment(own), undefined)).toBeUndefined();
    expect(replyModel(readEnvironment({ ...own, OPENAI_MODEL: 'llama' }), undefined)).toBe('llama');
    expect(replyModel(readEnvironment({ ...own, OPENAI_MODEL: 'llama' }), 'other')).toBe('other');
  });

  it('is no thinking before a reply, where the model can be told so', () => {
    expect([OPENAI_MODEL, 'gpt-6.1-terra'].map(defaultReasoning)).toEqual(['none', 'none']);
    expect(['gpt-6.1-sol', 'gpt-4.1-mini', 'llama3.2'].map(defaultReasoning)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is a voice; the variable wins over it, the setting over both', () => {
    expect(cartesiaVoice(readEnvironment({}), undefined)).toMatch(/^[\da-f-]{36}$/);
    expect(cartesiaVoice(readEnvironment({ CARTESIA_VOICE: 'a' }), undefined)).toBe('a');
    expect(cartesiaVoice(readEnvironment({ CARTESIA_VOICE: 'a' }), 'b')).toBe('b');
  });

  it('is an instruction in the language of the conversation', () => {
    expect(defaultInstructions('de-AT')).toMatch(/in Austrian German\.$/);
    expect(defaultInstructions('multi')).toMatch(/language of the caller\.$/);
  });
});
