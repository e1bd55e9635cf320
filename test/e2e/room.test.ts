// A room of ours (werift) on a real LiveKit server, with participants on rtc-node: what each hears, reads and is told.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../../src/lib/clock.ts';
import { RoomError } from '../../src/lib/errors.ts';
import { Ticker } from '../../src/lib/ticker.ts';
import { opusscriptCodec } from '../../src/opus/opusscript.ts';
import { livekitRoom } from '../../src/room/livekit/index.ts';
import { FRAME_MS, FRAME_TICKS } from '../../src/rtp/packet.ts';
import { startInjectingRelay } from './injecting-relay.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { levelDbfs } from './pcm.ts';
import { OtherSide, OurSide, tokenFor, tone } from './room-fixture.ts';

let server: TestLivekitServer;
let roomCount = 0;
const cleanUps: (() => Promise<unknown>)[] = [];
const unhandled: unknown[] = [];
const noteUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled);
  server = await startLivekitServer();
});

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await server.close();
  process.off('unhandledRejection', noteUnhandled);
  if (unhandled.length > 0) throw new AggregateError(unhandled, 'unhandled rejections');
});

function newRoom(): string {
  roomCount += 1;
  return `room-${roomCount}`;
}

async function us(room: string, identity = 'agent'): Promise<OurSide> {
  const side = await OurSide.join({ server, room, identity });
  cleanUps.push(async () => side.room.close());
  return side;
}

async function other(
  room: string,
  identity = 'caller',
  options: { readonly topics?: readonly string[]; readonly listens?: boolean } = {},
): Promise<OtherSide> {
  const side = await OtherSide.join({ server, room, identity }, options);
  cleanUps.push(async () => side.leave());
  return side;
}

function service(): RoomServiceClient {
  return new RoomServiceClient(server.httpUrl, server.apiKey, server.apiSecret);
}

/** Random bytes, truncated and altered copies of true packets, and a header extension that claims 256 KB. */
function malformed(truePackets: readonly Buffer[]): readonly Buffer[] {
  const bomb = Buffer.alloc(1400, 0x10);
  Buffer.from('906f0001000000010000000abedeffff', 'hex').copy(bomb);
  const altered = truePackets.flatMap((packet) => {
    const flipped = Buffer.from(packet);
    const at = flipped.length >> 1;
    flipped[at] = (flipped[at] ?? 0) ^ 0x55;
    return [packet.subarray(0, 11), packet.subarray(0, packet.length - 1), flipped];
  });
  const noise = Array.from({ length: 100 }, (_, index) => {
    const bytes = randomBytes(index * 5);
    if (bytes.length > 0) bytes[0] = 0x80 | (index % 64);
    return bytes;
  });
  return [bomb, ...altered, ...noise, randomBytes(100), Buffer.alloc(0)];
}

/** What joining was rejected with; `undefined` when it succeeded. */
async function failure(url: string, token: string, signal = new AbortController().signal): Promise<unknown> {
  try {
    const room = await livekitRoom({ url, token })({ onEvent: () => undefined, signal });
    await room.close();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the way to a participant', () => {
  it('is bounded by what their program takes to refuse a call; one that answers nothing leaves it unknown', async () => {
    const room = newRoom();
    const agent = await us(room);
    const caller = await other(room);
    const silent = await us(room, 'silent');
    await agent.event('participantJoined', ({ participant }) => participant.identity === 'caller');
    const [measured, unanswered, nobody] = await Promise.all(
      ['caller', silent.room.localIdentity, 'nobody'].map(async (identity) => agent.room.measureRoundTrip(identity)),
    );
    expect(measured).toBeGreaterThan(0);
    expect(measured).toBeLessThan(2000);
    expect([unanswered, nobody]).toEqual([undefined, undefined]);
    await caller.leave();
  });
});

describe('audio', () => {
  it('is heard by others as soon as the room is joined', async () => {
    const room = newRoom();
    const caller = await other(room);
    const agent = await us(room);
    const sending = agent.sendTone(2000);
    await caller.until(() => caller.heard.isAudible(), 'the tone');
    const heardFromMs = systemClock.nowMs();
    await caller.until(() => caller.speakers.includes('agent'), 'the server to see us speak');
    await sending;
    const { samples } = caller.heard.since(heardFromMs);
    expect(samples.length).toBeGreaterThan(16_000 / 2);
    expect(levelDbfs(samples)).toBeGreaterThan(-20);
    expect(agent.room.localTrackSid).toMatch(/^TR_/);
    expect(agent.room.name).toBe(room);
    expect(agent.room.localIdentity).toBe('agent');
  });

  it('comes from the one who is listened to, in order and decodable, and nobody else is subscribed', async () => {
    const room = newRoom();
    const [caller, bystander] = await Promise.all([
      other(room, 'caller', { listens: false }),
      other(room, 'bystander', { listens: false }),
    ]);
    await Promise.all([caller.publish(), bystander.publish()]);
    const agent = await us(room);
    const ear = agent.hear('caller');
    await caller.until(() => caller.listenedTo, 'a subscriber');
    bystander.speak(tone(2000));
    caller.speak(tone(2000));
    const packets = await ear.speech(80);

    const ssrcs = new Set(packets.map(({ ssrc }) => ssrc));
    expect(ssrcs.size).toBe(1);
    const steps = packets
      .slice(1)
      .map(({ sequenceNumber }, index) => (sequenceNumber - (packets[index]?.sequenceNumber ?? 0) + 65_536) % 65_536);
    expect(new Set(steps)).toEqual(new Set([1]));
    const decoder = opusscriptCodec.createDecoder({ sampleRateHz: 16_000 });
    const levels = packets.map(({ payload }) => levelDbfs(decoder.decode(payload)));
    decoder.close();
    expect(Math.max(...levels)).toBeGreaterThan(-20);
    const arrivals = packets.map(({ arrivedAtMs }) => arrivedAtMs);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    expect(bystander.listenedTo).toBe(false);
  });

  it('goes on after silence with DTX, and after mute and unmute, which are told', async () => {
    const room = newRoom();
    const caller = await other(room);
    await caller.publish();
    const agent = await us(room);
    const ear = agent.hear('caller');
    await ear.until(() => ear.packets.filter(({ payload }) => payload.length <= 3).length >= 2, 'DTX packets');
    caller.speak(tone(1000));
    await ear.speech();

    caller.microphone.setMuted(true);
    await ear.until(() => ear.mutes.at(-1) === true, 'the mute');
    const { participant } = await agent.event(
      'participantUpdated',
      (event) => event.participant.microphone?.muted === true,
    );
    expect(participant.identity).toBe('caller');
    caller.microphone.setMuted(false);
    await ear.until(() => ear.mutes.at(-1) === false, 'the unmute');
    caller.speak(tone(1000));
    await ear.speech();
    expect(ear.mutes).toEqual([true, false]);
  });

  it('comes again when the participant leaves and comes back, and when it publishes another track', async () => {
    const room = newRoom();
    const agent = await us(room);
    const ear = agent.hear('caller');
    const first = await other(room);
    await first.publish();
    first.speak(tone(1000));
    const [before] = await ear.speech();
    await first.leave();
    await agent.event('participantLeft');

    const second = await other(room);
    await second.publish();
    second.speak(tone(1000));
    const [back] = await ear.speech();
    expect(back?.ssrc).not.toBe(before?.ssrc);

    await second.republish();
    second.speak(tone(1000));
    await ear.until(() => ear.packets.at(-1)?.ssrc !== back?.ssrc, 'packets of the other track');
    expect(ear.packets.at(-1)?.payload.length).toBeGreaterThan(0);
  });

  it('stops for a sink whose subscription is closed, while others go on hearing', async () => {
    const room = newRoom();
    const caller = await other(room);
    await caller.publish();
    const agent = await us(room);
    const ear = agent.hear('caller');
    caller.speak(tone(3000));
    await ear.speech();
    ear.subscription.close();
    const countAtClose = ear.packets.length;
    // Another listener shows that packets still come; the closed one must not get them.
    const second = agent.hear('caller');
    await second.speech();
    expect(ear.packets.length).toBe(countAtClose);
  });
});

describe('malformed media', () => {
  it('from the network is dropped and costs no packet', async () => {
    const relayed = await startLivekitServer({ rtcNodeIp: '127.0.0.2' });
    const relay = await startInjectingRelay('127.0.0.2', relayed.rtcPort);
    const caller = await OtherSide.join({ server: relayed, room: 'r', identity: 'caller' });
    await caller.publish();
    const agent = await OurSide.join({ server: relayed, room: 'r', identity: 'agent' });
    const ear = agent.hear('caller');
    caller.speak(tone(4000));
    await ear.speech();
    expect(relay.seen.length).toBeGreaterThan(20);
    for (const datagram of malformed(relay.seen)) relay.inject(datagram);
    const packets = await ear.speech(50);
    const gaps = packets.slice(1).filter((packet, index) => {
      const before = packets[index]?.sequenceNumber ?? 0;
      return (packet.sequenceNumber - before + 65_536) % 65_536 !== 1;
    });
    expect(gaps).toEqual([]);
    expect(agent.events.filter(({ type }) => type === 'closed')).toEqual([]);
    await agent.room.close();
    await caller.leave();
    await relay.close();
    await relayed.close();
  });

  it('from a participant is passed on as it is, but for packets without a payload', async () => {
    const room = newRoom();
    const [vandal, agent] = await Promise.all([us(room, 'vandal'), us(room)]);
    const ear = agent.hear('vandal');
    const payloads = [
      Buffer.alloc(0),
      randomBytes(1),
      randomBytes(1100),
      Buffer.alloc(0),
      Buffer.from('f8fffe', 'hex'),
    ];
    let sequenceNumber = 0;
    const ticker = new Ticker(systemClock, FRAME_MS, () => {
      const payload = payloads[sequenceNumber % payloads.length] ?? Buffer.alloc(0);
      sequenceNumber += 1;
      vandal.room.sendAudio({
        sequenceNumber,
        rtpTimestamp: sequenceNumber * FRAME_TICKS,
        marker: false,
        payload,
        audioLevelDbov: 0,
      });
    });
    await ear.until(() => ear.packets.length >= 12, 'packets');
    ticker.stop();
    expect(ear.packets.every(({ payload }) => payload.length > 0)).toBe(true);
    expect(new Set(ear.packets.map(({ payload }) => payload.length))).toEqual(new Set([1, 3, 1100]));
  });
});

/** Lossy messages may be lost, and are while their channel is not open: sends one after another until one has arrived. */
async function repeatedly<T>(send: () => void, arrival: () => Promise<T>): Promise<T> {
  const sending = setInterval(send, 100);
  try {
    return await arrival();
  } finally {
    clearInterval(sending);
  }
}

describe('messages', () => {
  it('are exchanged, reliable and lossy, with their topic and sender', async () => {
    const room = newRoom();
    const caller = await other(room);
    const agent = await us(room);
    await caller.meets('agent');
    agent.room.sendData(Buffer.from('certain'), { topic: 'a', reliable: true });
    await caller.until(() => caller.data.length === 1, 'the reliable message');
    await repeatedly(
      () =>
        agent.room.sendData(Buffer.from('maybe'), { topic: 'b', reliable: false, destinationIdentities: ['caller'] }),
      async () => caller.until(() => caller.data.length > 1, 'a lossy message'),
    );
    expect(caller.data.slice(0, 2)).toEqual([
      { topic: 'a', text: 'certain', from: 'agent' },
      { topic: 'b', text: 'maybe', from: 'agent' },
    ]);

    await caller.local.publishData(Buffer.from('back'), { reliable: true, topic: 'c' });
    const back = await agent.event('data', ({ topic }) => topic === 'c');
    expect(Buffer.from(back.payload).toString()).toBe('back');
    expect(back.identity).toBe('caller');
    const perhaps = await repeatedly(
      () => void caller.local.publishData(Buffer.from('perhaps'), { reliable: false, topic: 'd' }),
      async () => agent.event('data', ({ topic }) => topic === 'd'),
    );
    expect(perhaps.identity).toBe('caller');
  });

  it('are also the keys that others press, in their order', async () => {
    const room = newRoom();
    const caller = await other(room);
    const agent = await us(room);
    await caller.meets('agent');
    for (const [code, digit] of [
      [1, '1'],
      [2, '2'],
      [16, 'flash'],
      [11, '#'],
    ] as const) {
      await caller.local.publishDtmf(code, digit);
    }
    await agent.event('dtmf', ({ key }) => key === '#');
    const pressed = agent.events.filter((event) => event.type === 'dtmf');
    expect(pressed.map(({ identity, key }) => `${identity} ${key}`)).toEqual(['caller 1', 'caller 2', 'caller #']);
  });

  it('as text streams reach the others whole, however long, two at a time, with attributes and whose text it is', async () => {
    const room = newRoom();
    const caller = await other(room, 'caller', { topics: ['lk.transcription'] });
    const agent = await us(room);
    const long = 'Grüße, 世界! 🦜 '.repeat(3000);
    const mine = agent.room.openText({ topic: 'lk.transcription', attributes: { final: 'false', segment: 's1' } });
    const theirs = agent.room.openText({ topic: 'lk.transcription', senderIdentity: 'caller' });
    theirs.write('what ');
    mine.write(long.slice(0, 25_001));
    theirs.write('time?');
    mine.write(long.slice(25_001));
    mine.close({ final: 'true' });
    theirs.close();
    await caller.until(() => caller.texts.length === 2, 'both texts');
    const ours = caller.texts.find(({ from }) => from === 'agent');
    const whatCallerSaid = caller.texts.find(({ from }) => from === 'caller');
    expect(ours?.text === long).toBe(true);
    expect(ours?.attributes).toMatchObject({ segment: 's1' });
    expect(whatCallerSaid).toMatchObject({ text: 'what time?', from: 'caller' });
  });

  it('as text streams of others come as one event, long ones too', async () => {
    const room = newRoom();
    const caller = await other(room);
    const agent = await us(room);
    const long = 'naïve 🦜🦜 '.repeat(4000);
    await caller.meets('agent');
    await Promise.all([
      caller.local.sendText('hello', { topic: 'lk.chat', attributes: { tone: 'friendly' } }),
      caller.local.sendText(long, { topic: 'long' }),
    ]);
    expect(await agent.event('text', ({ topic }) => topic === 'lk.chat')).toEqual({
      type: 'text',
      topic: 'lk.chat',
      text: 'hello',
      identity: 'caller',
      attributes: expect.objectContaining({ tone: 'friendly' }) as unknown,
    });
    const { text } = await agent.event('text', ({ topic }) => topic === 'long');
    expect(text === long).toBe(true);
  });

  it('sent right before leaving still arrive', async () => {
    const room = newRoom();
    const caller = await other(room, 'caller', { topics: ['farewell'] });
    const agent = await us(room);
    const writer = agent.room.openText({ topic: 'farewell' });
    writer.write('goodbye '.repeat(5000));
    writer.close();
    await agent.room.close();
    await caller.until(() => caller.texts.length === 1, 'the farewell');
    expect(caller.texts[0]?.text).toHaveLength(8 * 5000);
  });
});

describe('participants', () => {
  it('and their attributes are seen by both sides, also when they change', async () => {
    const room = newRoom();
    const caller = await other(room);
    const agent = await us(room);
    expect(agent.room.participants.get('caller')).toMatchObject({
      identity: 'caller',
      kind: 'standard',
      attributes: {},
    });
    agent.room.setAttributes({ 'lk.agent.state': 'listening', gone: 'soon' });
    await caller.until(() => caller.attributesOf('agent')?.['gone'] === 'soon', 'our attributes');
    agent.room.setAttributes({ 'lk.agent.state': 'thinking', gone: '' });
    await caller.until(() => caller.attributesOf('agent')?.['lk.agent.state'] === 'thinking', 'the change');
    expect(caller.attributesOf('agent')?.['gone'] ?? '').toBe('');

    await caller.local.setAttributes({ language: 'en' });
    const { participant } = await agent.event('participantUpdated');
    expect(participant.attributes).toEqual({ language: 'en' });
    expect(agent.room.participants.get('caller')?.attributes).toEqual({ language: 'en' });
    await caller.leave();
    await agent.event('participantLeft');
    expect(agent.room.participants.size).toBe(0);
  });
});

describe('an end that others bring about is told once, with what happened', () => {
  it.each([
    ['the room is deleted', async (room: string) => service().deleteRoom(room), /room was deleted/, false],
    [
      'we are removed',
      async (room: string) => service().removeParticipant(room, 'agent'),
      /removed from the room/,
      false,
    ],
  ] as const)('when %s', async (_what, act, message, retryable) => {
    const room = newRoom();
    const agent = await us(room);
    await act(room);
    const { error } = await agent.event('closed');
    expect(error).toBeInstanceOf(RoomError);
    expect(error).toMatchObject({ code: 'ROOM_CLOSED', retryable, message: expect.stringMatching(message) as unknown });
    expect(agent.room.sendAudio({ ...silence, audioLevelDbov: 127 })).toBe(false);
    await agent.room.close();
    expect(agent.events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  it('when another participant takes our identity', async () => {
    const room = newRoom();
    const agent = await us(room);
    await us(room);
    const { error } = await agent.event('closed');
    expect(error?.message).toMatch(/identity/);
  });

  it('when the server is killed', async () => {
    const doomed = await startLivekitServer();
    const agent = await OurSide.join({ server: doomed, room: 'doomed', identity: 'agent' });
    await doomed.kill();
    const { error } = await agent.event('closed');
    expect(error).toMatchObject({ code: 'ROOM_CLOSED', retryable: true });
    await agent.room.close();
  });
});

describe('leaving', () => {
  it('lets the process end', async () => {
    const token = await tokenFor({ server, room: newRoom(), identity: 'agent' });
    const program = fileURLToPath(new URL('join-and-leave.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program, server.url, token], { timeout: 20_000 });
    expect(stdout).toMatch(/^closed\nleft room-\d+\n$/);
  });
});

describe('joining fails with one clear error', () => {
  it('when the key is wrong', async () => {
    const token = await tokenFor({ server: { ...server, apiSecret: 'x'.repeat(40) }, room: 'r', identity: 'agent' });
    expect(await failure(server.url, token)).toMatchObject({ code: 'ROOM_UNAUTHORIZED', retryable: false });
  });

  it('when there is no server', async () => {
    const token = await tokenFor({ server, room: 'r', identity: 'agent' });
    expect(await failure('ws://127.0.0.1:9', token)).toMatchObject({ code: 'ROOM_UNREACHABLE', retryable: true });
  });

  it('when the address is of something else', async () => {
    const token = await tokenFor({ server, room: 'r', identity: 'agent' });
    expect(await failure(`${server.url}/elsewhere`, token)).toMatchObject({ code: 'ROOM_UNREACHABLE' });
    expect(await failure('not a url', token)).toMatchObject({ code: 'CONFIGURATION' });
  });

  it('when it is given up: with the reason of that', async () => {
    const token = await tokenFor({ server, room: newRoom(), identity: 'agent' });
    const reason = new Error('changed my mind');
    expect(await failure(server.url, token, AbortSignal.abort(reason))).toBe(reason);
    const controller = new AbortController();
    const attempt = failure(server.url, token, controller.signal);
    setImmediate(() => controller.abort(reason));
    expect(await attempt).toBe(reason);
  });
});

const silence = { sequenceNumber: 1, rtpTimestamp: 1, marker: false, payload: Buffer.from('f8fffe', 'hex') };
