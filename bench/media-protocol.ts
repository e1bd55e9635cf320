// What the processes of the media benchmark tell each other over Node's IPC channel.

/** Rooms of one run; caller and agent of a room know only its name. */
export interface Load {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly rooms: readonly string[];
}

export type ToWorker =
  | { readonly type: 'start'; readonly load: Load }
  /** Agent only: begin to count, and then tell what was counted. */
  | { readonly type: 'measure'; readonly durationMs: number }
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
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'measured'; readonly figures: MediaFigures }
  | { readonly type: 'stopped' };

/** Sends to the parent process. */
export function tellParent(message: FromWorker): void {
  process.send?.(message);
}
