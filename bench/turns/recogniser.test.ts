import { describe, expect, it } from 'vitest';

import { FRAME_TICKS } from '../../src/rtp/packet.ts';
import type { SttEvent, SttStream } from '../../src/stt/port.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { ProviderProfile } from './profiles.ts';
import { Random } from './random.ts';
import { RecogniserStandIn } from './recogniser.ts';
import type { ScriptedWord } from './script.ts';
import { levelCodec, voicePayload } from './sound.ts';

const profile: ProviderProfile = {
  name: 'usual',
  description: '',
  floorMs: 650,
  recognitionMs: () => 150,
  firstTokenMs: () => 350,
  tokenMs: () => 20,
  firstByteMs: () => 150,
};

function word(spoken: string, more: Partial<ScriptedWord> = {}): ScriptedWord {
  return { ms: 200, spoken, final: spoken, interim: spoken, joined: false, mark: '', ...more };
}

const decoder = levelCodec.createDecoder({ sampleRateHz: 16_000 });

/** Speaks the words, each with its 200 ms, and rests; what was told, with how long after the last word it came. */
async function recognised(
  words: readonly ScriptedWord[],
  { seed = 1, finalizeAfterMs }: { readonly seed?: number; readonly finalizeAfterMs?: number } = {},
): Promise<{ readonly event: SttEvent; readonly afterMs: number }[]> {
  const clock = new VirtualClock();
  const recogniser = new RecogniserStandIn(words, { clock, profile, random: new Random(seed) });
  const stream = await recogniser.open();
  const told: { event: SttEvent; atMs: number }[] = [];
  void (async () => {
    for await (const event of stream.events) told.push({ event, atMs: clock.nowMs() });
  })();
  let frame = 0;
  const write = (payload: Uint8Array): Promise<void> => {
    writeTo(stream, frame, payload, clock.nowMs());
    frame += 1;
    return clock.advance(20);
  };
  for (const [index] of words.entries()) {
    for (let passed = 0; passed < 200; passed += 20) await write(voicePayload(index + 1, 0));
  }
  // The last frame was written 20 ms ago.
  const endAtMs = clock.nowMs() - 20;
  for (let passed = 0; passed < 1000; passed += 20) {
    if (passed === finalizeAfterMs) stream.finalize();
    await write(Uint8Array.of(0, 0, 0, 0));
  }
  stream.close();
  return told.map(({ event, atMs }) => ({ event, afterMs: atMs - endAtMs }));
}

function writeTo(stream: SttStream, frame: number, payload: Uint8Array, nowMs: number): void {
  const timestamp = frame * FRAME_TICKS;
  stream.write({ samples: decoder.decode(payload), timestamp, origin: 'received', arrivedAtMs: nowMs });
}

describe('the stand-in of a recogniser', () => {
  it('tells a word its lag after the end of it, and in silence that nothing more was said', async () => {
    const told = await recognised([word('good'), word('morning')]);
    const complete = told.filter(({ event }) => event.text === 'good morning');
    expect(complete[0]?.afterMs).toBe(150);
    expect(complete.length).toBeGreaterThan(5);
    const [first, last] = [complete.at(0)?.event, complete.at(-1)?.event];
    expect(first?.endTimestamp).toBe(20 * FRAME_TICKS);
    expect(last?.endTimestamp).toBeGreaterThan(50 * FRAME_TICKS);
  });

  it('has the last word wrong until the next one or the final comes', async () => {
    const told = await recognised([word('for', { interim: 'far' }), word('four', { interim: 'for', mark: '.' })], {
      finalizeAfterMs: 200,
    });
    const texts = told.map(({ event }) => `${event.type} ${event.text}`);
    expect(texts).toContain('interim far');
    expect(texts).toContain('interim for for');
    expect(texts).not.toContain('interim for four');
    expect(texts).toContain('final For four.');
  });

  it('joins and splits words in finals only', async () => {
    const told = await recognised(
      [word('front'), word('desk', { joined: true }), word('assistant', { final: 'assi stant' })],
      {
        finalizeAfterMs: 200,
      },
    );
    const texts = told.map(({ event }) => `${event.type} ${event.text}`);
    expect(texts).toContain('interim front desk assistant');
    expect(texts).toContain('final Frontdesk assi stant');
  });

  it('answers each request of a final once, its lag later, and begins anew after it', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const told = await recognised([word('yes')], { seed, finalizeAfterMs: 100 });
      const answers = told.filter(({ event }) => event.type === 'final' && event.answersFinalize);
      expect(answers.map(({ afterMs }) => afterMs)).toEqual([20 + 100 + 150]);
      const finals = told.filter(({ event }) => event.type === 'final');
      expect(finals.map(({ event }) => event.text).join('')).toBe('Yes');
      const after = told.slice(told.findIndex(({ event }) => event.type === 'final') + 1);
      expect(after.every(({ event }) => event.text === '')).toBe(true);
    }
  });

  it('ends a segment by itself now and then, and has nothing to add when it is asked', async () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const runs = await Promise.all(seeds.map((seed) => recognised([word('yes')], { seed, finalizeAfterMs: 100 })));
    const finals = runs.map((told) => told.flatMap(({ event }) => (event.type === 'final' ? [event] : [])));
    const unasked = finals.filter((those) => those.length === 2);
    expect(unasked.length).toBeGreaterThan(3);
    expect(unasked.length).toBeLessThan(20);
    for (const [own, asked] of unasked) {
      expect(own).toMatchObject({ text: 'Yes', answersFinalize: false });
      expect(asked).toMatchObject({ text: '', answersFinalize: true });
    }
  });

  it('has about one word in ten late by 300 ms', async () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    const delays = await Promise.all(
      seeds.map(
        async (seed) => (await recognised([word('yes')], { seed })).find(({ event }) => event.text === 'yes')?.afterMs,
      ),
    );
    const late = delays.filter((delay) => delay === 450).length;
    expect(late).toBeGreaterThanOrEqual(4);
    expect(late).toBeLessThanOrEqual(18);
  });
});
