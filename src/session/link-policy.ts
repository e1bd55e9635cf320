// When the linked participant changes: the first eligible one is linked at once; when it leaves, it may come back within
// a grace time before the next one is linked; alone for long, the agent leaves.

import type { Clock, Timer } from '../lib/clock.ts';
import type { RemoteParticipant } from '../room/port.ts';
import { chooseParticipant, isEligible } from './linked-participant.ts';

export interface LinkPolicyOptions {
  readonly graceMs: number;
  readonly leaveAfterMs: number;
  readonly clock: Clock;
  readonly onLink: (participant: RemoteParticipant) => void;
  readonly onUnlink: () => void;
  /** Nobody was there for `leaveAfterMs`. */
  readonly onAlone: () => void;
}

type LinkState =
  | { readonly kind: 'linked'; readonly identity: string }
  /** `lastIdentity` may come back until the grace time is over. */
  | { readonly kind: 'grace'; readonly lastIdentity: string; readonly timer: Timer }
  | { readonly kind: 'alone'; readonly timer: Timer }
  | { readonly kind: 'closed' };

export class LinkPolicy {
  readonly #options: LinkPolicyOptions;
  #state: LinkState;
  #participants: ReadonlyMap<string, RemoteParticipant> = new Map();

  constructor(options: LinkPolicyOptions) {
    this.#options = options;
    this.#state = this.#alone();
  }

  /** Tells who is in the room, whenever that changes. */
  update(participants: ReadonlyMap<string, RemoteParticipant>): void {
    this.#participants = participants;
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        return;
      case 'linked':
        if (!this.#isThere(state.identity)) this.#unlink(state.identity);
        return;
      case 'grace':
        if (this.#isThere(state.lastIdentity)) this.#link(participants.get(state.lastIdentity));
        return;
      case 'alone':
        this.#link(chooseParticipant(participants));
        return;
    }
  }

  close(): void {
    this.#stopTimer();
    this.#state = { kind: 'closed' };
  }

  #link(participant: RemoteParticipant | undefined): void {
    if (participant === undefined) return;
    this.#stopTimer();
    this.#state = { kind: 'linked', identity: participant.identity };
    this.#options.onLink(participant);
  }

  #unlink(lastIdentity: string): void {
    const timer = this.#options.clock.after(this.#options.graceMs, () => {
      this.#state = this.#alone();
      this.#link(chooseParticipant(this.#participants));
    });
    this.#state = { kind: 'grace', lastIdentity, timer };
    this.#options.onUnlink();
  }

  #alone(): LinkState {
    return { kind: 'alone', timer: this.#options.clock.after(this.#options.leaveAfterMs, this.#options.onAlone) };
  }

  #stopTimer(): void {
    if (this.#state.kind === 'grace' || this.#state.kind === 'alone') this.#state.timer.cancel();
  }

  #isThere(identity: string): boolean {
    const participant = this.#participants.get(identity);
    return participant !== undefined && isEligible(participant);
  }
}
