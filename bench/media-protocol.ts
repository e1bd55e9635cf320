// What the processes of the media benchmark tell each other over Node's IPC channel.

import type { PartSeconds } from './media-profile.ts';

export const AGENT_IDENTITY = 'agent';

/** One call; caller and agent know only the room's name. */
export interface Call {
  readonly roomName: string;
  /** Callers with another number speak at another time. */
  readonly number: number;
  /** Whether the turns are accounted for, with a page that helps. */
  readonly account: Account;
}

/** `alone`: by the agent, whose pings nobody answers. `none`: the agent does nothing for it. */
export type Account = 'alone' | 'withPage' | 'none';

/** The calls of one process. */
export interface Load {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly calls: readonly Call[];
}

export type ToWorker =
  | { readonly type: 'start'; readonly load: Load }
  /** Agent only: begin to count, and then tell what was counted. */
  | { readonly type: 'measure'; readonly durationMs: number; readonly profiled: boolean }
  | { readonly type: 'stop' };

export interface MediaFigures {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly residentBytes: number;
  /** RTP arrival → written to recognition, of frames that came in order. */
  readonly arrivalToSttMs: readonly number[];
  /** Sent after its due instant within its talkspurt. */
  readonly latenessMs: readonly number[];
  readonly replyCount: number;
  /** Where it was asked for. */
  readonly secondsByPart?: PartSeconds;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'measured'; readonly figures: MediaFigures }
  | { readonly type: 'stopped' };

/** Sends to the parent process. */
export function tellParent(message: FromWorker): void {
  process.send?.(message);
}
