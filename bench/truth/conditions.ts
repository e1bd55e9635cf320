// Under what the account is compared with the truth.

import type { Impairment } from '../impairment.ts';

export interface Condition {
  /** On whose machine the agent is heard. */
  readonly caller: 'rtc-node' | 'page';
  /** Noise of the caller's room, below their speech; undefined: none. */
  readonly snrDb?: number;
  /** The caller's clocks are 500 ms off and gain 100 ppm: all of them, as libfaketime makes a whole process believe. */
  readonly skewed?: true;
  /** Of the caller's way to the server and back; the agent's own stays as it is. */
  readonly up?: Partial<Impairment>;
  readonly down?: Partial<Impairment>;
  /** Milliseconds, absolute error of the account: half and 95 % of all turns are to be within. */
  readonly wanted?: { readonly p50Ms?: number; readonly p95Ms: number };
  /** The stated bound itself. */
  readonly wantedBound?: { readonly p50Ms: number; readonly p95Ms: number };
}

const clean = { p50Ms: 8, p95Ms: 20 };
const lossy: Partial<Impairment> = { lossRatio: 0.05, jitterMs: 30 };

export const conditions = {
  'rtc-node': { caller: 'rtc-node', wanted: clean },
  'rtc-node, clock off': { caller: 'rtc-node', skewed: true, wanted: clean },
  'rtc-node, 20 dB SNR': { caller: 'rtc-node', snrDb: 20 },
  'rtc-node, 10 dB SNR': { caller: 'rtc-node', snrDb: 10 },
  page: { caller: 'page', wanted: clean, wantedBound: { p50Ms: 15, p95Ms: 30 } },
  'page, 20 dB SNR': { caller: 'page', snrDb: 20 },
  'page, 10 dB SNR': { caller: 'page', snrDb: 10 },
  'page, 5 % loss, 30 ms jitter': { caller: 'page', up: lossy, down: lossy, wanted: { p95Ms: 30 } },
  'page, 60 ms up, 20 ms down': { caller: 'page', up: { delayMs: 60 }, down: { delayMs: 20 } },
} satisfies Readonly<Record<string, Condition>>;
