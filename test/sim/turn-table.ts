// The turn engine in virtual time; audio time and real time run together.

import { dtmfKey } from '../../src/rtp/dtmf.ts';
import { TICKS_PER_MS } from '../../src/rtp/packet.ts';
import { fixedEndpointing } from '../../src/turns/endpointing.ts';
import { step } from '../../src/turns/engine.ts';
import type { TurnCommand, TurnEvent } from '../../src/turns/events.ts';
import { similarWords } from '../../src/turns/similar-words.ts';
import type { TurnSettings } from '../../src/turns/settings.ts';
import { initialTurnState } from '../../src/turns/state.ts';
import type { TurnState } from '../../src/turns/state.ts';

const settings: TurnSettings = {
  endpointing: fixedEndpointing(500),
  finalAtPause: false,
  judgeSound: false,
  finalDeadlineMs: 700,
  drafts: { policy: 'off', perTurn: 3, waitMs: 1500, leadMs: 700 },
  anticipation: { perReply: 2 },
  similar: similarWords('en'),
  bargeIn: {
    suspendAfterMs: 240,
    briefMs: 500,
    resumeAfterMs: 1500,
    stopAfterMs: 2000,
    isBackchannel: (text) => text === 'mhm',
  },
  settleMs: 400,
  unintelligibleVoicedMs: 300,
  greeting: undefined,
  dtmf: { interDigitMs: 2000, endsWith: '#' },
  silence: { mode: 'phone', repromptAfterMs: 5000, reprompts: 2, reprompt: { type: 'text', text: 'Still there?' } },
  apology: 'Sorry.',
  goodbye: 'Goodbye.',
};

export class Table {
  state: TurnState = initialTurnState;
  /** All but `settleReply`, which comes with time alone. */
  commands: TurnCommand[] = [];
  /** Of the last `settleReply`. */
  settled = false;
  nowMs = 0;
  readonly settings: TurnSettings;

  constructor(more: Partial<TurnSettings> = {}) {
    this.settings = { ...settings, ...more };
    this.tell({ type: 'callerLinked', greet: true, onPhone: false });
  }

  tell(event: TurnEvent): this {
    const next = step(this.state, event, this.nowMs, this.settings);
    this.state = next.state;
    for (const command of next.commands) {
      if (command.type === 'settleReply') this.settled = command.settled;
      else this.commands.push(command);
    }
    return this;
  }

  pass(
    ms: number,
    sound: Partial<Pick<Extract<TurnEvent, { type: 'tick' }>, 'voiceDoubt' | 'voiceMovementDb'>> = {},
  ): this {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs += 20;
      this.tell({ type: 'tick', timestamp: this.nowMs * TICKS_PER_MS, ...sound });
    }
    return this;
  }

  voiceStarts(): this {
    return this.tell({ type: 'voiceStarted', timestamp: this.nowMs * TICKS_PER_MS });
  }

  voiceEnds(): this {
    return this.tell({ type: 'voiceEnded', timestamp: this.nowMs * TICKS_PER_MS });
  }

  /** Speaks for `ms` and stops. */
  voice(ms: number): this {
    return this.voiceStarts().pass(ms).voiceEnds();
  }

  interim(text: string): this {
    return this.tell({ type: 'interim', text, endTimestamp: this.nowMs * TICKS_PER_MS });
  }

  final(text: string, { rejected = false, answersFinalize = true } = {}): this {
    const endTimestamp = this.nowMs * TICKS_PER_MS;
    return this.tell({ type: 'final', text, endTimestamp, rejected, answersFinalize });
  }

  /** Presses keys, `everyMs`. */
  press(keys: string, everyMs = 200): this {
    for (const name of keys) {
      const key = dtmfKey(name, NaN);
      if (key === undefined) throw new RangeError(`no such key: ${name}`);
      this.tell({ type: 'keyPressed', key, timestamp: this.nowMs * TICKS_PER_MS }).pass(everyMs);
    }
    return this;
  }

  /** A complete turn: voice, the pause, the final. */
  ask(text: string): this {
    return this.voice(1000).pass(500).final(text);
  }

  audible(): this {
    return this.tell({ type: 'replyAudible', replyId: this.state.replyCount });
  }

  types(): string[] {
    return this.commands.splice(0).map(({ type }) => type);
  }
}
