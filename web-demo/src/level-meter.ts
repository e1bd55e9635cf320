// How loud a track is.

// Below this a microphone is quiet for people too; speech peaks around −20 dBFS.
const quietestDbfs = -60;

/** Tells the level of a track once per animation frame, 0 (quiet) to 1 (full scale), logarithmically like hearing. */
export class LevelMeter {
  readonly #context: AudioContext;
  readonly #onLevel: (level: number) => void;
  #source: MediaStreamAudioSourceNode | undefined;
  #frameRequest = 0;

  constructor(context: AudioContext, onLevel: (level: number) => void) {
    this.#context = context;
    this.#onLevel = onLevel;
  }

  /** Measures this track instead of the one before; undefined stops. */
  follow(track: MediaStreamTrack | undefined): void {
    cancelAnimationFrame(this.#frameRequest);
    this.#source?.disconnect();
    this.#source = undefined;
    this.#onLevel(0);
    if (track === undefined) return;
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024, smoothingTimeConstant: 0 });
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const measure = (): void => {
      analyser.getFloatTimeDomainData(samples);
      this.#onLevel(levelOf(samples));
      this.#frameRequest = requestAnimationFrame(measure);
    };
    measure();
  }
}

function levelOf(samples: Float32Array): number {
  const meanSquare = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const dbfs = 10 * Math.log10(meanSquare);
  return Math.min(1, Math.max(0, 1 - dbfs / quietestDbfs));
}
