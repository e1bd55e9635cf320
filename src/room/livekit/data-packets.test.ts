import {
  ChatMessage,
  DataPacket,
  DataPacket_Kind,
  Encryption_Type,
  EncryptedPacket,
  SipDTMF,
  UserPacket,
} from '@livekit/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeDataPacket, encodeData, TextStreamEncoder } from './data-packets.ts';
import { TextStreamAssembler } from './text-streams.ts';

const decode = (packet: DataPacket): unknown => decodeDataPacket(packet.toBinary(), new TextStreamAssembler());

const chat = (deleted: boolean): DataPacket =>
  new DataPacket({
    participantIdentity: 'ann',
    value: { case: 'chatMessage', value: new ChatMessage({ message: 'hi', deleted }) },
  });

describe('decodeDataPacket', () => {
  it('says who sent data, or that the server did', () => {
    const value = { case: 'user', value: new UserPacket({ payload: Uint8Array.of(1, 2), topic: 't' }) } as const;
    expect(decode(new DataPacket({ participantIdentity: 'ann', value }))).toEqual({
      type: 'data',
      topic: 't',
      payload: Uint8Array.of(1, 2),
      identity: 'ann',
    });
    expect(decode(new DataPacket({ value }))).toMatchObject({ type: 'data', identity: undefined });
  });

  it('takes chat of older front ends as text on lk.chat, but for deletions', () => {
    expect(decode(chat(false))).toEqual({
      type: 'text',
      topic: 'lk.chat',
      text: 'hi',
      identity: 'ann',
      attributes: {},
    });
    expect(decode(chat(true))).toMatchObject({ type: 'dropped' });
  });

  it.each([
    [{ code: 5, digit: '5' }, '5'],
    [{ code: 10, digit: '*' }, '*'],
    [{ code: 11, digit: '' }, '#'],
    [{ code: 0, digit: 'd' }, 'D'],
  ])('takes the key of a telephone by its name, or by its code: %o', (dtmf, key) => {
    const value = { case: 'sipDtmf', value: new SipDTMF(dtmf) } as const;
    expect(decode(new DataPacket({ participantIdentity: 'ann', value }))).toEqual({
      type: 'dtmf',
      identity: 'ann',
      key,
    });
  });

  it.each([
    { code: 16, digit: '' },
    { code: 1, digit: '12' },
    { code: 1, digit: 'x' },
    { code: 4_000_000_000, digit: '' },
  ])('drops what is no key of a telephone: %o', (dtmf) => {
    const value = { case: 'sipDtmf', value: new SipDTMF(dtmf) } as const;
    expect(decode(new DataPacket({ participantIdentity: 'ann', value }))).toEqual({
      type: 'dropped',
      reason: 'no such key',
    });
  });

  it('drops what it has no key or no word for', () => {
    const value = new EncryptedPacket({ encryptionType: Encryption_Type.GCM });
    expect(decode(new DataPacket({ value: { case: 'encryptedPacket', value } }))).toEqual({
      type: 'dropped',
      reason: 'unsupported',
    });
  });

  it('never throws, whatever the bytes', () => {
    const texts = new TextStreamAssembler();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = decodeDataPacket(bytes, texts);
        expect(result === undefined || typeof result.type === 'string').toBe(true);
      }),
    );
    expect(decodeDataPacket(Uint8Array.of(0xff, 0xff), texts)).toEqual({ type: 'dropped', reason: 'malformed' });
  });
});

describe('what we send', () => {
  it('bears kind, topic and destinations', () => {
    const packet = DataPacket.fromBinary(
      encodeData(Uint8Array.of(9), { topic: 't', reliable: false, destinationIdentities: ['ann'] }),
    );
    expect(packet.kind).toBe(DataPacket_Kind.LOSSY);
    expect(packet.destinationIdentities).toEqual(['ann']);
    expect(packet.value).toMatchObject({ case: 'user', value: { topic: 't', payload: Uint8Array.of(9) } });
  });

  it('is refused when LiveKit would not carry it', () => {
    expect(() => encodeData(new Uint8Array(15_001), { topic: 't', reliable: true })).toThrow(RangeError);
  });

  it('as a text stream is what the receiving half understands', () => {
    const texts = new TextStreamAssembler();
    const encoder = new TextStreamEncoder('id', {
      topic: 'lk.transcription',
      attributes: { final: 'false' },
      senderIdentity: 'ann',
    });
    const packets = [
      encoder.header(1_700_000_000_000.4),
      encoder.chunk(new TextEncoder().encode('hello ')),
      encoder.chunk(new TextEncoder().encode('world')),
      encoder.trailer({ final: 'true' }),
    ];
    expect(packets.map((packet) => decodeDataPacket(packet, texts)).at(-1)).toEqual({
      type: 'text',
      topic: 'lk.transcription',
      text: 'hello world',
      identity: 'ann',
      attributes: { final: 'true' },
    });
  });
});
