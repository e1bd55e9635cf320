// What the judging process and its owner tell each other. One turn at a time: the next one is given after an answer.

/** The first message. `sha256`: of the weights, where they must be known ones. */
export interface LoadRequest {
  readonly type: 'load';
  readonly weightsPath: string;
  readonly sha256: string | undefined;
}

export type JudgingRequest =
  | LoadRequest
  /** 16 kHz mono. */
  | { readonly type: 'judge'; readonly samples: Int16Array };

export type JudgingResponse =
  | { readonly type: 'ready' }
  /** `message` says what to do. */
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'judged'; readonly probability: number }
  | { readonly type: 'failed'; readonly message: string };
