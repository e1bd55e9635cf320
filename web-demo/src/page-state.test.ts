import { describe, expect, it } from 'vitest';

import {
  agentStateOf,
  type CallEvent,
  currentProblems,
  initialState,
  type PageState,
  stateAfter,
  statusText,
} from './page-state.ts';
import { problems } from './problems.ts';

const after = (...events: CallEvent[]): PageState => events.reduce(stateAfter, initialState);
const started: CallEvent = { type: 'started' };
const live: CallEvent = { type: 'phase', phase: 'live' };
const listening: CallEvent = { type: 'agent', agent: { type: 'present', state: 'listening' } };
const denied: CallEvent = {
  type: 'microphone',
  microphone: { type: 'missing', problem: problems.microphoneDenied },
};

describe('page state', () => {
  it('says what the agent does once the call is live', () => {
    expect(statusText(after(started))).toBe('Asking for your microphone');
    expect(statusText(after(started, live))).toBe('Waiting for the agent');
    expect(statusText(after(started, live, listening))).toBe('Listening');
    expect(statusText(after(started, live, listening, { type: 'phase', phase: 'reconnecting' }))).toBe('Reconnecting');
  });

  it('shows a missing microphone for as long as the call lasts without one', () => {
    expect(currentProblems(after(started, denied, live))).toEqual([problems.microphoneDenied]);
    const found: CallEvent = { type: 'microphone', microphone: { type: 'on', muted: false } };
    expect(currentProblems(after(started, denied, live, found))).toEqual([]);
  });

  it('tells a late agent from one that has left', () => {
    const late: CallEvent = { type: 'agent', agent: { type: 'awaited', late: true } };
    expect(currentProblems(after(started, live, late))).toEqual([problems.agentLate]);
    expect(currentProblems(after(started, live, late, listening))).toEqual([]);
    expect(currentProblems(after(started, live, { type: 'agent', agent: { type: 'left' } }))).toEqual([
      problems.agentLeft,
    ]);
  });

  it('puts the connection before the microphone, and shows nothing but the reason once the call is over', () => {
    const broken = after(started, denied, live, { type: 'phase', phase: 'reconnecting' });
    expect(currentProblems(broken)).toEqual([problems.reconnecting, problems.microphoneDenied]);
    const lost = stateAfter(broken, { type: 'ended', problem: problems.connectionLost });
    expect(currentProblems(lost)).toEqual([problems.connectionLost]);
    expect(currentProblems(stateAfter(broken, { type: 'ended', problem: undefined }))).toEqual([]);
  });

  it('keeps the words of an ended call until the next one begins', () => {
    const ended = after(started, live, { type: 'typed', text: 'hi' }, { type: 'ended', problem: undefined });
    expect(ended.captions).toHaveLength(1);
    expect(stateAfter(ended, started).captions).toEqual([]);
  });

  it('forgets a lost text once another got through', () => {
    const lost = after(started, live, { type: 'textLost' });
    expect(currentProblems(lost)).toContain(problems.textNotSent);
    expect(currentProblems(stateAfter(lost, { type: 'typed', text: 'again' }))).not.toContain(problems.textNotSent);
  });

  it('takes an unknown agent state for getting ready', () => {
    expect(agentStateOf(undefined)).toBe('initializing');
    expect(agentStateOf('idle')).toBe('initializing');
    expect(agentStateOf('thinking')).toBe('thinking');
  });
});
