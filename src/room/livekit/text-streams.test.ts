import {
  DataStream_ByteHeader,
  DataStream_Chunk,
  DataStream_Header,
  DataStream_TextHeader,
  DataStream_Trailer,
} from '@livekit/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MAX_CHUNK_BYTES, TextChunker, TextStreamAssembler } from './text-streams.ts';

const header = (streamId: string, attributes: Record<string, string> = {}): DataStream_Header =>
  new DataStream_Header({
    streamId,
    topic: 'lk.chat',
    attributes,
    contentHeader: { case: 'textHeader', value: new DataStream_TextHeader() },
  });
const chunk = (streamId: string, chunkIndex: number, text: string): DataStream_Chunk =>
  new DataStream_Chunk({ streamId, chunkIndex: BigInt(chunkIndex), content: new TextEncoder().encode(text) });
const trailer = (streamId: string, attributes: Record<string, string> = {}, reason = ''): DataStream_Trailer =>
  new DataStream_Trailer({ streamId, attributes, reason });

const decode = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('utf8');

describe('TextStreamAssembler', () => {
  it('puts interleaved streams together, also of two participants with the same stream id', () => {
    const texts = new TextStreamAssembler();
    texts.begin('ann', header('1'));
    texts.begin('bob', header('1'));
    texts.append('ann', chunk('1', 0, 'good '));
    texts.append('bob', chunk('1', 0, 'hel'));
    texts.append('ann', chunk('1', 1, 'day'));
    texts.append('bob', chunk('1', 1, 'lo'));
    expect(texts.finish('bob', trailer('1'))).toMatchObject({ identity: 'bob', topic: 'lk.chat', text: 'hello' });
    expect(texts.finish('ann', trailer('1'))).toMatchObject({ identity: 'ann', text: 'good day' });
    expect(texts.openCount).toBe(0);
  });

  it('joins a character whose bytes are split between chunks', () => {
    const texts = new TextStreamAssembler();
    const [first = 0, ...rest] = new TextEncoder().encode('世');
    texts.begin('ann', header('1'));
    texts.append('ann', new DataStream_Chunk({ streamId: '1', chunkIndex: 0n, content: Uint8Array.of(first) }));
    texts.append('ann', new DataStream_Chunk({ streamId: '1', chunkIndex: 1n, content: Uint8Array.from(rest) }));
    expect(texts.finish('ann', trailer('1'))).toMatchObject({ text: '世' });
  });

  it("lets the trailer's attributes win", () => {
    const texts = new TextStreamAssembler();
    texts.begin('ann', header('1', { a: 'old', b: 'kept' }));
    expect(texts.finish('ann', trailer('1', { a: 'new' }))).toMatchObject({ attributes: { a: 'new', b: 'kept' } });
  });

  it('ignores a repeated chunk and gives a stream up that misses one', () => {
    const texts = new TextStreamAssembler();
    texts.begin('ann', header('1'));
    texts.append('ann', chunk('1', 0, 'a'));
    expect(texts.append('ann', chunk('1', 0, 'a'))).toBeUndefined();
    expect(texts.append('ann', chunk('1', 2, 'c'))).toBe('missingChunk');
    expect(texts.finish('ann', trailer('1'))).toBe('unknownStream');
  });

  it('gives up what is aborted, too long, no text, or never begun', () => {
    const texts = new TextStreamAssembler();
    texts.begin('ann', header('1'));
    expect(texts.finish('ann', trailer('1', {}, 'cancelled'))).toBe('aborted');
    texts.begin('ann', header('2'));
    expect(texts.append('ann', chunk('2', 0, 'x'.repeat(256 * 1024)))).toBeUndefined();
    expect(texts.append('ann', chunk('2', 1, 'x'))).toBe('tooLong');
    const bytes = new DataStream_Header({
      streamId: '3',
      contentHeader: { case: 'byteHeader', value: new DataStream_ByteHeader() },
    });
    expect(texts.begin('ann', bytes)).toBe('notText');
    expect(texts.append('ann', chunk('3', 0, 'x'))).toBe('unknownStream');
    expect(texts.openCount).toBe(0);
  });

  it('keeps at most 64 streams open, the youngest, and none of a participant who left', () => {
    const texts = new TextStreamAssembler();
    for (let count = 0; count < 64; count += 1) expect(texts.begin('ann', header(`${count}`))).toBeUndefined();
    expect(texts.begin('bob', header('0'))).toBe('tooManyStreams');
    expect(texts.openCount).toBe(64);
    expect(texts.finish('ann', trailer('0'))).toBe('unknownStream');
    texts.forget('ann');
    expect(texts.openCount).toBe(1);
    expect(texts.finish('bob', trailer('0'))).toMatchObject({ text: '' });
  });
});

describe('TextChunker', () => {
  it('never splits a character, never exceeds the limit, and loses nothing, however the text is cut into writes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('🦜'.repeat(5000), `a${'世'.repeat(6000)}`, `ab${'é'.repeat(8000)}`),
    );
    const cuts = fc.array(fc.nat(60_000), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), cuts, (pieces, at) => {
        const text = pieces.join('');
        const chunker = new TextChunker();
        const bounds = [0, ...at.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const chunks = bounds.slice(1).flatMap((end, index) => [...chunker.write(text.slice(bounds[index], end))]);
        chunks.push(...chunker.end());
        const strict = new TextDecoder('utf-8', { fatal: true });
        for (const bytes of chunks) {
          expect(bytes.byteLength).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
          expect(() => strict.decode(bytes)).not.toThrow();
        }
        expect(decode(chunks) === text).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('replaces half of a surrogate pair that stays alone', () => {
    const chunker = new TextChunker();
    expect([...chunker.write('a\u{d83e}')].map((bytes) => decode([bytes]))).toEqual(['a']);
    expect(decode([...chunker.end()])).toBe('\u{fffd}');
  });
});
