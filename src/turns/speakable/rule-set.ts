// Which rules hold for a phrase. Their regular expressions take tens of milliseconds to compile the first time, so that
// each set is made once in a process; `SpeakableText` can be warmed up by any text.

import { calendarRules, dayRules } from './calendar-rules.ts';
import type { Language } from './language.ts';
import { numberRules } from './number-rules.ts';
import { quantityRules } from './quantity-rules.ts';
import type { Rule } from './rule.ts';
import { webRules } from './web-rules.ts';
import { languageWordRules, PUNCTUATION_RULES, SMILEY_RULE } from './word-rules.ts';

export interface RuleSet {
  readonly forWords: readonly Rule[];
  /** For phrases with digits in them. */
  readonly forNumbers: readonly Rule[];
}

const WITHOUT_DATA = withoutData();
const WITH_NUMBERS = new WeakMap<Language, RuleSet>();
const WITHOUT_NUMBERS = new WeakMap<Language, RuleSet>();

export function ruleSetOf(language: Language | undefined, numbers: 'words' | 'asIs'): RuleSet {
  if (language === undefined) return WITHOUT_DATA;
  const sets = numbers === 'words' ? WITH_NUMBERS : WITHOUT_NUMBERS;
  const set = sets.get(language) ?? (numbers === 'words' ? withNumbers(language) : withoutNumbers(language));
  sets.set(language, set);
  return set;
}

function withoutData(): RuleSet {
  const rules = [...webRules(undefined), SMILEY_RULE, ...PUNCTUATION_RULES];
  return { forWords: rules, forNumbers: rules };
}

function withNumbers(language: Language): RuleSet {
  const first = [...webRules(language), SMILEY_RULE];
  const last = [...languageWordRules(language), ...PUNCTUATION_RULES];
  const days = dayRules(language);
  const counts = [...calendarRules(language), ...quantityRules(language), ...numberRules(language)];
  return { forWords: [...first, ...days, ...last], forNumbers: [...first, ...counts, ...days, ...last] };
}

function withoutNumbers(language: Language): RuleSet {
  const first = [...webRules(language), SMILEY_RULE];
  return {
    forWords: [...first, ...languageWordRules(language), ...PUNCTUATION_RULES],
    forNumbers: [...first, ...PUNCTUATION_RULES],
  };
}
