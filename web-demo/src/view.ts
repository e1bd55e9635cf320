// The page: shows a `PageState` and says what its user wants.

import type { AgentDescription } from './api.ts';
import { CaptionsView } from './captions-view.ts';
import { elementById, make, setText } from './dom.ts';
import { examplesText } from './examples-text.ts';
import { currentProblems, isIdle, isInCall, type PageState, statusText } from './page-state.ts';
import { type Problem, problems } from './problems.ts';
import { TurnsView } from './turns-view.ts';

export interface UserIntents {
  start(): void;
  hangUp(): void;
  say(text: string): void;
  setMuted(muted: boolean): void;
  /** Another microphone was chosen, or the same is to be tried again. */
  useMicrophone(): void;
  unlockSound(): void;
  /** What is known of the call, as a file. */
  saveReport(): void;
  /** What was heard of it, as a file. */
  saveRecording(): void;
}

/** What there is to be saved. */
export interface Savable {
  readonly report: boolean;
  readonly recording: boolean;
}

export class View {
  /** The agent's voice plays here. */
  readonly agentAudio = elementById('agent-audio', HTMLAudioElement);
  readonly #intents: UserIntents;
  readonly #captions = new CaptionsView();
  readonly #turns = new TurnsView();
  readonly #orb = elementById('orb', HTMLDivElement);
  readonly #name = elementById('agent-name', HTMLHeadingElement);
  readonly #status = elementById('status', HTMLParagraphElement);
  readonly #problems = elementById('problems', HTMLDivElement);
  readonly #captionsRegion = elementById('captions-scroll', HTMLDivElement);
  readonly #startPanel = elementById('start-panel', HTMLDivElement);
  readonly #start = elementById('start', HTMLButtonElement);
  readonly #console = elementById('console', HTMLDivElement);
  readonly #composer = elementById('composer', HTMLFormElement);
  readonly #message = elementById('message', HTMLInputElement);
  readonly #mute = elementById('mute', HTMLButtonElement);
  readonly #microphone = elementById('microphone', HTMLSelectElement);
  readonly #level = elementById('level', HTMLDivElement);
  readonly #hangUp = elementById('hang-up', HTMLButtonElement);
  readonly #examples = elementById('examples', HTMLDivElement);
  readonly #exports = elementById('exports', HTMLDivElement);
  readonly #saveReport = elementById('save-report', HTMLButtonElement);
  readonly #saveRecording = elementById('save-recording', HTMLButtonElement);
  #shownProblems = '';

  constructor(intents: UserIntents) {
    this.#intents = intents;
    this.#start.addEventListener('click', () => intents.start());
    this.#hangUp.addEventListener('click', () => intents.hangUp());
    this.#mute.addEventListener('click', () => intents.setMuted(this.#mute.ariaPressed !== 'true'));
    this.#saveReport.addEventListener('click', () => intents.saveReport());
    this.#saveRecording.addEventListener('click', () => intents.saveRecording());
    this.#microphone.addEventListener('change', () => intents.useMicrophone());
    this.#composer.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#message.value.trim();
      if (text === '') return;
      this.#message.value = '';
      intents.say(text);
    });
  }

  /** undefined: what the system takes. */
  get chosenMicrophone(): string | undefined {
    return this.#microphone.value === '' ? undefined : this.#microphone.value;
  }

  show(state: PageState): void {
    const idle = isIdle(state);
    setText(this.#status, statusText(state));
    this.#orb.dataset['state'] = state.phase === 'live' && state.agent.type === 'present' ? state.agent.state : 'away';
    this.#showProblems(currentProblems(state));
    this.#captions.show(state.captions, { caller: 'You', agent: this.#name.textContent });
    this.#turns.show(state.turns);
    this.#showControls(state);
    const hadFocus = idle ? this.#console.contains(document.activeElement) : document.activeElement === this.#start;
    this.#startPanel.hidden = !idle;
    this.#console.hidden = idle;
    setText(this.#start, state.phase === 'ended' ? 'Call again' : 'Start talking');
    this.#captionsRegion.hidden = idle && state.captions.length === 0;
    // What had the focus is gone: a keyboard must not be thrown back to the top of the page.
    if (hadFocus) (idle ? this.#start : this.#captionsRegion).focus();
  }

  showSavable({ report, recording }: Savable): void {
    this.#exports.hidden = !report && !recording;
    this.#saveReport.disabled = !report;
    this.#saveRecording.disabled = !recording;
  }

  /** 0 to 1. */
  showCallerLevel(level: number): void {
    this.#level.style.transform = `scaleX(${level})`;
  }

  /** 0 to 1. */
  showAgentLevel(level: number): void {
    this.#orb.style.setProperty('--level', level.toFixed(3));
  }

  showMicrophones(devices: readonly MediaDeviceInfo[]): void {
    const chosen = this.#microphone.value;
    const options = devices
      .filter(({ deviceId }) => deviceId !== 'default')
      .map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === chosen));
    this.#microphone.replaceChildren(new Option('System default', ''), ...options);
  }

  showAgent(agent: AgentDescription): void {
    setText(this.#name, agent.name);
    document.title = `${agent.name} · Repartee`;
    const { stt, llm, tts } = agent.stages;
    setText(elementById('stages', HTMLParagraphElement), `Speech to text: ${stt} · Replies: ${llm} · Voice: ${tts}`);
    elementById('examples-panel', HTMLElement).hidden = agent.examples.length === 0;
    const above = examplesText(agent);
    setText(elementById('examples-title', HTMLHeadingElement), above.title);
    setText(elementById('examples-hint', HTMLParagraphElement), above.hint);
    const groups = agent.examples.map(({ title, sentences }) => {
      const summary = make('summary', { text: title });
      return make('details', { className: 'example-group' }, summary, this.#exampleList(sentences));
    });
    const firstOfEach = agent.examples.flatMap(({ sentences }) => sentences.slice(0, 1));
    this.#examples.replaceChildren(this.#exampleList(firstOfEach), ...groups);
  }

  /** A request before the call failed. */
  showProblem(problem: Problem): void {
    this.#showProblems([problem]);
  }

  #exampleList(sentences: readonly string[]): HTMLElement {
    const list = make('ul', { className: 'examples' });
    for (const sentence of sentences) {
      const button = make('button', { className: 'example', text: sentence });
      button.type = 'button';
      button.disabled = true;
      button.addEventListener('click', () => this.#intents.say(sentence));
      list.append(make('li', {}, button));
    }
    return list;
  }

  #showControls(state: PageState): void {
    const canType = isInCall(state);
    const on = state.microphone.type === 'on';
    this.#mute.disabled = !on;
    this.#mute.ariaPressed = String(state.microphone.type === 'on' && state.microphone.muted);
    this.#microphone.disabled = state.phase === 'askingMicrophone';
    for (const button of this.#examples.querySelectorAll('button')) button.disabled = !canType;
    for (const element of this.#composer.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button')) {
      element.disabled = !canType;
    }
  }

  #showProblems(found: readonly Problem[]): void {
    const shown = found.map(({ code }) => code).join(' ');
    if (shown === this.#shownProblems) return;
    this.#shownProblems = shown;
    this.#problems.replaceChildren(...found.map((problem) => this.#problemBox(problem)));
  }

  #problemBox(problem: Problem): HTMLElement {
    const box = make(
      'div',
      { className: 'problem' },
      make('p', { className: 'problem-title', text: problem.title }),
      make('p', { className: 'problem-advice', text: problem.advice }),
    );
    box.dataset['code'] = problem.code;
    if (problem.code === problems.soundBlocked.code) {
      box.append(this.#problemButton('Play sound', () => this.#intents.unlockSound()));
    } else if (problem.code.startsWith('microphone-')) {
      box.append(this.#problemButton('Try again', () => this.#intents.useMicrophone()));
    }
    return box;
  }

  #problemButton(text: string, onClick: () => void): HTMLElement {
    const button = make('button', { className: 'button', text });
    button.type = 'button';
    button.addEventListener('click', onClick);
    return button;
  }
}
