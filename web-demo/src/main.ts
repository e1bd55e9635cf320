// Wires the page: what the user wants goes to the call, what happens in the call goes to the view.

import { setLogLevel } from 'livekit-client';

import { fetchAgent, ProblemError } from './api.ts';
import { Call } from './call.ts';
import { LevelMeter } from './level-meter.ts';
import { listMicrophones, onMicrophonesChanged } from './devices.ts';
import { type CallEvent, initialState, isInCall, stateAfter } from './page-state.ts';
import { problems } from './problems.ts';
import { View } from './view.ts';

let state = initialState;
let call: Call | undefined;
let meterContext: AudioContext | undefined;
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
});

function take(event: CallEvent): void {
  state = stateAfter(state, event);
  view.show(state);
  // Names of devices are told once the microphone is allowed.
  if (event.type === 'microphone') void showMicrophones();
}

async function startCall(): Promise<void> {
  prepareMeters();
  call = new Call({
    onEvent: take,
    onMicrophoneTrack: (track) => callerMeter?.follow(track),
    onAgentTrack: (track) => {
      if (track === undefined) view.agentAudio.srcObject = null;
      else track.attach(view.agentAudio);
      agentMeter?.follow(track?.mediaStreamTrack);
    },
    outputLatencyMs: () => meterContext && meterContext.outputLatency * 1000,
  });
  await call.start(view.chosenMicrophone);
}

/** In the click that starts the call: browsers let a page make or hear sound only from there. */
function prepareMeters(): void {
  if (callerMeter !== undefined) return;
  const context = new AudioContext();
  meterContext = context;
  callerMeter = new LevelMeter(context, (level) => view.showCallerLevel(level));
  agentMeter = new LevelMeter(context, (level) => view.showAgentLevel(level));
}

async function showMicrophones(): Promise<void> {
  view.showMicrophones(await listMicrophones());
}

async function showAgent(): Promise<void> {
  try {
    view.showAgent(await fetchAgent());
  } catch (error) {
    view.showProblem(error instanceof ProblemError ? error.problem : problems.pageServerFailed);
  }
}

setLogLevel('warn');
view.show(state);
onMicrophonesChanged(() => void showMicrophones());
void showMicrophones();
void showAgent();
