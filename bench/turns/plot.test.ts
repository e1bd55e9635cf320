import { describe, expect, it } from 'vitest';

import { plotSvg } from './plot.ts';

describe('the plot', () => {
  it('has a panel for each profile and a row with its figures for each mode', () => {
    const svg = plotSvg([
      { title: 'usual', floorMs: 650, rows: [{ label: 'batch', valuesMs: [1000, 1100, 5000] }] },
      { title: 'fast < usual', floorMs: 300, rows: [{ label: 'streaming', valuesMs: [] }] },
    ]);
    expect(svg).toContain('>batch</text>');
    expect(svg).toContain('1100 / 5000 ms');
    expect(svg).toContain('fast &lt; usual');
    expect(svg).toContain('no turns');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const opened = svg.match(/<(?:svg|g|text)\b/g)?.length;
    expect(svg.match(/<\/(?:svg|g|text)>/g)?.length).toBe(opened);
  });

  it('of nothing is a plot still', () => {
    expect(plotSvg([{ title: 'usual', floorMs: 650, rows: [] }])).not.toContain('NaN');
  });
});
