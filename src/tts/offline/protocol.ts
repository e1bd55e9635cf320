// What the synthesising thread and its owner tell each other.

import type { OfflineVoice } from './flite.ts';
import type { Piece } from './pieces.ts';

export type Request =
  | { readonly type: 'speak'; readonly id: number; readonly text: string; readonly voice: OfflineVoice }
  /** Takes a request back that has not begun; one that has runs to its end, at most a sentence. */
  | { readonly type: 'cancel'; readonly id: number };

export type Response =
  | {
      readonly type: 'spoken';
      readonly id: number;
      readonly samples: Int16Array<ArrayBuffer>;
      readonly pieces: readonly Piece[];
    }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
