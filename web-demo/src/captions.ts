// What was said so far, as a pure reducer over LiveKit's transcription streams
// (https://docs.livekit.io/agents/build/text/#transcriptions): a segment is sent again and again until it is final.

export type Speaker = 'caller' | 'agent';

export interface Caption {
  readonly id: string;
  readonly speaker: Speaker;
  readonly text: string;
  /** Will not be revised. */
  readonly final: boolean;
  /** Typed by the caller, not spoken. */
  readonly typed: boolean;
  /** Which stream the text came from, in the order in which the streams began. */
  readonly streamOrder: number;
}

/** The text so far of one transcription stream. */
export interface CaptionUpdate {
  readonly segmentId: string;
  /** Counts the streams as they begin: of two streams on the same segment, the later one holds its newer text. */
  readonly streamOrder: number;
  readonly speaker: Speaker;
  readonly text: string;
  readonly final: boolean;
}

/** Takes a new text for a segment in; a segment that turns out to be nothing disappears. */
export function captionsAfter(captions: readonly Caption[], update: CaptionUpdate): readonly Caption[] {
  const { segmentId, speaker, streamOrder, final } = update;
  const text = update.text.trim();
  // Both sides may count their segments from the same number.
  const id = `${speaker}:${segmentId}`;
  const index = captions.findIndex((caption) => caption.id === id);
  const known = captions[index];
  if (known !== undefined && known.streamOrder > streamOrder) return captions;
  if (text === '') return final && known !== undefined ? captions.toSpliced(index, 1) : captions;
  const caption: Caption = { id, speaker, text, final, typed: false, streamOrder };
  return known === undefined ? [...captions, caption] : captions.with(index, caption);
}

/** Adds what the caller typed. */
export function captionsAfterTyping(captions: readonly Caption[], text: string): readonly Caption[] {
  const typedCount = captions.filter((caption) => caption.typed).length;
  const id = `typed:${typedCount + 1}`;
  return [...captions, { id, speaker: 'caller', text, final: true, typed: true, streamOrder: 0 }];
}

/** The call is over: nothing will be revised any more. */
export function captionsAtEnd(captions: readonly Caption[]): readonly Caption[] {
  return captions.map((caption) => ({ ...caption, final: true }));
}
