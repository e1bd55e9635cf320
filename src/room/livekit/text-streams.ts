// LiveKit text streams (livekit_models.proto, DataStream): a header, chunks of UTF-8, a trailer; any number interleaved.
// Byte streams and edits of earlier streams (operationType UPDATE) are left out.

import type { DataStream_Chunk, DataStream_Header, DataStream_Trailer } from '@livekit/protocol';

/** Most bytes of text in one chunk: LiveKit keeps a data packet below 16 KB, and the envelope takes its share. */
export const MAX_CHUNK_BYTES = 14_000;
/** Longest text taken from a participant: about fifty pages; nothing a caller writes comes near it. */
const MAX_TEXT_BYTES = 256 * 1024;
/** Streams kept open at once; with the bound above that is 16 MB at worst. The oldest gives way. */
const MAX_OPEN_STREAMS = 64;

/** A text stream, complete. */
export interface CompleteText {
  readonly identity: string;
  readonly topic: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Why (part of) a stream was discarded. */
export type TextDrop = 'notText' | 'tooManyStreams' | 'unknownStream' | 'missingChunk' | 'tooLong' | 'aborted';

interface OpenStream {
  readonly identity: string;
  readonly header: DataStream_Header;
  readonly chunks: Uint8Array[];
  nextIndex: number;
  byteCount: number;
}

/** Puts streams together; every method says what was dropped, if anything. */
export class TextStreamAssembler {
  readonly #open = new Map<string, OpenStream>();

  /** Streams begun and not yet ended. */
  get openCount(): number {
    return this.#open.size;
  }

  begin(identity: string, header: DataStream_Header): TextDrop | undefined {
    if (header.contentHeader.case !== 'textHeader') return 'notText';
    let drop: TextDrop | undefined;
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN_STREAMS && oldest !== undefined) {
      this.#open.delete(oldest);
      drop = 'tooManyStreams';
    }
    this.#open.set(streamKey(identity, header.streamId), {
      identity,
      header,
      chunks: [],
      nextIndex: 0,
      byteCount: 0,
    });
    return drop;
  }

  /** A chunk seen before is ignored; one that skips another, or is too much, ends the stream without a text. */
  append(identity: string, { streamId, chunkIndex, content }: DataStream_Chunk): TextDrop | undefined {
    const key = streamKey(identity, streamId);
    const stream = this.#open.get(key);
    if (stream === undefined) return 'unknownStream';
    if (chunkIndex < stream.nextIndex) return undefined;
    const drop: TextDrop | undefined =
      chunkIndex > stream.nextIndex
        ? 'missingChunk'
        : stream.byteCount + content.byteLength > MAX_TEXT_BYTES
          ? 'tooLong'
          : undefined;
    if (drop !== undefined) {
      this.#open.delete(key);
      return drop;
    }
    stream.nextIndex += 1;
    if (content.byteLength > 0) stream.chunks.push(content);
    stream.byteCount += content.byteLength;
    return undefined;
  }

  /** The text, or why there is none. The trailer's attributes win over the header's. */
  finish(identity: string, { streamId, reason, attributes }: DataStream_Trailer): CompleteText | TextDrop {
    const key = streamKey(identity, streamId);
    const stream = this.#open.get(key);
    if (stream === undefined) return 'unknownStream';
    this.#open.delete(key);
    if (reason !== '') return 'aborted';
    return {
      identity,
      topic: stream.header.topic,
      text: Buffer.concat(stream.chunks).toString('utf8'),
      attributes: { ...stream.header.attributes, ...attributes },
    };
  }

  /** Forgets what a participant who left did not finish. */
  forget(identity: string): void {
    for (const [key, stream] of this.#open) if (stream.identity === identity) this.#open.delete(key);
  }
}

/**
 * Cuts text, as it is written, into UTF-8 chunks of at most `MAX_CHUNK_BYTES` that never split a character.
 * A surrogate pair that is split between two writes is kept together.
 */
export class TextChunker {
  readonly #encoder = new TextEncoder();
  #heldSurrogate = '';

  *write(text: string): Generator<Uint8Array<ArrayBuffer>> {
    let rest = this.#heldSurrogate + text;
    this.#heldSurrogate = '';
    const last = rest.charCodeAt(rest.length - 1);
    if (last >= 0xd8_00 && last <= 0xdb_ff) {
      this.#heldSurrogate = rest.slice(-1);
      rest = rest.slice(0, -1);
    }
    while (rest !== '') {
      const buffer = new Uint8Array(Math.min(rest.length * 3, MAX_CHUNK_BYTES));
      const { read, written } = this.#encoder.encodeInto(rest, buffer);
      yield buffer.subarray(0, written);
      rest = rest.slice(read);
    }
  }

  /** What was still held: a lone surrogate, as U+FFFD. */
  *end(): Generator<Uint8Array<ArrayBuffer>> {
    if (this.#heldSurrogate !== '') yield this.#encoder.encode(this.#heldSurrogate);
    this.#heldSurrogate = '';
  }
}

// The length keeps ("a", "bc") and ("ab", "c") apart.
function streamKey(identity: string, streamId: string): string {
  return `${identity.length}:${identity}${streamId}`;
}
