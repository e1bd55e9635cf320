// What travels on LiveKit's data channels (livekit_models.proto, DataPacket), to and from the port's words.
// Transcriptions of the old kind, calls of our methods (RPC), metrics and encrypted packets are left out.

import {
  type ChatMessage,
  DataPacket,
  DataPacket_Kind,
  DataStream_Chunk,
  DataStream_Header,
  DataStream_TextHeader,
  DataStream_Trailer,
  UserPacket,
} from '@livekit/protocol';
import { unreachable } from '../../lib/errors.ts';
import { dtmfKey } from '../../rtp/dtmf.ts';
import type { DataOptions, RoomEvent, TextOptions } from '../port.ts';
import type { CallAnswer } from './round-trip-probe.ts';
import type { TextDrop, TextStreamAssembler } from './text-streams.ts';

export type DataEvent = Extract<RoomEvent, { type: 'data' | 'text' | 'dtmf' }>;
/** A packet was discarded, and why. */
export interface PacketDrop {
  readonly type: 'dropped';
  readonly reason: TextDrop | 'malformed' | 'unsupported' | 'no such key';
}

/** What fits into a data packet besides its envelope (https://docs.livekit.io/home/client/data/packets/). */
const MAX_PAYLOAD_BYTES = 15_000;
/** LiveKit's topic for what people type. */
const CHAT_TOPIC = 'lk.chat';

/** Decodes one message of a data channel; `undefined` while a text stream is incomplete. Never throws. */
export function decodeDataPacket(
  bytes: Uint8Array,
  texts: TextStreamAssembler,
): DataEvent | CallAnswer | PacketDrop | undefined {
  let packet: DataPacket;
  try {
    packet = DataPacket.fromBinary(bytes);
  } catch {
    return { type: 'dropped', reason: 'malformed' };
  }
  const { participantIdentity: identity, value } = packet;
  switch (value.case) {
    case 'user':
      return {
        type: 'data',
        topic: value.value.topic ?? '',
        payload: value.value.payload,
        // Empty where the server's API sent it.
        identity: identity === '' ? undefined : identity,
      };
    case 'chatMessage':
      return chatEvent(identity, value.value);
    case 'streamHeader':
      return dropped(texts.begin(identity, value.value));
    case 'streamChunk':
      return dropped(texts.append(identity, value.value));
    case 'streamTrailer': {
      const text = texts.finish(identity, value.value);
      return typeof text === 'string' ? dropped(text) : { type: 'text', ...text };
    }
    case 'sipDtmf': {
      const key = dtmfKey(value.value.digit, value.value.code);
      return key === undefined ? { type: 'dropped', reason: 'no such key' } : { type: 'dtmf', identity, key };
    }
    case 'rpcAck':
    case 'rpcResponse':
      return { type: 'callAnswered', requestId: value.value.requestId, identity };
    case 'transcription':
    case 'speaker':
    case 'metrics':
    case 'rpcRequest':
    case 'encryptedPacket':
    case undefined:
      return { type: 'dropped', reason: 'unsupported' };
    default:
      return unreachable(value);
  }
}

/** Chat of front ends that are older than text streams. */
function chatEvent(identity: string, { message, deleted }: ChatMessage): DataEvent | PacketDrop {
  if (deleted) return { type: 'dropped', reason: 'unsupported' };
  return { type: 'text', topic: CHAT_TOPIC, text: message, identity, attributes: {} };
}

function dropped(reason: TextDrop | undefined): PacketDrop | undefined {
  return reason === undefined ? undefined : { type: 'dropped', reason };
}

/** Throws `RangeError` for a payload of more than 15 000 bytes: LiveKit wants packets below 16 KB. */
export function encodeData(payload: Uint8Array, { topic, reliable, destinationIdentities }: DataOptions): Uint8Array {
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a data message holds at most ${MAX_PAYLOAD_BYTES} bytes, not ${payload.byteLength}`);
  }
  return new DataPacket({
    kind: reliable ? DataPacket_Kind.RELIABLE : DataPacket_Kind.LOSSY,
    destinationIdentities: [...(destinationIdentities ?? [])],
    value: { case: 'user', value: new UserPacket({ payload: new Uint8Array(payload), topic }) },
  }).toBinary();
}

/** One outgoing text stream's packets, in the order header, chunks, trailer. */
export class TextStreamEncoder {
  readonly #streamId: string;
  readonly #options: TextOptions;
  #chunkCount = 0n;

  constructor(streamId: string, options: TextOptions) {
    this.#streamId = streamId;
    this.#options = options;
  }

  header(epochMs: number): Uint8Array {
    const value = new DataStream_Header({
      streamId: this.#streamId,
      timestamp: BigInt(Math.round(epochMs)),
      topic: this.#options.topic,
      mimeType: 'text/plain',
      attributes: { ...this.#options.attributes },
      contentHeader: { case: 'textHeader', value: new DataStream_TextHeader() },
    });
    return this.#packet({ case: 'streamHeader', value });
  }

  chunk(content: Uint8Array<ArrayBuffer>): Uint8Array {
    const value = new DataStream_Chunk({ streamId: this.#streamId, chunkIndex: this.#chunkCount, content });
    this.#chunkCount += 1n;
    return this.#packet({ case: 'streamChunk', value });
  }

  trailer(attributes: Readonly<Record<string, string>> = {}): Uint8Array {
    const value = new DataStream_Trailer({ streamId: this.#streamId, attributes: { ...attributes } });
    return this.#packet({ case: 'streamTrailer', value });
  }

  #packet(value: DataPacket['value']): Uint8Array {
    return new DataPacket({
      kind: DataPacket_Kind.RELIABLE,
      participantIdentity: this.#options.senderIdentity ?? '',
      value,
    }).toBinary();
  }
}
