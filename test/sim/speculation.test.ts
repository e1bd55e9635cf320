// Two calls of one process: what one prepares on the chance that it is needed is never in the way of what the other's caller
// waits for, and both keep away from a service that has refused.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession, type Session } from '../../src/session/session.ts';
import { SpeculationLimits } from '../../src/session/speculation.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const answer = (question: string): string => `You said ${question}. Is that right?`;
const tooMany = (service: 'LLM' | 'TTS'): StageError =>
  new StageError(service, 'too many', { retryable: true, limitReached: true });

/** A call with its own room, over services that both calls share. */
interface Call {
  readonly session: Session;
  readonly room: SimRoom;
  readonly caller: SimCaller;
  readonly reports: TurnReport[];
}

let clock: VirtualClock;
let model: SimModel;
let tts: SimTextToSpeech;
let limits: SpeculationLimits;
let calls: Call[];

beforeEach(() => {
  clock = new VirtualClock();
  model = new SimModel(clock, answer);
  tts = new SimTextToSpeech(clock);
  calls = [];
});

afterEach(async () => {
  await Promise.all(calls.map(({ session }) => session.close()));
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount).toBe(0);
});

/** The first call's caller moves the time, the second one's goes with it. */
async function startTwo(script: string, options: AgentOptions): Promise<readonly [Call, Call]> {
  const settings = defineAgent({
    anticipation: { source: 'off' },
    ...options,
    endpointing: { policy: 'fixed', ...options.endpointing },
  });
  limits = new SpeculationLimits(settings.speculation, clock);
  const start = async (time: ConstructorParameters<typeof SimCaller>[0]): Promise<Call> => {
    const room = new SimRoom(clock);
    const reports: TurnReport[] = [];
    const session = await startSession({
      join: room.join,
      stages: {
        stt: new SimSpeechToText(clock, script, { finalsAtPauses: true }),
        model,
        tts,
        codec: simCodec,
        createVoiceDetector: simVoiceDetector,
      },
      settings,
      limits,
      clock,
      log: silentLogger,
      onTurn: (report) => reports.push(report),
    });
    const call = { session, room, reports, caller: new SimCaller(time, room) };
    calls.push(call);
    return call;
  };
  const following = {
    nowMs: () => clock.nowMs(),
    after: clock.after.bind(clock),
    advance: (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve)),
  };
  return [await start(clock), await start(following)];
}

const responses = ({ reports }: Call): readonly number[] =>
  reports.flatMap(({ responseMs, heardText }) =>
    heardText === undefined || responseMs === undefined ? [] : responseMs,
  );

describe('two calls that share the limits of a process', () => {
  it('give committed work its time: the answer of one is as soon as if the other prepared nothing', async () => {
    const options: AgentOptions = { speculation: { llmRequests: 2, ttsContexts: 2 }, endpointing: { silenceMs: 900 } };
    // The first one's answer can't be prepared; it begins while the other one's draft is under way.
    const [alone] = await startTwo('when do you open', { ...options, drafts: { policy: 'off' } });
    await alone.caller.ask(1200);
    const [expected] = responses(alone);
    expect(expected).toBeGreaterThan(1000);
    await Promise.all(calls.splice(0).map(({ session }) => session.close()));

    const [first, second] = await startTwo('when do you open', options);
    model.faults.push(new StageError('LLM', 'the draft of the first call fails'));
    const other = (async () => {
      await second.caller.rest(400);
      await second.caller.speak(1200);
      await second.caller.rest(6000);
    })();
    await first.caller.ask(1200);
    await clock.advance(3000);
    await other;
    expect(responses(first)).toEqual([expected]);
    expect(second.room.captions('agent')).toEqual([answer('when do you open')]);
    expect(model.questions).toHaveLength(4);
  });

  it('begin no drafts beyond what is left, and answer all the same', async () => {
    const [first, second] = await startTwo('when do you open', { speculation: { llmRequests: 2 } });
    const other = (async () => {
      await second.caller.speak(1200);
      await second.caller.rest(6000);
    })();
    await first.caller.ask(1200);
    await clock.advance(3000);
    await other;
    const times = [...responses(first), ...responses(second)].toSorted((one, two) => one - two);
    expect(times).toHaveLength(2);
    expect(times[0]).toBeLessThanOrEqual(760);
    expect(times[1]).toBeGreaterThanOrEqual(1000);
    expect(model.questions).toHaveLength(2);
  });

  it('speak a draft that found no place for its voice as soon as it is the answer', async () => {
    const [first, second] = await startTwo('when do you open', { speculation: { ttsContexts: 2 } });
    limits.commit('tts');
    const other = second.caller.rest(4000);
    await first.caller.ask(1200);
    await other;
    // Its words were there: only the voice comes after the decision, at 500 ms.
    expect(responses(first)[0]).toBeLessThanOrEqual(760);
    expect(tts.said.join('')).toBe(answer('when do you open'));
    expect(model.questions).toHaveLength(1);
  });

  it('give a draft up where others need its place, and answer without one', async () => {
    const [first] = await startTwo('when do you open', { speculation: { llmRequests: 2 } });
    await first.caller.speak(1200);
    await first.caller.rest(300);
    expect(model.activeCount).toBe(1);
    limits.commit('llm');
    limits.commit('llm');
    await clock.settle();
    expect(model.activeCount).toBe(0);
    await first.caller.rest(6000);
    expect(first.room.captions('agent')).toEqual([answer('when do you open')]);
    expect(responses(first)[0]).toBeGreaterThanOrEqual(1000);
  });

  it('prepare nothing for a while once a draft was refused for the limits of the account, and do so again later', async () => {
    const [first, second] = await startTwo('when do you open when do you open when do you open', {
      speculation: { offMs: 20_000 },
    });
    model.faults.push(tooMany('LLM'));
    await first.caller.ask(1200);
    expect(responses(first)[0]).toBeGreaterThanOrEqual(1000);
    const asked = second.caller.ask(1200);
    await first.caller.rest(9000);
    await asked;
    expect(responses(second)[0]).toBeGreaterThanOrEqual(1000);
    await first.caller.rest(10_000);
    await first.caller.ask(1200);
    expect(responses(first)[1]).toBeLessThanOrEqual(760);
    expect(first.room.captions('agent')).toEqual([answer('when do you open'), answer('when do you open')]);
  });

  it('leave the voice of a draft that was refused for its limits to the answer', async () => {
    const [first, second] = await startTwo('when do you open', {});
    tts.faults.push(tooMany('TTS'));
    const other = second.caller.rest(4000);
    await first.caller.ask(1200);
    await other;
    expect(first.room.captions('agent')).toEqual([answer('when do you open')]);
    expect(model.questions).toHaveLength(1);
  });
});
