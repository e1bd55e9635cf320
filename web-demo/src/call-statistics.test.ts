import { describe, expect, it } from 'vitest';

import { callFigures, callStatistics } from './call-statistics.ts';
import { callReport } from './call-report.ts';
import { timeAxis } from './time-axis.ts';
import { answered, gapAccount, heard, said, withoutGap } from './turns.fixture.ts';

const reported = (turn: number, glassToGlassMs: number) => answered(turn, gapAccount({ glassToGlassMs }));
const estimated = answered(8, gapAccount({ glassToGlassMs: 900, basis: 'estimated' }));
const unknown = answered(9, gapAccount({ glassToGlassMs: undefined, errorMs: undefined, basis: 'unknown' }));

describe('figures of a call', () => {
  it('are of reported gaps where there are any, and count nothing else', () => {
    const turns = [
      withoutGap('greeting'),
      reported(1, 700),
      reported(2, 500),
      estimated,
      unknown,
      withoutGap('text', 3),
    ];
    expect(callFigures(turns)).toEqual({ kind: 'reported', latestMs: 500, all: { count: 2, p50: 500, p95: 700 } });
    expect(callStatistics(turns)).toMatchObject({
      estimatedGlassToGlassMs: { count: 1, p50: 900 },
      responseMs: { count: 4, p50: 450 },
      acousticGapMs: undefined,
    });
  });

  it('say that they are estimates, or a part, where there is nothing better', () => {
    expect(callFigures([estimated, unknown])).toMatchObject({ kind: 'estimated', latestMs: 900 });
    expect(callFigures([unknown])).toEqual({ kind: 'part', latestMs: 450, all: { count: 1, p50: 450, p95: 450 } });
    expect(callFigures([withoutGap('greeting')])).toEqual({ kind: 'none', latestMs: undefined, all: undefined });
  });
});

describe('the axis of a call', () => {
  it('reaches as far as the longest turn with its bounds, in at most five round steps', () => {
    expect(timeAxis([reported(1, 495), reported(2, 300)])).toEqual({ endMs: 600, tickMs: 200 });
    expect(timeAxis([answered(1, gapAccount(), { acoustic: heard(990) })])).toEqual({ endMs: 1500, tickMs: 500 });
    expect(timeAxis([withoutGap('greeting')])).toEqual({ endMs: 50, tickMs: 50 });
    for (const ms of [1, 49, 250, 251, 1000, 4999, 60_000]) {
      const { endMs, tickMs } = timeAxis([reported(1, ms)]);
      expect(endMs).toBeGreaterThanOrEqual(ms);
      expect(endMs / tickMs).toBeLessThanOrEqual(5);
    }
  });
});

describe('the report of a call', () => {
  const call = { room: 'r', identity: 'agent-1', callers: ['caller-1'], startedAt: '2026-11-30T03:20:00.000Z' };

  it('holds what is known of each turn, and what the page heard beside the account', () => {
    const turns = [withoutGap('greeting'), answered(1, gapAccount(), { acoustic: heard(480) }), unknown];
    const report = JSON.parse(JSON.stringify(callReport(call, { stt: 's' }, turns)));
    expect(report).toMatchObject({
      version: 1,
      source: 'page',
      call,
      turns: [
        { kind: 'greeting', status: 'final', spans: [] },
        {
          turn: 1,
          kind: 'reply',
          transcript: 'question 1',
          glassToGlassMs: 500,
          errorMs: 12,
          basis: 'reported',
          acoustic: { gapMs: 480, errorMs: 30, residualMs: 20 },
        },
        { turn: 9, basis: 'unknown', responseMs: 450 },
      ],
      statistics: { turns: { greeting: 1, reply: 2 }, glassToGlassMs: { count: 1 }, acousticGapMs: { count: 1 } },
    });
    expect(report.turns[2]).not.toHaveProperty('glassToGlassMs');
    expect(report.turns[2]).not.toHaveProperty('acoustic');
    expect(report.statistics).not.toHaveProperty('estimatedGlassToGlassMs');
  });

  it('names what the agent’s own report has the same way', () => {
    const typed = { ...withoutGap('text', 2), report: said(2, { source: 'text', responseMs: undefined }) };
    expect(callReport(call, {}, [typed]).turns[0]).toMatchObject({ turn: 2, kind: 'text', source: 'text' });
  });
});
