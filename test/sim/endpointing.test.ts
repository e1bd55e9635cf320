// When a turn ends by its words: whole conversations with the adaptive policy, which is the default.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The recogniser of these tests hears a word every 300 ms. */
const WORD_MS = 300;
/** 150 ms of recognition, 350 of the model, 150 of the voice. */
const FLOOR_MS = 650;

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session;
let reports: TurnReport[];

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, () => 'All right.');
  reports = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
});

/** The caller will say `words`; the greeting, if any, has been heard. */
async function start(words: string, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, words, { finalsAtPauses: true }),
      model,
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({ anticipation: { source: 'off' }, ...options }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
  if (options.greeting !== undefined) await caller.rest(6000);
}

/** Says so many words, with the same pause after each group of them; the last pause is as long as it takes. */
async function say(groups: readonly number[], pauseMs: number): Promise<void> {
  for (const count of groups.slice(0, -1)) {
    await caller.speak(count * WORD_MS);
    await caller.rest(pauseMs);
  }
  await caller.ask((groups.at(-1) ?? 0) * WORD_MS);
}

const responsesMs = (): number[] => {
  const answers = new Map(reports.map((report) => [report.turn, report.responseMs]));
  return [...answers.values()].filter((ms) => ms !== undefined);
};

it('a plain yes to a question, and a complete question, are answered as fast as the stages allow', async () => {
  await start('yes when do you open', { greeting: 'Shall I book it?' });
  await say([1], 0);
  await say([4], 0);
  expect(model.questions).toEqual(['yes', 'when do you open']);
  for (const responseMs of responsesMs()) expect(responseMs).toBeLessThanOrEqual(FLOOR_MS + 60);
  expect(responsesMs()).toHaveLength(2);
});

it('a telephone number with a pause after each group is one turn', async () => {
  await start('four one five five five five two six seven one', { greeting: 'What is your phone number?' });
  await say([3, 3, 4], 900);
  expect(model.questions).toEqual(['four one five five five five two six seven one']);
});

it('a spelled name, an um and a clause that is not finished are one turn each', async () => {
  for (const [words, groups] of [
    ['it is spelled m a c k', [3, 2, 2]],
    ['um i would like um a table on friday', [1, 4, 4]],
    ['my flight was cancelled and i need the next one', [5, 3, 2]],
  ] as const) {
    await start(words, { drafts: { policy: 'off' } });
    await say(groups, 900);
    expect(model.questions.splice(0)).toEqual([words]);
    await session.close();
    room = new SimRoom(clock);
  }
});
