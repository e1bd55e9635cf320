// What stands above the examples: how far the agent understands and answers what is not among them.

import type { AgentDescription } from './api.ts';

export interface ExamplesText {
  readonly title: string;
  readonly hint: string;
}

export function examplesText({ recognises, answers }: Pick<AgentDescription, 'recognises' | 'answers'>): ExamplesText {
  const choose = 'Say one, or choose it to send it as text.';
  if (recognises === 'examples' && answers === 'examples') {
    return { title: 'Offline mode understands these sentences', hint: choose };
  }
  if (recognises === 'examples') {
    return {
      title: 'Spoken, it understands these sentences only',
      hint: 'Speech is recognised offline, the answers are not: type whatever you like.',
    };
  }
  if (answers === 'examples') {
    return { title: 'The offline front desk answers these questions', hint: `It hears anything else, too. ${choose}` };
  }
  return { title: 'You can ask, for example', hint: choose };
}
