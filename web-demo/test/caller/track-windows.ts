// The level of each 10 ms of a track, and when it was there, from Chromium's MediaStreamTrackProcessor: it hands out the blocks
// that pass through the track, with timestamps of one clock for all tracks, and buffers nothing that would delay one of them.

/** `[atMs, dbfs]`: when the block was handed out (`performance.now`), by its timestamp and the fastest hand-out. */
export type Windows = [atMs: number, dbfs: number][];

interface AudioBlock {
  /** Microseconds. */
  readonly timestamp: number;
  readonly numberOfFrames: number;
  copyTo(destination: Float32Array, options: { readonly planeIndex: number; readonly format: 'f32-planar' }): void;
  close(): void;
}

declare class MediaStreamTrackProcessor {
  constructor(options: { readonly track: MediaStreamTrack });
  readonly readable: ReadableStream<AudioBlock>;
}

/** Until the track ends. */
export function keepWindows(track: MediaStreamTrack, windows: Windows): void {
  void read(new MediaStreamTrackProcessor({ track }).readable, windows);
}

async function read(blocks: ReadableStream<AudioBlock>, windows: Windows): Promise<void> {
  /** Of the fastest block so far: hand-out less timestamp. */
  let leastMs = Number.POSITIVE_INFINITY;
  for await (const block of blocks) {
    const stampMs = block.timestamp / 1000;
    const lateMs = performance.now() - stampMs;
    if (lateMs < leastMs) {
      const earlierMs = leastMs === Number.POSITIVE_INFINITY ? 0 : leastMs - lateMs;
      for (const window of windows) window[0] -= earlierMs;
      leastMs = lateMs;
    }
    windows.push([stampMs + leastMs, levelDbfs(block)]);
    block.close();
  }
}

function levelDbfs(block: AudioBlock): number {
  const samples = new Float32Array(block.numberOfFrames);
  block.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.max(-120, 10 * Math.log10(energy / samples.length));
}
