// The text streams `lk.transcription` of a room, both sides', as they come in.
// Attributes: https://docs.livekit.io/agents/multimodality/text/ (lk.segment_id, lk.transcription_final, lk.transcribed_track_id).
// Leaves out the attributes with which a stream may end: rtc-node doesn't show them.

import type { TextStreamReader } from '@livekit/rtc-node';

import { systemClock } from '../../src/lib/clock.ts';
import type { Changes } from './changes.ts';

export const TRANSCRIPTION_TOPIC = 'lk.transcription';

/** One text stream. Interims of one segment are streams of their own. */
export interface Caption {
  /** Who is said to have spoken. */
  readonly identity: string;
  readonly segmentId: string | undefined;
  /** As stated when the stream began. */
  readonly final: boolean;
  readonly trackSid: string | undefined;
  readonly openedAtMs: number;
  readonly text: string;
  /** The stream has ended: `text` is complete. */
  readonly complete: boolean;
}

export class Captions {
  readonly #changes: Changes;
  readonly #all: { -readonly [Name in keyof Caption]: Caption[Name] }[] = [];

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** In the order in which they began. */
  get all(): readonly Caption[] {
    return this.#all;
  }

  /** Those of one speaker since an instant. */
  of(identity: string, after = 0): readonly Caption[] {
    return this.#all.filter((caption) => caption.identity === identity && caption.openedAtMs >= after);
  }

  /** Reads a stream to its end. One that breaks off, because somebody left, stays incomplete. */
  async collect(reader: TextStreamReader, identity: string): Promise<void> {
    const attributes = reader.info.attributes ?? {};
    const caption = {
      identity,
      segmentId: attributes['lk.segment_id'],
      final: attributes['lk.transcription_final'] === 'true',
      trackSid: attributes['lk.transcribed_track_id'],
      openedAtMs: systemClock.nowMs(),
      text: '',
      complete: false,
    };
    this.#all.push(caption);
    this.#changes.notify();
    try {
      for await (const chunk of reader) {
        caption.text += chunk;
        this.#changes.notify();
      }
      caption.complete = true;
      this.#changes.notify();
    } catch {
      // The text is there as far as it came; tests look at `complete`.
    }
  }
}
