// Keeps the agent's own voice from whoever listens to the caller: what may be echo is held back until it is known, and comes
// out as silence, or as it came where it turns out to be a voice. Pure; a frame costs nothing while nothing is suspected.

import type { AudioFrame } from './frame.ts';
import type { OwnVoiceVerdict } from './own-voice.ts';

/** 240 ms: by then nine in ten callers who speak over an echo have been told from it (docs/decisions/0005-own-voice.md). */
const LONGEST_HOLD_FRAMES = 12;
/** 300 ms, in the first 1.5 s of play in a call: so long it takes to know whether anything comes back. */
const LONGEST_SUSPICION_FRAMES = 15;
/** A single frame beyond the echo may be an accident of the line. */
const CERTAIN_FRAMES = 2;
/** While nothing is known of an echo, one may look unlike the play for longer. */
const UNSUSPECTED_FRAMES = 4;
/** A voice is told from an echo by its louder parts: it began up to 60 ms before. */
const ONSET_FRAMES = 3;
/** An echo that was followed by so much silence is over. */
const QUIET_FRAMES = 3;
/** A short sound that was so much like what was played was an echo, although too short to be certain. */
const LIKELY_COHERENCE = 0.62;
/** What sounds like echo within a voice is passed on for as long as the voice has lasted, but for no longer than 300 ms. */
const MOST_PATIENCE_FRAMES = 15;

type Verdict = Pick<OwnVoiceVerdict, 'content' | 'coherence' | 'delayMs'>;

interface HeldFrame {
  readonly frame: AudioFrame;
  readonly content: OwnVoiceVerdict['content'];
}

type GateState =
  /** Frames pass. `patience`: so many that are taken for echo may still pass, as parts of a voice. */
  { readonly kind: 'open'; patience: number; isEchoKnown: boolean } | Holding;

/** Frames are held: by now so many of them (`voiceFrames`, less those of echo) are a voice that began with `voiceAt`. */
interface Holding {
  readonly kind: 'holding';
  readonly held: HeldFrame[];
  voiceFrames: number;
  voiceAt: number;
  /** Of the last sound. */
  coherence: number;
}

/** What became of the frames of a call. */
export interface EchoGateStatistics {
  /** Frames taken for echo: passed on as silence. */
  readonly echoFrames: number;
  /** Frames that came late because it was not known what they were, and then were a voice. */
  readonly releasedFrames: number;
}

export class EchoGate {
  #state: GateState = { kind: 'open', patience: 0, isEchoKnown: false };
  #echoFrames = 0;
  #releasedFrames = 0;

  get statistics(): EchoGateStatistics {
    return { echoFrames: this.#echoFrames, releasedFrames: this.#releasedFrames };
  }

  /** Takes the next frame with what it holds; returns what is known by now, in order: none, this one, or several. */
  push(frame: AudioFrame, verdict: Verdict): readonly AudioFrame[] {
    const state = this.#state;
    if (state.kind === 'holding') return this.#hold(state, frame, verdict);
    const { content, delayMs } = verdict;
    // What passed before an echo was known may have been the echo.
    if (!state.isEchoKnown && delayMs !== undefined) state.patience = 0;
    state.isEchoKnown = delayMs !== undefined;
    if (content === 'voice') state.patience = Math.min(MOST_PATIENCE_FRAMES, state.patience + 1);
    if (content !== 'echo' && content !== 'suspected') return [frame];
    if (state.patience > 0) {
      state.patience -= 1;
      return [frame];
    }
    const { coherence } = verdict;
    this.#state = { kind: 'holding', held: [{ frame, content }], voiceFrames: 0, voiceAt: 0, coherence };
    return [];
  }

  #hold(state: Holding, frame: AudioFrame, { content, coherence, delayMs }: Verdict): readonly AudioFrame[] {
    const { held } = state;
    const isEchoKnown = delayMs !== undefined;
    held.push({ frame, content });
    switch (content) {
      case 'voice':
        if (state.voiceFrames === 0) state.voiceAt = held.length - 1;
        state.voiceFrames += 1;
        // Where nothing is known to come back, what was only suspected is the caller's, all of it.
        if (state.voiceFrames >= (isEchoKnown ? CERTAIN_FRAMES : UNSUSPECTED_FRAMES)) {
          return this.#release(held, isEchoKnown ? state.voiceAt - ONSET_FRAMES : 0, isEchoKnown);
        }
        break;
      case 'nothing':
        if (held.slice(-QUIET_FRAMES).every((each) => each.content === 'nothing')) {
          const isEcho = isEchoKnown || state.coherence > LIKELY_COHERENCE;
          return this.#release(held, isEcho ? held.length : 0, isEchoKnown);
        }
        break;
      case 'echo':
      case 'suspected':
        state.voiceFrames = Math.max(0, state.voiceFrames - 1);
        state.coherence = coherence;
        break;
    }
    return this.#expire(state, isEchoKnown);
  }

  /** What has been held for too long: echo, where there is one, and the caller's where there is none. */
  #expire(state: Holding, isEchoKnown: boolean): readonly AudioFrame[] {
    const { held } = state;
    if (held.length <= (isEchoKnown ? LONGEST_HOLD_FRAMES : LONGEST_SUSPICION_FRAMES)) return [];
    if (!isEchoKnown) return this.#release(held, 0, isEchoKnown);
    state.voiceAt = Math.max(0, state.voiceAt - 1);
    const [oldest] = held.splice(0, 1);
    return oldest === undefined ? [] : [this.#withoutEcho(oldest)];
  }

  /** Everything held: what came before `voiceAt` without its echo, the rest as it is. */
  #release(held: readonly HeldFrame[], voiceAt: number, isEchoKnown: boolean): readonly AudioFrame[] {
    this.#state = { kind: 'open', patience: held.length - Math.max(0, voiceAt), isEchoKnown };
    return held.map((each, index) => {
      if (index < voiceAt) return this.#withoutEcho(each);
      this.#releasedFrames += 1;
      return each.frame;
    });
  }

  #withoutEcho({ frame, content }: HeldFrame): AudioFrame {
    if (content === 'nothing') return frame;
    this.#echoFrames += 1;
    return { ...frame, samples: new Int16Array(frame.samples.length), origin: 'silence' };
  }
}
