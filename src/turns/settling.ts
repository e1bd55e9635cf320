// When the answer is certain: the caller has been silent for a while since it was committed. Only then may it change the
// world; as soon as the caller speaks again, not any more.

import { type Moment, momentOf, passedMs } from './audio-time.ts';
import type { TurnSettings } from './settings.ts';
import type { Step, TurnState } from './state.ts';

/** The reply under way, and since when the caller has been silent. */
export interface Settling {
  readonly replyId: number;
  readonly settled: boolean;
  readonly since: Moment;
}

/** To be asked after each event. */
export function settleReply(state: TurnState, nowMs: number, { settleMs }: TurnSettings): Step {
  const { agent, caller, settling: before } = state;
  if (agent.kind !== 'preparing' && agent.kind !== 'speaking') {
    return { state: before === undefined ? state : { ...state, settling: undefined }, commands: [] };
  }
  const replyId = agent.reply.id;
  const known = before?.replyId === replyId ? before : undefined;
  if (known === undefined || caller.kind === 'speaking') {
    const settling = { replyId, settled: false, since: momentOf(state, nowMs) };
    const commands = known?.settled === true ? [{ type: 'settleReply', replyId, settled: false } as const] : [];
    return { state: { ...state, settling }, commands };
  }
  if (known.settled || passedMs(state, known.since, nowMs) < settleMs) return { state, commands: [] };
  return {
    state: { ...state, settling: { ...known, settled: true } },
    commands: [{ type: 'settleReply', replyId, settled: true }],
  };
}
