// What a user can set about turns.

import type { IsBackchannel } from './backchannels.ts';
import type { EndpointingPolicy } from './endpointing.ts';
import type { ReplyContent } from './events.ts';
import type { SameMeaning } from './similar-words.ts';

export interface TurnSettings {
  readonly endpointing: EndpointingPolicy;
  /** Ask for the final at each pause; otherwise when the policy is satisfied (a grammar's parse ends with the final). */
  readonly finalAtPause: boolean;
  /** Have the sound of each pause judged, for policies that go by it. */
  readonly judgeSound: boolean;
  /** How long to wait for the final transcript before the turn is answered on its interim. */
  readonly finalDeadlineMs: number;
  readonly drafts: DraftSettings;
  readonly anticipation: AnticipationSettings;
  /** What `ifSimilar` means; what was foreseen goes by it in any case. */
  readonly similar: SameMeaning;
  /** How long the caller has been silent, since the answer was committed, when it counts as certain. */
  readonly settleMs: number;
  readonly bargeIn: BargeInSettings;
  /** Voiced audio below which speech that could not be recognised, or that only stopped a reply, is taken for noise. */
  readonly unintelligibleVoicedMs: number;
  readonly dtmf: DtmfSettings;
  readonly silence: SilenceSettings;
  /** Said when a caller is linked. */
  readonly greeting: ReplyContent | undefined;
  /** Said when a reply failed, or nothing can be recognised. */
  readonly apology: string;
  /** Said before the agent leaves. */
  readonly goodbye: string;
}

/** Keys of the telephone. */
export interface DtmfSettings {
  /** Silence after the last key that ends a turn. */
  readonly interDigitMs: number;
  /** A key that ends it at once. */
  readonly endsWith: '#' | '*' | 'none';
}

/** A caller who says nothing. */
export interface SilenceSettings {
  /** Who is asked again: callers on the phone, everybody, nobody. */
  readonly mode: 'phone' | 'always' | 'never';
  /** How long both are silent before. */
  readonly repromptAfterMs: number;
  /** How often, before the call is ended. */
  readonly reprompts: number;
  /** What is generated comes after the history. */
  readonly reprompt: ReplyContent;
}

/** What a voice does to a reply while its words are not known; milliseconds of audio time. */
export interface BargeInSettings {
  /** Voice without a break that suspends a reply. */
  readonly suspendAfterMs: number;
  /** A sound up to this long is a cough or a backchannel more often than words: the reply goes on as soon as it ends. */
  readonly briefMs: number;
  /** After a longer sound the words are waited for so long before the reply goes on. */
  readonly resumeAfterMs: number;
  /** Voice without a break that ends a reply, whatever the recogniser makes of it. */
  readonly stopAfterMs: number;
  readonly isBackchannel: IsBackchannel;
}

/** Replies that are prepared before the turn is decided. */
export interface DraftSettings {
  /**
   * When a draft answers the turn: its text and the final are the same after normalisation; or in what they mean; always; or
   * no drafts at all.
   */
  readonly policy: 'ifUnchanged' | 'ifSimilar' | 'always' | 'off';
  /** Drafts for one turn, at most. */
  readonly perTurn: number;
  /** How long a turn that could be ended waits for a draft on its text. */
  readonly waitMs: number;
  /** Where a longer silence is wanted, a draft begins this long before its end: what a reply usually takes to be ready. */
  readonly leadMs: number;
}

/** Replies that are prepared before the caller begins to speak. */
export interface AnticipationSettings {
  /** At most so many after each reply of the agent; 0: none. */
  readonly perReply: number;
}
