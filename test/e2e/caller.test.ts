// The instrument before it measures: two callers in one room on a real server, without any agent.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../../src/lib/clock.ts';
import { type Caller, type CallerOptions, connectCaller } from './caller.ts';
import { type ImpairedServer, startImpairedServer } from './impaired-server.ts';
import { concatenate, durationMs, type Pcm, silence } from './pcm.ts';
import { synthesise } from './speech.ts';
import { transcribe } from './transcribe.ts';

const SENTENCE = 'Is there a table by the window for four people on Friday evening?';
const OTHER_SENTENCES = ['How do I get to your house from the station?', 'Please tell me a very long story.'];

let impaired: ImpairedServer;
let sentence: Pcm;
let roomCount = 0;
const callers: Caller[] = [];

beforeAll(async () => {
  impaired = await startImpairedServer();
  sentence = await synthesise(SENTENCE, 'rms');
});

afterEach(async () => {
  const { relay } = impaired;
  relay.up.set({ dropAll: false });
  await Promise.all(callers.splice(0).map(async (caller) => caller.leave()));
});

afterAll(async () => {
  await impaired.close();
});

/** Two in a room of their own, each of whom hears the other. */
async function twoCallers(options: Partial<CallerOptions> = {}): Promise<{ speaker: Caller; listener: Caller }> {
  roomCount += 1;
  const join = async (identity: string): Promise<Caller> => {
    const caller = await connectCaller({
      ...impaired.server,
      room: `callers-${roomCount}`,
      identity,
      hears: () => true,
      ...options,
    });
    callers.push(caller);
    return caller;
  };
  const [speaker, listener] = await Promise.all([join('speaker'), join('listener')]);
  await Promise.all([speaker.waitForAgent(), listener.waitForAgent()]);
  return { speaker, listener };
}

/** Packets that a caller sends in two seconds of silence. */
async function sentInSilence(dtx: boolean): Promise<number> {
  const { speaker, listener } = await twoCallers({ dtx, red: false });
  listener.mute();
  await speaker.say(silence(1000, 16_000));
  const before = impaired.relay.up.stats.receivedCount;
  await speaker.say(silence(2000, 16_000));
  return impaired.relay.up.stats.receivedCount - before;
}

async function wordsOf(audio: Pcm): Promise<string | undefined> {
  return await transcribe(audio, [SENTENCE, ...OTHER_SENTENCES]);
}

describe('a caller', () => {
  it('is heard word for word, in real time', async () => {
    const { speaker, listener } = await twoCallers();
    const { startedAtMs, endedAtMs } = await speaker.say(sentence);
    const heard = await listener.waitForAnswer({ after: startedAtMs });
    expect(await wordsOf(heard)).toBe(SENTENCE);
    expect(endedAtMs - startedAtMs).toBeGreaterThan(durationMs(sentence) * 0.9);
    expect(heard.firstAudibleAtMs).toBeLessThan(endedAtMs);
  });

  it('hears two utterances as two, with DTX and without', async () => {
    for (const dtx of [true, false]) {
      const { speaker, listener } = await twoCallers({ dtx });
      const pause = silence(1500, sentence.sampleRateHz);
      const { startedAtMs, endedAtMs } = await speaker.say(concatenate(sentence, pause, sentence));
      await listener.waitForAnswer({ after: endedAtMs - durationMs(sentence) });
      const heard = listener.heard.answers({ after: startedAtMs });
      expect(heard).toHaveLength(2);
      for (const each of heard) expect(await wordsOf(each)).toBe(SENTENCE);
    }
  });

  it('sends next to nothing in silence with DTX, and a packet every 20 ms without', async () => {
    const withDtx = await sentInSilence(true);
    await Promise.all(callers.splice(0).map(async (caller) => caller.leave()));
    expect(await sentInSilence(false)).toBeGreaterThan(90);
    expect(withDtx).toBeLessThan(60);
  });

  it('mutes right after the last word: all of it is heard, then nothing until it unmutes', async () => {
    const { speaker, listener } = await twoCallers();
    const muted = await speaker.sayThenMute(sentence);
    expect(await wordsOf(await listener.waitForAnswer({ after: muted.startedAtMs }))).toBe(SENTENCE);
    const unheard = await speaker.say(sentence);
    speaker.unmute();
    const heard = await speaker.say(sentence);
    expect(await wordsOf(await listener.waitForAnswer({ after: heard.startedAtMs }))).toBe(SENTENCE);
    const heardWhileMuted = listener.heard
      .answers({ after: unheard.startedAtMs })
      .filter(({ firstAudibleAtMs }) => firstAudibleAtMs < heard.startedAtMs);
    expect(heardWhileMuted).toEqual([]);
  });
});

describe('the relay between callers and server', () => {
  it('has all media to itself: nothing is heard while it drops everything', async () => {
    const { speaker, listener } = await twoCallers();
    await speaker.say(sentence);
    impaired.relay.up.set({ dropAll: true });
    const droppedFromMs = systemClock.nowMs() + 300;
    await speaker.say(sentence);
    expect(listener.heard.answers({ after: droppedFromMs })).toEqual([]);
  });

  it('stalls a sentence without losing any of its packets, and it stays one utterance', async () => {
    const { speaker, listener } = await twoCallers();
    const lostBefore = impaired.relay.up.stats.lostCount;
    const saying = speaker.say(sentence);
    const onsetAtMs = await listener.heard.waitForSound({ after: 0 });
    impaired.relay.up.stall(300);
    const { startedAtMs } = await saying;
    await listener.waitForAnswer({ after: startedAtMs });
    expect(onsetAtMs).toBeLessThan((await saying).endedAtMs);
    expect(listener.heard.answers({ after: startedAtMs })).toHaveLength(1);
    expect(impaired.relay.up.stats.lostCount).toBe(lostBefore);
  });
});

describe('the transcription', () => {
  it('tells sentences apart', async () => {
    for (const other of OTHER_SENTENCES) expect(await wordsOf(await synthesise(other, 'slt'))).toBe(other);
  });

  it('says when it was none of the sentences', async () => {
    expect(await wordsOf(await synthesise('He was not an ill disposed young man.', 'slt'))).toBeUndefined();
    expect(await wordsOf(await synthesise('My brother sells green bicycles in the winter.', 'awb'))).toBeUndefined();
    expect(await wordsOf(silence(1000, 16_000))).toBeUndefined();
  });

  it('refuses words that it has no pronunciation for', async () => {
    await expect(transcribe(sentence, ['This is a blorptastic day.'])).rejects.toThrow('blorptastic');
  });
});
