// What is switched on, from nothing to everything. Each mode adds one thing to the one before it.

import { agentSchema } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';

export interface BenchMode {
  readonly name: 'batch' | 'streaming' | 'drafts' | 'just-in-time' | 'anticipation';
  readonly description: string;
  readonly options: AgentOptions;
}

const hasAnticipation = 'anticipation' in agentSchema.shape;

export const modes: readonly BenchMode[] = [
  {
    name: 'batch',
    description: 'each stage waits for the whole of the one before it',
    options: {
      streaming: { stt: false, llm: false, tts: false },
      parallel: false,
      drafts: { policy: 'off' },
    },
  },
  {
    name: 'streaming',
    description: '+ all stages at once',
    options: { drafts: { policy: 'off' } },
  },
  {
    name: 'drafts',
    description: '+ replies prepared in pauses; the decision does not wait for them',
    options: { drafts: { waitMs: 0 } },
  },
  {
    name: 'just-in-time',
    description: '+ decided as late as it is free',
    options: {},
  },
];

/** Printed with the tables. */
export const modesLeftOut: readonly string[] = hasAnticipation
  ? ['anticipation: has trials of its own, which this bench does not hold yet']
  : ['anticipation: not a setting of the agent yet'];
