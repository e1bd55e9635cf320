// What is switched on, from nothing to everything. Each mode adds one thing to the one before it.

import type { AgentOptions } from '../../src/agent.ts';

export interface BenchMode {
  readonly name: 'batch' | 'streaming' | 'drafts' | 'just-in-time' | 'anticipation';
  readonly description: string;
  readonly options: AgentOptions;
}

const withoutAnticipation: AgentOptions = { anticipation: { source: 'off' } };

const justInTime: BenchMode = {
  name: 'just-in-time',
  description: '+ decided as late as it is free',
  options: withoutAnticipation,
};

const anticipation: BenchMode = {
  name: 'anticipation',
  description: '+ replies prepared to what the caller will probably say next (the default)',
  options: {},
};

export const modes: readonly BenchMode[] = [
  {
    name: 'batch',
    description: 'each stage waits for the whole of the one before it',
    options: {
      streaming: { stt: false, llm: false, tts: false },
      parallel: false,
      drafts: { policy: 'off' },
      ...withoutAnticipation,
    },
  },
  {
    name: 'streaming',
    description: '+ all stages at once',
    options: { drafts: { policy: 'off' }, ...withoutAnticipation },
  },
  {
    name: 'drafts',
    description: '+ replies prepared in pauses; the decision does not wait for them',
    options: { drafts: { waitMs: 0 }, ...withoutAnticipation },
  },
  justInTime,
  anticipation,
];

/** Those of the trials: without anticipation, with what it is by default, and with answers that the model foresees. */
export const trialModes: readonly (BenchMode & { readonly title: string })[] = [
  { ...justInTime, title: 'just-in-time' },
  { ...anticipation, title: 'anticipation' },
  { ...anticipation, title: 'by the model', options: { anticipation: { source: 'model' } } },
];
