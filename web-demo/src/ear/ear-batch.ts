// What the audio thread tells the page: a stretch of both tracks, sample by sample side by side on one clock.

/** Name of the processor, as it is registered. */
export const earProcessorName = 'repartee-ear';

/** Both tracks for about 85 ms. Mono, −1 to 1, at the rate of the `AudioContext`. */
export interface EarBatch {
  /** Of the context, counted from its beginning: of the first sample. The next batch begins where this one ends. */
  readonly startFrame: number;
  readonly frames: number;
  /** Whether there was a track to listen to. Without one its half is silence, which says nothing of a noise floor. */
  readonly callerIsThere: boolean;
  readonly agentIsThere: boolean;
  /** The caller's samples in the first half, the agent's in the second. To be sent back once it has been read. */
  readonly pcm: Float32Array<ArrayBuffer>;
}
