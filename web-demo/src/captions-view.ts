// The captions of both sides: what was said in order, each line rewritten in place until it is final. Screen readers are
// told final lines only, in a region of their own.

import type { Caption, Speaker } from './captions.ts';
import { elementById, make, setText } from './dom.ts';

interface Line {
  readonly item: HTMLLIElement;
  readonly words: HTMLElement;
}

// Closer to the end than this, the reader wants to see what comes next.
const followDistancePx = 48;

export class CaptionsView {
  readonly #scroll = elementById('captions-scroll', HTMLDivElement);
  readonly #list = elementById('captions', HTMLOListElement);
  readonly #empty = elementById('captions-empty', HTMLParagraphElement);
  readonly #announcer = elementById('announcer', HTMLDivElement);
  readonly #lines = new Map<string, Line>();
  readonly #announced = new Set<string>();
  #shown: readonly Caption[] = [];

  show(captions: readonly Caption[], names: Readonly<Record<Speaker, string>>): void {
    if (captions === this.#shown) return;
    this.#shown = captions;
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const follow = scrollHeight - scrollTop - clientHeight < followDistancePx;
    this.#removeAllBut(new Set(captions.map(({ id }) => id)));
    for (const caption of captions) {
      this.#showLine(caption, names[caption.speaker]);
      if (caption.final) this.#announce(caption, names[caption.speaker]);
    }
    this.#empty.hidden = captions.length > 0;
    if (follow) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #showLine(caption: Caption, name: string): void {
    const { item, words } = this.#lines.get(caption.id) ?? this.#addLine(caption, name);
    item.classList.toggle('interim', !caption.final);
    setText(words, caption.text);
  }

  #addLine({ id, speaker, typed }: Caption, name: string): Line {
    const words = make('span', { className: 'caption-words' });
    const who = make('span', { className: 'caption-speaker', text: typed ? `${name}, typed` : name });
    const item = make('li', { className: `caption ${speaker}` }, who, words);
    const line = { item, words };
    this.#lines.set(id, line);
    this.#list.append(item);
    return line;
  }

  #removeAllBut(ids: ReadonlySet<string>): void {
    for (const [id, { item }] of this.#lines) {
      if (ids.has(id)) continue;
      item.remove();
      this.#lines.delete(id);
      this.#announced.delete(id);
    }
    if (ids.size === 0) this.#announcer.replaceChildren();
  }

  #announce({ id, text }: Caption, name: string): void {
    if (this.#announced.has(id)) return;
    this.#announced.add(id);
    this.#announcer.append(make('p', { text: `${name}: ${text}` }));
  }
}
