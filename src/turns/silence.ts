// What to do about a caller who says nothing: ask again, a few times, then say goodbye and end the call.
// Not where nobody is expected to speak: people in video rooms mute themselves and listen.

import { after, discardDraft, isUnderWay, say } from './agent.ts';
import { type Moment, momentOf, passedMs } from './audio-time.ts';
import type { ReplyContent } from './events.ts';
import type { SilenceSettings, TurnSettings } from './settings.ts';
import type { Step, TurnState } from './state.ts';

/** Of a caller who is to be asked again. */
export interface Silence {
  /** How often they have been, since they last gave a sign of life; the goodbye counts too. */
  readonly promptCount: number;
  /** Since when neither side has said or done anything. */
  readonly since: Moment | undefined;
}

/** Of somebody who has just come. */
export function silenceOf({ mode }: SilenceSettings, onPhone: boolean): Silence | undefined {
  const isWatched = mode === 'always' || (mode === 'phone' && onPhone);
  return isWatched ? { promptCount: 0, since: undefined } : undefined;
}

/** To be asked after each event. */
export function considerSilence(state: TurnState, nowMs: number, settings: TurnSettings): Step {
  const { silence } = state;
  if (silence === undefined || state.leaving) return { state, commands: [] };
  if (isAwake(state)) return { state: { ...state, silence: { promptCount: 0, since: undefined } }, commands: [] };
  if (isUnderWay(state) || state.deaf)
    return { state: { ...state, silence: { ...silence, since: undefined } }, commands: [] };
  const since = silence.since ?? momentOf(state, nowMs);
  const isDue = passedMs(state, since, nowMs) >= settings.silence.repromptAfterMs;
  if (isDue && !awaitsTool(state)) {
    return after(discardDraft(state), (next) => breakSilence(next, silence.promptCount, settings));
  }
  const counted = isDue ? momentOf(state, nowMs) : since;
  return { state: { ...state, silence: { ...silence, since: counted } }, commands: [] };
}

/** The caller says or does something, or is answered: the next silence is another one. */
function isAwake({ caller, agent }: TurnState): boolean {
  if (caller.kind !== 'silent') return true;
  const isDrafting = agent.kind === 'idle' || agent.kind === 'drafting';
  return !isDrafting && agent.reply.kind !== 'reprompt' && agent.reply.kind !== 'goodbye';
}

function breakSilence(state: TurnState, promptCount: number, { silence, goodbye }: TurnSettings): Step {
  const asked: TurnState = { ...state, silence: { promptCount: promptCount + 1, since: undefined } };
  if (promptCount >= silence.reprompts) return say(asked, 'goodbye', { type: 'text', text: goodbye });
  return say(asked, 'reprompt', inContext(state, silence.reprompt));
}

/** What the model says, it says knowing the conversation. */
function inContext({ history }: TurnState, content: ReplyContent): ReplyContent {
  return content.type === 'text' ? content : { ...content, messages: [...history, ...content.messages] };
}

/** A tool goes on although its reply was interrupted: the caller was told to wait, or waits. */
function awaitsTool({ history }: TurnState): boolean {
  return history.some((message) => message.role === 'tool' && message.outcome.status === 'running');
}
