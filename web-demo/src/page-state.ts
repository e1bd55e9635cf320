// Everything the page shows, as one pure reducer over what happens in a call.

import { type Caption, captionsAfter, captionsAfterTyping, captionsAtEnd, type CaptionUpdate } from './captions.ts';
import { type CallTurn, turnsAfterAccount, turnsAfterHearing, turnsAfterReport } from './call-turns.ts';
import type { AcousticGap } from './ear/call-ear.ts';
import { type Problem, problems } from './problems.ts';
import type { TurnAccount } from './turn-accounts.ts';
import type { TurnReport } from './turn-reports.ts';

/** `askingMicrophone`: the browser is asking the caller for it. */
export type Phase = 'idle' | 'askingMicrophone' | 'connecting' | 'live' | 'reconnecting' | 'ended';

/** The agent's own words for its state (participant attribute `lk.agent.state`). */
export type AgentState = (typeof agentStates)[number];
const agentStates = ['initializing', 'listening', 'thinking', 'speaking'] as const;

export type Microphone =
  | { readonly type: 'unknown' }
  | { readonly type: 'on'; readonly muted: boolean }
  | { readonly type: 'missing'; readonly problem: Problem };

export type Agent =
  | { readonly type: 'awaited'; readonly late: boolean }
  | { readonly type: 'present'; readonly state: AgentState }
  | { readonly type: 'left' };

export interface PageState {
  readonly phase: Phase;
  readonly agent: Agent;
  readonly microphone: Microphone;
  readonly captions: readonly Caption[];
  readonly turns: readonly CallTurn[];
  readonly soundBlocked: boolean;
  /** Why the call ended, or could not begin. */
  readonly callProblem: Problem | undefined;
  /** The last typed text did not get through. */
  readonly textLost: boolean;
}

export type CallEvent =
  /** A new call: what was shown of the last one goes. */
  | { readonly type: 'started' }
  | { readonly type: 'phase'; readonly phase: 'connecting' | 'live' | 'reconnecting' }
  | { readonly type: 'ended'; readonly problem: Problem | undefined }
  | { readonly type: 'agent'; readonly agent: Agent }
  | { readonly type: 'microphone'; readonly microphone: Microphone }
  | { readonly type: 'caption'; readonly update: CaptionUpdate }
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'textLost' }
  | { readonly type: 'turn'; readonly report: TurnReport }
  | { readonly type: 'account'; readonly account: TurnAccount }
  /** The page has heard the answer itself. */
  | { readonly type: 'heard'; readonly replyId: number; readonly gap: AcousticGap }
  | { readonly type: 'soundBlocked'; readonly blocked: boolean };

export const initialState: PageState = {
  phase: 'idle',
  agent: { type: 'awaited', late: false },
  microphone: { type: 'unknown' },
  captions: [],
  turns: [],
  soundBlocked: false,
  callProblem: undefined,
  textLost: false,
};

export function stateAfter(state: PageState, event: CallEvent): PageState {
  switch (event.type) {
    case 'started':
      return { ...initialState, phase: 'askingMicrophone' };
    case 'phase':
      return { ...state, phase: event.phase };
    case 'ended':
      return { ...state, phase: 'ended', callProblem: event.problem, captions: captionsAtEnd(state.captions) };
    case 'agent':
      return { ...state, agent: event.agent };
    case 'microphone':
      return { ...state, microphone: event.microphone };
    case 'caption':
      return { ...state, captions: captionsAfter(state.captions, event.update) };
    case 'typed':
      return { ...state, captions: captionsAfterTyping(state.captions, event.text), textLost: false };
    case 'textLost':
      return { ...state, textLost: true };
    case 'turn':
      return { ...state, turns: turnsAfterReport(state.turns, event.report) };
    case 'account':
      return { ...state, turns: turnsAfterAccount(state.turns, event.account) };
    case 'heard':
      return { ...state, turns: turnsAfterHearing(state.turns, event.replyId, event.gap) };
    case 'soundBlocked':
      return { ...state, soundBlocked: event.blocked };
  }
}

/** Whether words can get to the agent. */
export function isInCall({ phase }: PageState): boolean {
  return phase === 'live' || phase === 'reconnecting';
}

/** Whether a call can be started. */
export function isIdle({ phase }: PageState): boolean {
  return phase === 'idle' || phase === 'ended';
}

/** What stands in the way, the weightiest first. */
export function currentProblems(state: PageState): readonly Problem[] {
  if (isIdle(state)) return state.callProblem === undefined ? [] : [state.callProblem];
  const found: Problem[] = [];
  if (state.phase === 'reconnecting') found.push(problems.reconnecting);
  if (state.agent.type === 'left') found.push(problems.agentLeft);
  if (state.agent.type === 'awaited' && state.agent.late) found.push(problems.agentLate);
  if (state.soundBlocked) found.push(problems.soundBlocked);
  if (state.microphone.type === 'missing') found.push(state.microphone.problem);
  if (state.textLost) found.push(problems.textNotSent);
  return found;
}

/** Reads `lk.agent.state`; an agent that does not say is getting ready. */
export function agentStateOf(attribute: string | undefined): AgentState {
  return agentStates.find((state) => state === attribute) ?? 'initializing';
}

/** One or two words for a person. */
export function statusText(state: PageState): string {
  switch (state.phase) {
    case 'idle':
      return 'Ready when you are';
    case 'askingMicrophone':
      return 'Asking for your microphone';
    case 'connecting':
      return 'Connecting';
    case 'reconnecting':
      return 'Reconnecting';
    case 'ended':
      return 'Call ended';
    case 'live':
      return agentStatusText(state.agent);
  }
}

function agentStatusText(agent: Agent): string {
  if (agent.type === 'left') return 'Gone';
  if (agent.type === 'awaited') return 'Waiting for the agent';
  switch (agent.state) {
    case 'initializing':
      return 'Getting ready';
    case 'listening':
      return 'Listening';
    case 'thinking':
      return 'Thinking';
    case 'speaking':
      return 'Speaking';
  }
}
