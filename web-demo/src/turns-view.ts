// What the caller waited for: the figures of the call, and its turns on one axis of time.

import { type CallFigures, callFigures } from './call-statistics.ts';
import type { CallTurn } from './call-turns.ts';
import { elementById, make, setText } from './dom.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';
import { TurnItem } from './turn-item.ts';
import { milliseconds } from './turn-words.ts';

const gapMeaning =
  'From the end of your speech to the first audible sound of the answer, on the audio tracks in this browser: what you heard as silence. Your microphone’s and your loudspeaker’s own delay are not in it.';

const meanings: Readonly<Record<CallFigures['kind'], string>> = {
  none: gapMeaning,
  reported: gapMeaning,
  estimated: `${gapMeaning} Reckoned in part, since this browser does not report all of it.`,
  part: 'The agent’s part only: from the arrival of your last words there to its first audible packet. What the network and this browser add is not known (yet).',
};

export class TurnsView {
  readonly #latest = elementById('latest-response', HTMLElement);
  readonly #median = elementById('median-response', HTMLElement);
  readonly #most = elementById('most-response', HTMLElement);
  readonly #count = elementById('response-count', HTMLElement);
  readonly #meaning = elementById('response-meaning', HTMLElement);
  readonly #board = elementById('waterfalls', HTMLElement);
  readonly #axis = elementById('time-axis', HTMLElement);
  readonly #unit = elementById('axis-unit', HTMLElement);
  readonly #list = elementById('turns', HTMLOListElement);
  readonly #items = new Map<string, TurnItem>();
  #shown: readonly CallTurn[] | undefined;
  #shownAxis = '';

  show(turns: readonly CallTurn[]): void {
    if (turns === this.#shown) return;
    this.#shown = turns;
    this.#showFigures(callFigures(turns));
    this.#showAxis(timeAxis(turns));
    this.#board.hidden = turns.length === 0;
    this.#showTurns(turns);
  }

  #showFigures({ kind, latestMs, all }: CallFigures): void {
    setText(this.#latest, figure(latestMs));
    setText(this.#median, figure(all?.p50));
    setText(this.#most, figure(all?.p95));
    setText(this.#count, all === undefined ? '' : `Of ${all.count} ${all.count === 1 ? 'answer' : 'answers'}. `);
    setText(this.#meaning, meanings[kind]);
  }

  /** All bars are placed by it: they move without being touched. */
  #showAxis({ endMs, tickMs }: TimeAxis): void {
    const axis = `${endMs} ${tickMs}`;
    if (axis === this.#shownAxis) return;
    this.#shownAxis = axis;
    this.#board.style.setProperty('--axis', `${endMs}`);
    this.#board.style.setProperty('--tick', `${tickMs}`);
    const unit = endMs >= 1000 ? { name: 's', ms: 1000 } : { name: 'ms', ms: 1 };
    setText(this.#unit, unit.name);
    const ticks = Array.from({ length: endMs / tickMs + 1 }, (_, index) => {
      const tick = make('span', { className: 'tick', text: `${(index * tickMs) / unit.ms}` });
      tick.style.setProperty('--start', `${index * tickMs}`);
      return tick;
    });
    this.#axis.replaceChildren(...ticks);
  }

  #showTurns(turns: readonly CallTurn[]): void {
    const keys = new Set(turns.map(({ key }) => key));
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      item.element.remove();
      this.#items.delete(key);
    }
    for (const [index, turn] of turns.entries()) {
      const item = this.#items.get(turn.key) ?? this.#add(turn.key);
      item.isLatest = index === turns.length - 1;
      item.update(turn);
    }
  }

  /** The latest comes first. */
  #add(key: string): TurnItem {
    const item = new TurnItem();
    this.#items.set(key, item);
    this.#list.prepend(item.element);
    return item;
  }
}

function figure(ms: number | undefined): string {
  return ms === undefined ? '–' : milliseconds(ms);
}
