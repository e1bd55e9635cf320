// What the recognising thread and its owner tell each other. `stream` numbers the streams of one thread.

import type { SttEvent } from '../port.ts';
import type { SpeechGrammar } from './grammar.ts';

/** Given to the thread when it starts. */
export interface WorkerData {
  readonly grammar: SpeechGrammar;
}

export type Request =
  | { readonly type: 'open'; readonly stream: number }
  | {
      readonly type: 'audio';
      readonly stream: number;
      readonly samples: Int16Array<ArrayBuffer>;
      readonly timestamp: number;
    }
  | { readonly type: 'finalize'; readonly stream: number }
  | { readonly type: 'close'; readonly stream: number };

export type Response =
  | { readonly type: 'opened'; readonly stream: number }
  | { readonly type: 'event'; readonly stream: number; readonly event: SttEvent }
  /** The thread fell behind and left out the oldest audio. */
  | { readonly type: 'dropped'; readonly stream: number; readonly frameCount: number }
  | { readonly type: 'failed'; readonly stream: number; readonly message: string };
