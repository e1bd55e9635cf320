import { describe, expect, it } from 'vitest';

import { defineAgent } from '../agent.ts';
import type { AgentOptions } from '../agent.ts';
import { createLogger, silentLogger } from '../lib/log.ts';
import type { SpeechToText } from '../stt/port.ts';
import { turnSettings } from './turn-settings.ts';

const recogniser: SpeechToText = {
  name: 'none',
  wordTimes: false,
  open: () => Promise.reject(new Error('not asked for')),
  close: () => Promise.resolve(),
};

const FINNISH: AgentOptions = { apology: 'Anteeksi.', goodbye: 'Hei hei.', silence: { reprompt: 'Haloo?' } };

function policyOf(
  options: AgentOptions,
  { wholeTurns = false } = {},
): { readonly lines: string[]; readonly silenceMs: (text: string) => number } {
  const lines: string[] = [];
  const log = createLogger((_, message) => lines.push(message));
  const { endpointing } = turnSettings(defineAgent(options), { ...recogniser, wholeTurns }, log);
  return { lines, silenceMs: (text) => endpointing({ text, rejected: false }) };
}

it('goes by the words unless told otherwise', () => {
  const { lines, silenceMs } = policyOf({});
  expect(silenceMs('a table for')).toBeGreaterThan(silenceMs('a table for four'));
  expect(lines).toEqual([]);
});

it('is the same silence for all words where it is fixed', () => {
  const { silenceMs } = policyOf({ endpointing: { policy: 'fixed', silenceMs: 420 } });
  expect([silenceMs('yes'), silenceMs('and')]).toEqual([420, 420]);
});

it('is the same silence where a recogniser gives no words to go by', () => {
  const { silenceMs } = policyOf({ endpointing: { silenceMs: 420 } }, { wholeTurns: true });
  expect([silenceMs(''), silenceMs('and')]).toEqual([420, 420]);
});

it('keeps the bounds that are set', () => {
  const { silenceMs } = policyOf({ endpointing: { minSilenceMs: 500, maxSilenceMs: 900 } });
  expect([silenceMs('yes'), silenceMs('and')]).toEqual([500, 900]);
});

it('says once where a language has no rules', () => {
  const { lines, silenceMs } = policyOf({ language: 'fi', ...FINNISH });
  silenceMs('kyllä');
  silenceMs('ei');
  expect(lines).toEqual(['no endpointing rules for this language: turns end by punctuation and pauses']);
});

function textsOf(options: AgentOptions): { readonly said: unknown; readonly warned: unknown } {
  let warned: unknown;
  const log = createLogger((level, _, fields) => {
    if (level === 'warn') warned = fields['settings'];
  });
  const { apology, goodbye, silence } = turnSettings(defineAgent(options), recogniser, log);
  return { said: [apology, goodbye, silence.reprompt], warned };
}

describe('what the agent says of its own accord', () => {
  it('is in the language of the conversation', () => {
    expect(textsOf({ language: 'de-AT' })).toEqual({
      said: [
        expect.stringContaining('Entschuldigung'),
        expect.stringContaining('Auf Wiederhören'),
        { type: 'text', text: 'Sind Sie noch da?' },
      ],
      warned: undefined,
    });
  });

  it('is English where there is nothing else, and a warning names the settings', () => {
    expect(textsOf({ language: 'fi', goodbye: 'Hei hei.' })).toEqual({
      said: [expect.stringContaining('Sorry'), 'Hei hei.', { type: 'text', text: 'Are you still there?' }],
      warned: ['apology', 'silence.reprompt'],
    });
  });

  it('is what is set', () => {
    expect(textsOf({ language: 'fi', ...FINNISH }).warned).toBeUndefined();
    expect(textsOf({ language: 'fi', silence: { mode: 'never' } }).warned).toEqual(['apology', 'goodbye']);
    expect(textsOf({ silence: { reprompt: { generate: 'Ask.' } } }).said).toContainEqual({
      type: 'generated',
      messages: [{ role: 'user', text: 'Ask.' }],
    });
  });
});

function judgesSound(options: AgentOptions['endpointing'], wholeTurns = false): boolean {
  return turnSettings(defineAgent({ endpointing: options }), { ...recogniser, wholeTurns }, silentLogger).judgeSound;
}

it('has the sound judged where a model is set and the policy goes by it', () => {
  expect(judgesSound({})).toBe(false);
  expect(judgesSound({ soundModel: 'smart-turn' })).toBe(true);
  expect(judgesSound({ soundModel: 'smart-turn', policy: 'fixed' })).toBe(false);
  expect(judgesSound({ soundModel: 'smart-turn' }, true)).toBe(false);
});

const allInBatch = { stt: false, llm: false, tts: false };

it.each([
  ['as it is set', {}, 'ifSimilar', 2],
  ['as it is set, where one stage streams', { streaming: { ...allInBatch, tts: true } }, 'ifSimilar', 2],
  ['not, where stages run one after the other', { parallel: false }, 'off', 0],
  ['not, where none of them streams', { streaming: allInBatch }, 'off', 0],
] as const)('has replies prepared before the turn is over %s', (_, mode, policy, perReply) => {
  const { drafts, anticipation } = turnSettings(
    defineAgent({ drafts: { policy: 'ifSimilar' }, ...mode }),
    recogniser,
    silentLogger,
    true,
  );
  expect([drafts.policy, anticipation.perReply]).toEqual([policy, perReply]);
});
