import { describe, expect, it } from 'vitest';

import { drawConversations } from './script.ts';
import { answerTemplates, interruptionTemplates, openTemplates, turnClasses } from './templates.ts';

const turns = drawConversations(800, 3).flat();
const words = turns.map(({ runs }) => runs.flatMap((run) => run.words));
const pauses = turns.flatMap(({ runs }) => runs.flatMap(({ pause }) => pause ?? []));

describe('drawn conversations', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(drawConversations(32, 3)).toEqual(drawConversations(32, 3));
    expect(drawConversations(32, 3)).not.toEqual(drawConversations(32, 4));
  });

  it('come from at least 60 templates and have turns of every class', () => {
    const answers = Object.values(answerTemplates).flat();
    expect(openTemplates.length + answers.length + interruptionTemplates.length).toBeGreaterThanOrEqual(60);
    expect(new Set(turns.map((turn) => turn.class))).toEqual(new Set(turnClasses));
  });

  it('leave no slot unfilled', () => {
    const texts = turns.flatMap(({ runs, reply }) => [
      reply,
      ...runs.flatMap((run) => run.words.map(({ final }) => final)),
    ]);
    expect(texts.filter((text) => /[{}~]|\/\//.test(text))).toEqual([]);
  });

  it('have words of 150 to 400 ms in whole frames', () => {
    for (const { ms } of words.flat()) {
      expect(ms % 20).toBe(0);
      expect(ms).toBeGreaterThanOrEqual(140);
      expect(ms).toBeLessThanOrEqual(400);
    }
  });

  it('have the last word revised in a fifth of the turns, and words joined or split in a tenth', () => {
    const revised = words.filter((those) => those.at(-1)?.interim !== those.at(-1)?.spoken);
    const joined = words.filter((those) => those.some((word) => word.joined || word.final.includes(' ')));
    expect(revised.length / turns.length).toBeGreaterThanOrEqual(0.2);
    expect(joined.length / turns.length).toBeGreaterThanOrEqual(0.1);
    expect(joined.length / turns.length).toBeLessThanOrEqual(0.15);
  });

  it('have pauses of 300 to 1500 ms, half of them where the syntax is incomplete', () => {
    const incomplete = pauses.filter(({ syntax }) => syntax === 'incomplete');
    expect(Math.abs(incomplete.length / pauses.length - 0.5)).toBeLessThanOrEqual(0.1);
    expect(Math.min(...pauses.map(({ ms }) => ms))).toBeGreaterThanOrEqual(300);
    expect(Math.max(...pauses.map(({ ms }) => ms))).toBeLessThanOrEqual(1500);
  });

  it('have one backchannel or cough in ten turns, of 150 to 450 ms, and as many interruptions of three words or more', () => {
    const disturbances = turns.flatMap(({ disturbance }) => disturbance ?? []);
    expect(disturbances.length / turns.length).toBeGreaterThanOrEqual(0.1);
    for (const { ms } of disturbances) {
      expect(ms).toBeGreaterThanOrEqual(140);
      expect(ms).toBeLessThanOrEqual(460);
    }
    const interruptions = turns.filter(({ interruptsAfterMs }) => interruptsAfterMs !== undefined);
    expect(interruptions.length / turns.length).toBeGreaterThanOrEqual(0.08);
    for (const { runs } of interruptions) expect(runs.flatMap((run) => run.words).length).toBeGreaterThanOrEqual(3);
  });
});
