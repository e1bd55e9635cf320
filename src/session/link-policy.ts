// When the linked participant changes: the first eligible one is linked at once; when it leaves, it may come back within
// a grace time before the next one is linked; alone for long, the agent leaves. Where the active speaker is listened to,
// another one who speaks takes the place of one who doesn't, between turns only.

import type { Clock, Timer } from '../lib/clock.ts';
import type { RemoteParticipant } from '../room/port.ts';
import { chooseParticipant, isEligible } from './linked-participant.ts';

export interface LinkPolicyOptions {
  /** Nobody but this participant is listened to. */
  readonly identity?: string | undefined;
  /** `first`: whoever came first, until they leave; `activeSpeaker`: whoever speaks. */
  readonly listenTo: 'first' | 'activeSpeaker';
  /** Neither side is in the middle of a turn. */
  readonly isBetweenTurns: () => boolean;
  readonly graceMs: number;
  readonly leaveAfterMs: number;
  readonly clock: Clock;
  /** `takesOver`: from somebody who is still there. */
  readonly onLink: (participant: RemoteParticipant, takesOver: boolean) => void;
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
  #speakers: readonly string[] = [];

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
        this.#link(chooseParticipant(participants, this.#options.identity));
        return;
    }
  }

  /** Tells who speaks, the loudest first. */
  speaking(identities: readonly string[]): void {
    this.#speakers = identities;
    this.turnEnded();
  }

  /** A turn may have ended: the one who speaks is listened to from now on, where that is wanted. */
  turnEnded(): void {
    const { listenTo, identity, isBetweenTurns, onUnlink } = this.#options;
    const state = this.#state;
    if (listenTo === 'first' || identity !== undefined || state.kind !== 'linked' || this.#speakers.length === 0)
      return;
    if (this.#speakers.includes(state.identity) || !isBetweenTurns()) return;
    const speaker = this.#speakers.find((one) => this.#isThere(one));
    if (speaker === undefined) return;
    onUnlink();
    this.#link(this.#participants.get(speaker), true);
  }

  close(): void {
    this.#stopTimer();
    this.#state = { kind: 'closed' };
  }

  #link(participant: RemoteParticipant | undefined, takesOver = false): void {
    if (participant === undefined) return;
    this.#stopTimer();
    this.#state = { kind: 'linked', identity: participant.identity };
    this.#options.onLink(participant, takesOver);
  }

  #unlink(lastIdentity: string): void {
    const timer = this.#options.clock.after(this.#options.graceMs, () => {
      this.#state = this.#alone();
      this.#link(chooseParticipant(this.#participants, this.#options.identity));
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
