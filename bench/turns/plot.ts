// The distributions of glass-to-glass as a picture: one panel per profile, one row per mode, a histogram of bins of 50 ms each.
// SVG, written by hand. What lies beyond the right edge is counted in the last bin.

import { percentile } from '../statistics.ts';

export interface PlotRow {
  readonly label: string;
  readonly valuesMs: readonly number[];
}

export interface PlotPanel {
  readonly title: string;
  /** Drawn as a line: what the providers take. */
  readonly floorMs: number;
  readonly rows: readonly PlotRow[];
}

const WIDTH = 860;
const LEFT = 130;
const RIGHT = 110;
const ROW_HEIGHT = 44;
const PANEL_HEAD = 46;
const AXIS_HEIGHT = 34;
const BIN_MS = 50;
const INK = '#1c2430';
const FAINT = '#c9d1db';
const SHADE = '#eef1f5';
const FILL = '#7fa7d6';
const MARK = '#b3372f';

export function plotSvg(panels: readonly PlotPanel[]): string {
  const everything = panels.flatMap(({ rows }) => rows.flatMap(({ valuesMs }) => valuesMs));
  const rightMs = everything.length === 0 ? 500 : Math.max(500, Math.ceil(percentile(everything, 0.98) / 250) * 250);
  const heightOf = (panel: PlotPanel): number => PANEL_HEAD + panel.rows.length * ROW_HEIGHT + AXIS_HEIGHT;
  let top = 0;
  const drawn = panels.map((panel) => {
    const group = `<g transform="translate(0 ${top})">${panelSvg(panel, rightMs)}</g>`;
    top += heightOf(panel);
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" font-family="sans-serif" font-size="13" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${top}" fill="white"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function panelSvg({ title, floorMs, rows }: PlotPanel, rightMs: number): string {
  const x = (valueMs: number): number => round(LEFT + (Math.min(valueMs, rightMs) / rightMs) * (WIDTH - LEFT - RIGHT));
  const bottom = PANEL_HEAD + rows.length * ROW_HEIGHT;
  const ticks = Array.from({ length: Math.floor(rightMs / 250) + 1 }, (_, index) => index * 250);
  return [
    `<text x="12" y="26" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${WIDTH - 12}" y="26" text-anchor="end" font-size="11">red: P50, dashed P95; shaded: floor of the providers, ${floorMs} ms</text>`,
    `<rect x="${LEFT}" y="${PANEL_HEAD - 6}" width="${round(x(floorMs) - LEFT)}" height="${bottom - PANEL_HEAD + 6}" fill="${SHADE}"/>`,
    ...ticks.map(
      (tickMs) => `<line x1="${x(tickMs)}" x2="${x(tickMs)}" y1="${PANEL_HEAD - 6}" y2="${bottom}" stroke="${FAINT}"/>`,
    ),
    ...ticks
      .filter((tickMs) => tickMs % 500 === 0)
      .map(
        (tickMs) => `<text x="${x(tickMs)}" y="${bottom + 16}" text-anchor="middle" font-size="11">${tickMs} ms</text>`,
      ),
    ...rows.map((row, index) => rowSvg(row, { x, rightMs, bottom: PANEL_HEAD + (index + 1) * ROW_HEIGHT - 8 })),
  ].join('\n');
}

function rowSvg(
  { label, valuesMs }: PlotRow,
  {
    x,
    rightMs,
    bottom,
  }: { readonly x: (valueMs: number) => number; readonly rightMs: number; readonly bottom: number },
): string {
  const counts = Array.from({ length: Math.ceil(rightMs / BIN_MS) }, () => 0);
  for (const valueMs of valuesMs) {
    const bin = Math.max(0, Math.min(counts.length - 1, Math.floor(valueMs / BIN_MS)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  // A heap at the edge would flatten the rest.
  const highest = Math.max(1, ...counts.slice(0, -1));
  const bars = counts.map((count, bin) => {
    if (count === 0) return '';
    const height = round(Math.min(1, count / highest) * (ROW_HEIGHT - 14));
    const left = x(bin * BIN_MS);
    return `<rect x="${left}" y="${round(bottom - height)}" width="${round(x((bin + 1) * BIN_MS) - left - 1)}" height="${height}" fill="${FILL}"/>`;
  });
  const p50 = percentile(valuesMs, 0.5);
  const p95 = percentile(valuesMs, 0.95);
  const marks = [p50, p95].map(
    (valueMs, index) =>
      `<line x1="${x(valueMs)}" x2="${x(valueMs)}" y1="${bottom - ROW_HEIGHT + 12}" y2="${bottom}" stroke="${MARK}" stroke-width="2"${index === 1 ? ' stroke-dasharray="3 3"' : ''}/>`,
  );
  const summary = valuesMs.length === 0 ? 'no turns' : `${Math.round(p50)} / ${Math.round(p95)} ms`;
  return [
    `<text x="${LEFT - 10}" y="${bottom - 8}" text-anchor="end">${escaped(label)}</text>`,
    ...bars,
    ...(valuesMs.length === 0 ? [] : marks),
    `<text x="${WIDTH - RIGHT + 10}" y="${bottom - 8}" font-size="12">${summary}</text>`,
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
