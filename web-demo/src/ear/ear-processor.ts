// The ear on the audio thread: copies what comes in at its two inputs, and hands it to the page in batches. It makes nothing
// audible. `process` allocates nothing; a batch is a message and a buffer that goes to the page and comes back.

import { type EarBatch, earProcessorName } from './ear-batch.ts';

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
/** Frames of the context before the block that is being processed. */
declare const currentFrame: number;

const batchFrames = 4096;
/** So many batches may be on their way (a second and a half): only a page that is busier than that makes new ones. */
const sparePcms = 18;

class EarProcessor extends AudioWorkletProcessor {
  readonly #spare = Array.from({ length: sparePcms }, newPcm);
  #pcm = newPcm();
  #startFrame = 0;
  #frames = 0;
  #callerIsThere = false;
  #agentIsThere = false;
  #closed = false;

  constructor() {
    super();
    this.port.addEventListener('message', ({ data }: MessageEvent<Float32Array<ArrayBuffer> | 'close'>) => {
      if (data === 'close') this.#closed = true;
      else this.#spare.push(data);
    });
    this.port.start();
  }

  /** The first output stays silent: it exists so that the context, which renders towards its destination, comes by. */
  process(inputs: readonly (readonly Float32Array[])[], outputs: readonly (readonly Float32Array[])[]): boolean {
    const frames = outputs[0]?.[0]?.length ?? 128;
    if (this.#frames + frames > batchFrames) this.#send();
    if (this.#frames === 0) this.#startFrame = currentFrame;
    const caller = inputs[0]?.[0];
    const agent = inputs[1]?.[0];
    this.#copy(caller, this.#frames, frames);
    this.#copy(agent, batchFrames + this.#frames, frames);
    this.#callerIsThere ||= caller !== undefined;
    this.#agentIsThere ||= agent !== undefined;
    this.#frames += frames;
    return !this.#closed;
  }

  #copy(input: Float32Array | undefined, at: number, frames: number): void {
    if (input === undefined) this.#pcm.fill(0, at, at + frames);
    else this.#pcm.set(input, at);
  }

  #send(): void {
    const batch: EarBatch = {
      startFrame: this.#startFrame,
      frames: this.#frames,
      callerIsThere: this.#callerIsThere,
      agentIsThere: this.#agentIsThere,
      pcm: this.#pcm,
    };
    this.port.postMessage(batch, [this.#pcm.buffer]);
    this.#pcm = this.#spare.pop() ?? newPcm();
    this.#frames = 0;
    this.#callerIsThere = false;
    this.#agentIsThere = false;
  }
}

function newPcm(): Float32Array<ArrayBuffer> {
  return new Float32Array(2 * batchFrames);
}

registerProcessor(earProcessorName, EarProcessor);
