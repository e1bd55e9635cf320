import { describe, expect, it } from 'vitest';

import { asks, answersTo } from './asks.ts';
import { drawTrials } from './draw.ts';

const conversations = drawTrials(480, 3);
const trials = conversations.flatMap(({ script, kinds }) =>
  script.flatMap((turn, index) => {
    const kind = kinds[index];
    return kind === undefined ? [] : [{ kind, turn, question: script[index - 1]?.reply ?? '' }];
  }),
);
const pausesMs = trials.flatMap(({ turn }) => turn.runs.flatMap(({ pause }) => pause?.ms ?? []));

describe('drawn trials', () => {
  it('are the same for the same seed, and as many as were asked for', () => {
    expect(drawTrials(30, 3)).toEqual(drawTrials(30, 3));
    expect(drawTrials(30, 3)).not.toEqual(drawTrials(30, 4));
    expect(drawTrials(30, 3).flatMap(({ kinds }) => kinds.filter((kind) => kind !== undefined))).toHaveLength(30);
    expect(trials).toHaveLength(480);
  });

  it('go on after a plain answer, or differ from one, in 30 % and more', () => {
    const others = trials.filter(({ kind }) => kind !== 'plain');
    expect(others.length / trials.length).toBeGreaterThanOrEqual(0.3);
    expect(others.length / trials.length).toBeLessThanOrEqual(0.5);
  });

  it('answer what was asked just before', () => {
    for (const { question } of trials) expect(asks.some(({ asks: text }) => question.endsWith(text))).toBe(true);
  });

  it('have each question once in a conversation, so that no two of its replies are the same', () => {
    for (const { script } of conversations) expect(new Set(script.map(({ reply }) => reply)).size).toBe(script.length);
  });

  it('pause only where they go on after a pause, as long as people do', () => {
    for (const { kind, turn } of trials) {
      expect(turn.runs.length).toBe(kind === 'continued after a pause' ? 2 : 1);
    }
    const sorted = pausesMs.toSorted((one, other) => one - other);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeGreaterThanOrEqual(250);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(500);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(2000);
    expect(pausesMs.filter((ms) => ms > 700).length / pausesMs.length).toBeGreaterThan(0.05);
  });

  it('differ from what is plain', () => {
    for (const ask of asks) {
      const { plain, continued, different } = answersTo(ask);
      expect(different.filter((text) => plain.includes(text))).toEqual([]);
      expect(continued.filter((text) => !text.includes(' // '))).toEqual([]);
    }
  });
});
