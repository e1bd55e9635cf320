// How fast the stand-ins of the services are, and what of the agent is switched on.

import type { AgentOptions } from '../../src/agent.ts';

export interface ServiceTimes {
  /** From the end of a word to its transcript. */
  readonly sttMs: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly firstByteMs: number;
  /** How much faster than real time the voice comes; at once by default. */
  readonly paceFactor?: number;
}

export const profiles = {
  fast: { sttMs: 100, firstTokenMs: 120, tokenMs: 10, firstByteMs: 80 },
  usual: { sttMs: 150, firstTokenMs: 350, tokenMs: 20, firstByteMs: 150 },
} satisfies Readonly<Record<string, ServiceTimes>>;

export interface HeardMode {
  readonly settings: AgentOptions;
  /** Of the command `repartee join`. */
  readonly flags: readonly string[];
}

const draftsOff: AgentOptions = { drafts: { policy: 'off' } };

export const modes = {
  batch: { settings: draftsOff, flags: ['--batch', 'stt,llm,tts', '--no-parallel'] },
  streaming: { settings: draftsOff, flags: [] },
  drafts: { settings: { drafts: { waitMs: 0 } }, flags: [] },
  full: { settings: {}, flags: [] },
} satisfies Readonly<Record<string, HeardMode>>;
