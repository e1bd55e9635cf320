// One turn in the list: its figure, its bar on the axis of all turns, and, unfolded, the waterfall of its spans with what they
// mean in words. The bars are for the eye; the words say all of it.

import { type CallTurn, comparableAcoustic } from './call-turns.ts';
import { make, setText } from './dom.ts';
import {
  figureOf,
  meanwhile,
  milliseconds,
  namingOf,
  noteOn,
  type PlacedSpan,
  residualWords,
  shortestMs,
  spansOf,
  statusText,
  waitedFor,
} from './turn-words.ts';

export class TurnItem {
  readonly element = make('li', { className: 'turn' });
  readonly #details = make('details');
  readonly #question = make('span', { className: 'turn-question' });
  readonly #status = make('span', { className: 'turn-status' });
  readonly #figure = make('span', { className: 'turn-figure' });
  readonly #bound = make('span', { className: 'turn-bound' });
  readonly #lane = lane();
  readonly #words = make('div', { className: 'turn-words' });
  readonly #spans = make('ol', { className: 'waterfall' });
  #shown: CallTurn | undefined;
  #isUsers = false;

  constructor() {
    const heading = make('span', { className: 'turn-heading' }, this.#question, this.#status);
    const figures = make('span', { className: 'turn-row' }, this.#figure, this.#lane, this.#bound);
    const summary = make('summary', {}, heading, figures);
    summary.addEventListener('click', () => (this.#isUsers = true));
    this.#spans.ariaLabel = 'Where the time went, in order';
    this.#details.append(summary, this.#words, this.#spans);
    this.element.append(this.#details);
  }

  /** Unfolded while it is the latest one, unless its reader has decided otherwise. */
  set isLatest(isLatest: boolean) {
    if (!this.#isUsers) this.#details.open = isLatest;
  }

  update(turn: CallTurn): void {
    if (turn === this.#shown) return;
    this.#shown = turn;
    const figure = figureOf(turn);
    const spans = spansOf(turn).filter(({ ms }) => ms >= shortestMs);
    setText(this.#question, titleOf(turn));
    setText(this.#status, statusText(turn));
    setText(this.#figure, figure.type === 'gap' || figure.type === 'part' ? milliseconds(figure.ms) : 'no gap');
    if (figure.type === 'awaited') setText(this.#figure, '…');
    setText(this.#bound, figure.type === 'gap' ? `±\u202f${milliseconds(figure.errorMs)}` : '');
    if (figure.type === 'part') setText(this.#bound, 'in part');
    this.#lane.replaceChildren(...spans.map(bar));
    if (figure.type === 'gap') this.#lane.append(whisker(figure.ms, figure.errorMs));
    const heard = comparableAcoustic(turn);
    if (heard !== undefined) this.#lane.append(placed('heard-mark', heard.ms, 0));
    this.#showWords(turn);
    this.#spans.replaceChildren(...spans.map(spanRow), ...hiddenRows(turn));
  }

  #showWords(turn: CallTurn): void {
    const waited = waitedFor(turn);
    const lines = [
      waited === undefined ? undefined : `You waited for: ${waited}.`,
      noteOn(turn),
      residualWords(turn),
      meanwhile(turn),
    ].filter((line) => line !== undefined);
    this.#words.replaceChildren(...lines.map((text) => make('p', { text })));
  }
}

function titleOf({ report, account }: CallTurn): string {
  if (report !== undefined && report.transcript !== '') return `“${report.transcript}”`;
  if (account?.kind === 'greeting') return 'Greeting';
  if (account?.kind === 'reprompt') return 'Asked again';
  return report === undefined ? 'Answer' : 'Turn';
}

/** What the bars stand on: as wide as the axis. */
function lane(): HTMLElement {
  const element = make('span', { className: 'lane' });
  element.ariaHidden = 'true';
  return element;
}

function placed(className: string, startMs: number, ms: number): HTMLElement {
  const element = make('span', { className });
  element.style.setProperty('--start', `${startMs}`);
  element.style.setProperty('--length', `${ms}`);
  return element;
}

function bar({ name, startMs, ms }: PlacedSpan): HTMLElement {
  return placed(`bar work-${namingOf(name).work}`, startMs, ms);
}

/** How far the end may be off. */
function whisker(ms: number, errorMs: number): HTMLElement {
  const startMs = Math.max(0, ms - errorMs);
  return placed('whisker', startMs, ms + errorMs - startMs);
}

function spanRow(span: PlacedSpan): HTMLLIElement {
  const onLane = lane();
  onLane.append(bar(span));
  const time = make('span', { className: 'span-time', text: milliseconds(span.ms) });
  if (span.errorMs >= shortestMs) {
    time.append(make('span', { className: 'visually-hidden', text: ` ± ${milliseconds(span.errorMs)}` }));
  }
  return make('li', { className: 'turn-row' }, make('span', { className: 'span-name', text: span.name }), onLane, time);
}

/** Nobody waited for it, so it has no place on the axis: its length counts. */
function hiddenRows({ account }: CallTurn): readonly HTMLLIElement[] {
  const hidden = (account?.account?.hidden ?? []).filter(({ ms }) => ms >= shortestMs);
  return hidden.map(({ name, ms }) => {
    const onLane = lane();
    onLane.append(placed('bar hidden-work', 0, ms));
    const label = make('span', { className: 'span-name', text: name });
    label.append(make('span', { className: 'visually-hidden', text: ', meanwhile' }));
    const time = make('span', { className: 'span-time', text: milliseconds(ms) });
    return make('li', { className: 'turn-row meanwhile' }, label, onLane, time);
  });
}
