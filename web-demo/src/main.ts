// Wires the page: what the user wants goes to the call, what happens in the call goes to the view.

import { setLogLevel } from 'livekit-client';

import { type AgentDescription, fetchAgent, ProblemError } from './api.ts';
import { callReport } from './call-report.ts';
import { Call } from './call.ts';
import { type AcousticHandle, CallEar } from './ear/call-ear.ts';
import { LevelMeter } from './level-meter.ts';
import { listMicrophones, onMicrophonesChanged } from './devices.ts';
import { fileName, saveFile } from './file-saving.ts';
import { type CallEvent, initialState, isInCall, type PageState, stateAfter } from './page-state.ts';
import { problems } from './problems.ts';
import { View } from './view.ts';

let state = initialState;
let call: Call | undefined;
let context: AudioContext | undefined;
let ear: CallEar | undefined;
let agent: AgentDescription | undefined;
/** Of the current call, or the last one: ISO 8601. */
let startedAt = '';
let endedAt: string | undefined;
let callerMeter: LevelMeter | undefined;
let agentMeter: LevelMeter | undefined;

const view = new View({
  start: () => void startCall(),
  hangUp: () => call?.hangUp(),
  say: (text) => {
    if (isInCall(state)) void call?.say(text);
  },
  setMuted: (muted) => void call?.setMuted(muted),
  useMicrophone: () => void call?.useMicrophone(view.chosenMicrophone),
  unlockSound: () => void call?.unlockSound(),
  saveReport: () => {
    if (call === undefined) return;
    const report = callReport({ ...call.parties, startedAt, endedAt }, agent?.stages ?? {}, state.turns);
    saveFile(fileName(startedAt, 'json'), 'application/json', [`${JSON.stringify(report, null, 2)}\n`]);
  },
  saveRecording: () => saveFile(fileName(startedAt, 'wav'), 'audio/wav', ear?.recording?.wav() ?? []),
});

/** What the page knows and hears, to look at: nothing of it can be changed. */
interface PageHandle {
  readonly acoustic: AcousticHandle | undefined;
  readonly turns: PageState['turns'];
}

const handle: PageHandle = {
  get acoustic() {
    return ear && { sampleRateHz: ear.sampleRateHz, turns: ear.turns, onsets: ear.onsets };
  },
  get turns() {
    return state.turns;
  },
};
Object.defineProperty(globalThis, 'repartee', { value: Object.freeze(handle) });

function take(event: CallEvent): void {
  state = stateAfter(state, event);
  view.show(state);
  if (event.type === 'ended') {
    endedAt = new Date().toISOString();
    ear?.close();
  }
  view.showSavable({ report: state.turns.length > 0, recording: (ear?.recording?.durationMs ?? 0) > 0 });
  // After the state knows of the account.
  if (event.type === 'account' && event.account.kind === 'answer') ear?.told(event.account.replyId, performance.now());
  // Names of devices are told once the microphone is allowed.
  if (event.type === 'microphone') void showMicrophones();
}

async function startCall(): Promise<void> {
  const audio = prepareMeters();
  startedAt = new Date().toISOString();
  endedAt = undefined;
  ear?.close();
  ear = new CallEar(audio, (replyId, gap) => take({ type: 'heard', replyId, gap }));
  call = new Call({
    onEvent: take,
    onMicrophoneTrack: (track) => {
      callerMeter?.follow(track);
      ear?.followCaller(track);
    },
    onAgentTrack: (track) => {
      if (track === undefined) view.agentAudio.srcObject = null;
      else track.attach(view.agentAudio);
      agentMeter?.follow(track?.mediaStreamTrack);
      ear?.followAgent(track?.mediaStreamTrack);
    },
    outputLatencyMs: () => audio.outputLatency * 1000,
  });
  await call.start(view.chosenMicrophone);
}

/** In the click that starts the call: browsers let a page make or hear sound only from there. */
function prepareMeters(): AudioContext {
  if (context !== undefined) return context;
  context = new AudioContext();
  callerMeter = new LevelMeter(context, (level) => view.showCallerLevel(level));
  agentMeter = new LevelMeter(context, (level) => view.showAgentLevel(level));
  return context;
}

async function showMicrophones(): Promise<void> {
  view.showMicrophones(await listMicrophones());
}

async function showAgent(): Promise<void> {
  try {
    agent = await fetchAgent();
    view.showAgent(agent);
  } catch (error) {
    view.showProblem(error instanceof ProblemError ? error.problem : problems.pageServerFailed);
  }
}

setLogLevel('warn');
view.show(state);
onMicrophonesChanged(() => void showMicrophones());
void showMicrophones();
void showAgent();
