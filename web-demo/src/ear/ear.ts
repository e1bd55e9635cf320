// The page's own ear: one silent tap that hears the caller's microphone and the agent's voice on the sample clock of one
// `AudioContext` (docs/latency.md). The voice goes on playing through the media element.

import { type EarBatch, earProcessorName } from './ear-batch.ts';
import { EarClock } from './ear-clock.ts';
// oxlint-disable-next-line import/default -- vite makes it: the address of the bundled processor
import processorUrl from './ear-processor.ts?worker&url';
import { type HeardOnset, Hearing } from './hearing.ts';

export type { HeardOnset } from './hearing.ts';

/** Inputs of the processor. */
const callerInput = 0;
const agentInput = 1;

/** Before ears are made in this context. Rejects where the browser has no audio worklets (insecure pages haven't). */
export async function prepareEars(context: AudioContext): Promise<void> {
  await context.audioWorklet.addModule(processorUrl);
}

/** For one call. The module must have been prepared in its context. */
export class Ear {
  readonly clock = new EarClock();
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #hearing: Hearing;
  readonly #sources = new Map<
    number,
    { readonly track: MediaStreamTrack; readonly node: MediaStreamAudioSourceNode }
  >();

  constructor(context: AudioContext, onHeard: (onset: HeardOnset) => void) {
    this.#context = context;
    this.#hearing = new Hearing(context.sampleRate, onHeard);
    this.#node = new AudioWorkletNode(context, earProcessorName, {
      numberOfInputs: 2,
      numberOfOutputs: 1,
      outputChannelCount: [1],
      // Whatever the tracks have.
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    this.#node.port.addEventListener('message', ({ data }: MessageEvent<EarBatch>) => this.#take(data));
    this.#node.port.start();
    // It never writes there: what isn't on the way to the destination is not rendered.
    this.#node.connect(context.destination);
  }

  /** Of the context. */
  get sampleRateHz(): number {
    return this.#context.sampleRate;
  }

  /** Of both sides, until now. */
  get recording(): Hearing['recording'] {
    return this.#hearing.recording;
  }

  /** The caller's microphone as it is published; undefined while there is none, or it is muted. */
  followCaller(track: MediaStreamTrack | undefined): void {
    this.#follow(callerInput, track);
  }

  /** The agent's voice as it is rendered. */
  followAgent(track: MediaStreamTrack | undefined): void {
    this.#follow(agentInput, track);
  }

  /** Hears no more; what was recorded stays. Idempotent. */
  close(): void {
    this.#follow(callerInput, undefined);
    this.#follow(agentInput, undefined);
    this.#node.port.postMessage('close', []);
    this.#node.port.close();
    this.#node.disconnect();
  }

  #follow(input: number, track: MediaStreamTrack | undefined): void {
    const before = this.#sources.get(input);
    // A new source would have another delay than the one that is there.
    if (before?.track === track) return;
    before?.node.disconnect();
    this.#sources.delete(input);
    if (track === undefined) return;
    const node = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
    node.connect(this.#node, 0, input);
    this.#sources.set(input, { track, node });
  }

  #take(batch: EarBatch): void {
    const { startFrame, frames, pcm } = batch;
    this.clock.arrived(((startFrame + frames) / this.#context.sampleRate) * 1000, performance.now());
    this.#hearing.take(batch);
    this.#node.port.postMessage(pcm, [pcm.buffer]);
  }
}
