import { describe, expect, it } from 'vitest';

import { type RawEnvironment, readEnvironment } from './environment.ts';
import { chooseProviders, mismatches, type ProviderWishes } from './providers.ts';

const chosen = (raw: RawEnvironment, wishes: ProviderWishes = {}) => chooseProviders(readEnvironment(raw), wishes);
const offline = { stt: 'offline', llm: 'offline', tts: 'offline' } as const;
const deepgram = { DEEPGRAM_API_KEY: 'd' };
const openai = { OPENAI_API_KEY: 'o' };
const cartesia = { CARTESIA_API_KEY: 'c' };

describe('the providers', () => {
  it.each([
    [{}, offline],
    [openai, { stt: 'openai', llm: 'openai', tts: 'openai' }],
    [
      { ...deepgram, ...openai, ...cartesia },
      { stt: 'deepgram', llm: 'openai', tts: 'cartesia' },
    ],
    [deepgram, { ...offline, stt: 'deepgram' }],
    [
      { ...deepgram, OPENAI_BASE_URL: 'http://127.0.0.1/v1' },
      { stt: 'deepgram', llm: 'openai', tts: 'offline' },
    ],
  ])('follow what is set: %o', (raw, expected) => {
    expect(chosen(raw)).toEqual(expected);
  });

  it('are those that were asked for, whatever else is set', () => {
    expect(chosen({ ...deepgram, ...openai }, { stt: 'openai', tts: 'offline' })).toEqual({
      stt: 'openai',
      llm: 'openai',
      tts: 'offline',
    });
  });

  it('that hear and speak at a server of one’s own are asked for by name', () => {
    const own = { OPENAI_BASE_URL: 'http://127.0.0.1/v1' };
    expect(chosen(own)).toEqual({ ...offline, llm: 'openai' });
    const all = { stt: 'openai', llm: 'openai', tts: 'openai' } as const;
    expect(chosen(own, all)).toEqual(all);
  });

  it('asked for without a key are refused, with the place to get one', () => {
    expect(() => chosen(openai, { stt: 'deepgram' })).toThrow(/^DEEPGRAM_API_KEY not set.*console\.deepgram\.com/);
    expect(() => chosen({}, { tts: 'cartesia' })).toThrow(/^CARTESIA_API_KEY not set.*play\.cartesia\.ai/);
  });

  it('that can do different things are warned of', () => {
    expect(mismatches(offline, 'en-GB')).toEqual([]);
    expect(mismatches({ stt: 'deepgram', llm: 'openai', tts: 'offline' }, 'en-US')).toEqual([]);
    expect(mismatches({ ...offline, llm: 'openai' }, 'en-US')).toEqual([expect.stringMatching(/recogniser/)]);
    expect(mismatches({ ...offline, stt: 'openai' }, 'en-US')).toEqual([expect.stringMatching(/front desk/)]);
    expect(mismatches({ stt: 'deepgram', llm: 'openai', tts: 'offline' }, 'de')).toEqual([
      expect.stringMatching(/English only/),
    ]);
  });
});
