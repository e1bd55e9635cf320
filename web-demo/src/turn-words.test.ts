import { describe, expect, it } from 'vitest';

import { figureOf, meanwhile, noteOn, residualWords, spansOf, statusText, waitedFor } from './turn-words.ts';
import { answered, gapAccount, heard, said, withoutGap } from './turns.fixture.ts';

const plain = (text: string | undefined): string | undefined => text?.replaceAll('\u202f', ' ');
const unknown = gapAccount({ glassToGlassMs: undefined, errorMs: undefined, basis: 'unknown', unknown: ['uplink'] });

describe('a turn in words', () => {
  it('names what was waited for, the largest first, the network once, and nothing that is small', () => {
    expect(plain(waitedFor(answered(1, gapAccount())))).toBe(
      'the model’s first words 350 ms, speech recognition 100 ms, the network 50 ms',
    );
    const spans = [
      { name: 'decision', startAtMs: 0, ms: 700, errorMs: 0 },
      { name: 'uplink', startAtMs: 700, ms: 20, errorMs: 0 },
    ];
    expect(plain(waitedFor(answered(1, gapAccount({ spans }))))).toBe('being sure that you had finished 700 ms');
    expect(waitedFor(withoutGap('greeting'))).toBeUndefined();
  });

  it('is the whole gap where it is known, else the agent’s part, and says so', () => {
    expect(figureOf(answered(1, gapAccount()))).toEqual({ type: 'gap', ms: 500, errorMs: 12, basis: 'reported' });
    expect(noteOn(answered(1, gapAccount()))).toBeUndefined();
    expect(figureOf(answered(1, unknown))).toEqual({ type: 'part', ms: 450 });
    expect(noteOn(answered(1, unknown))).toMatch(/agent’s part only.*Not known: uplink/);
    expect(noteOn(answered(1, gapAccount({ basis: 'estimated' })))).toMatch(/Reckoned in part/);
  });

  it('has the report’s part until the account comes', () => {
    const early = answered(1, gapAccount(), { account: undefined });
    expect(figureOf(early)).toEqual({ type: 'part', ms: 440 });
    const nothing = { ...early, report: said(1, { responseMs: undefined }) };
    expect(figureOf(nothing)).toEqual({ type: 'awaited' });
    expect(statusText(early)).toBe('');
  });

  it('has no gap where nobody waited from the end of their speech, and says why', () => {
    for (const [kind, note] of [
      ['greeting', /nobody waited/],
      ['text', /Typed/],
      ['dtmf', /Keys/],
      ['reprompt', /nothing was said/],
      ['cutIn', /before you had finished/],
    ] as const) {
      expect(figureOf(withoutGap(kind)).type).toBe('none');
      expect(noteOn(withoutGap(kind))).toMatch(note);
    }
    const typed = answered(1, gapAccount(), { account: undefined, report: said(1, { source: 'text' }) });
    expect(noteOn(typed)).toMatch(/Typed/);
  });

  it('compares what the page heard with the account, and says when the bounds do not cover it', () => {
    const close = answered(1, gapAccount(), { acoustic: heard(480) });
    expect(plain(residualWords(close))).toBe(
      'This page heard 480 ms ± 30 (account 500 ms ± 12): +20 ms, within both bounds.',
    );
    const far = answered(1, gapAccount(), { acoustic: heard(600) });
    expect(plain(residualWords(far))).toMatch(/: −100 ms, 58 ms more than the bounds allow\.$/);
    expect(plain(residualWords(answered(1, unknown, { acoustic: heard(600) })))).toBe('This page heard 600 ms ± 30.');
    expect(residualWords(answered(1, gapAccount()))).toBeUndefined();
  });

  it('tells what was done meanwhile, and what that saved', () => {
    const hidden = [{ name: 'generation', ms: 350 }];
    expect(plain(meanwhile(answered(1, gapAccount({ hidden, savedMs: 300 }))))).toBe(
      'Done meanwhile, at no cost to you: generation 350 ms. Preparing the answer early saved you 300 ms.',
    );
    expect(meanwhile(answered(1, gapAccount()))).toBeUndefined();
  });

  it('places the spans from the beginning of the gap, those of a report one after the other', () => {
    expect(spansOf(answered(1, gapAccount())).map(({ startMs, ms }) => [startMs, ms])).toEqual([
      [0, 30],
      [30, 100],
      [130, 350],
      [480, 20],
    ]);
    const spans = [
      { name: 'decision', ms: 200 },
      { name: 'generation', ms: 100 },
    ];
    const early = answered(1, gapAccount(), { account: undefined, report: said(1, { spans }) });
    expect(spansOf(early).map(({ startMs }) => startMs)).toEqual([0, 200]);
  });
});
