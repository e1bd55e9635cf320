// The response times of a call: the latest, their median, and each turn with the spans that it is made of.

import { elementById, make, setText } from './dom.ts';
import { distribution } from '../../src/latency/distribution.ts';
import type { CallTurn } from './call-turns.ts';
import type { TurnReport } from './turn-reports.ts';

export class TurnsView {
  readonly #latest = elementById('latest-response', HTMLElement);
  readonly #median = elementById('median-response', HTMLElement);
  readonly #list = elementById('turns', HTMLOListElement);
  #shown: readonly CallTurn[] | undefined;

  show(turns: readonly CallTurn[]): void {
    if (turns === this.#shown) return;
    this.#shown = turns;
    const answered = turns.flatMap(({ report }) => (report?.responseMs === undefined ? [] : [report]));
    setText(this.#latest, milliseconds(answered.at(-1)?.responseMs));
    setText(this.#median, milliseconds(distribution(answered.map(({ responseMs }) => responseMs))?.p50));
    this.#list.replaceChildren(...answered.toReversed().map(turnItem));
  }
}

function turnItem({ responseMs, transcript, spans }: TurnReport): HTMLLIElement {
  const time = make('span', { className: 'turn-time', text: milliseconds(responseMs) });
  const question = make('span', { className: 'turn-question', text: transcript });
  const visible = spans.filter(({ ms }) => ms >= 0.5);
  const bar = make('div', { className: 'spans' });
  bar.ariaHidden = 'true';
  for (const [index, { ms }] of visible.entries()) {
    const part = make('span', { className: `span tone-${index % 4}` });
    part.style.flexGrow = `${ms}`;
    bar.append(part);
  }
  const legend = make('ul', { className: 'legend' });
  for (const [index, { name, ms }] of visible.entries()) {
    legend.append(make('li', { className: `tone-${index % 4}`, text: `${name} ${milliseconds(ms)}` }));
  }
  return make('li', { className: 'turn' }, time, question, ...(visible.length > 0 ? [bar, legend] : []));
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)}\u202fms`;
}
