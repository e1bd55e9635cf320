// An outgoing text stream: what is written goes out at once, in chunks.

import { randomUUID } from 'node:crypto';
import type { TextOptions, TextWriter } from '../port.ts';
import { TextStreamEncoder } from './data-packets.ts';
import { TextChunker } from './text-streams.ts';

/** Begins a text stream on a reliable, ordered way to the server (`send`). */
export function openTextWriter(
  options: TextOptions,
  { send, epochMs }: { readonly send: (packet: Uint8Array) => void; readonly epochMs: number },
): TextWriter {
  const encoder = new TextStreamEncoder(randomUUID(), options);
  const chunker = new TextChunker();
  let closed = false;
  send(encoder.header(epochMs));
  return {
    write(text) {
      if (closed) return;
      for (const chunk of chunker.write(text)) send(encoder.chunk(chunk));
    },
    close(attributes) {
      if (closed) return;
      closed = true;
      for (const chunk of chunker.end()) send(encoder.chunk(chunk));
      send(encoder.trailer(attributes));
    },
  };
}
