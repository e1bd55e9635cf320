import { expect, it } from 'vitest';

import { defineAgent } from '../agent.ts';
import type { AgentOptions } from '../agent.ts';
import { createLogger } from '../lib/log.ts';
import type { SpeechToText } from '../stt/port.ts';
import { turnSettings } from './turn-settings.ts';

const recogniser: SpeechToText = {
  name: 'none',
  wordTimes: false,
  open: () => Promise.reject(new Error('not asked for')),
  close: () => Promise.resolve(),
};

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
  const { lines, silenceMs } = policyOf({ language: 'fi' });
  silenceMs('kyllä');
  silenceMs('ei');
  expect(lines).toEqual(['no endpointing rules for this language: turns end by punctuation and pauses']);
});
