// The mel filter bank of Whisper: triangles of equal area on Slaney's mel scale (Slaney, Auditory Toolbox, 1998), which is
// linear below 1 kHz and logarithmic above. Pure.

/** A triangle over neighbouring bins of a spectrum. */
export interface MelFilter {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

const LINEAR_HZ_PER_MEL = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_HZ_PER_MEL;
/** 27 mels from 1 kHz to 6.4 kHz. */
const LOG_STEP = Math.log(6.4) / 27;

/** `count` filters from 0 to half of `sampleRateHz`, over the bins of a transform of `transformSize` samples. */
export function melFilters(count: number, transformSize: number, sampleRateHz: number): readonly MelFilter[] {
  const topMel = melOf(sampleRateHz / 2);
  const edgesHz = Array.from({ length: count + 2 }, (_, n) => hertzOf((topMel * n) / (count + 1)));
  const binHz = sampleRateHz / transformSize;
  return Array.from({ length: count }, (_, index) => {
    const [lowHz = 0, peakHz = 0, highHz = 0] = edgesHz.slice(index, index + 3);
    const area = 2 / (highHz - lowHz);
    const firstBin = Math.floor(lowHz / binHz) + 1;
    const weights = Float64Array.from({ length: Math.max(0, Math.ceil(highHz / binHz) - firstBin) }, (_unused, n) => {
      const hz = (firstBin + n) * binHz;
      return area * Math.min((hz - lowHz) / (peakHz - lowHz), (highHz - hz) / (highHz - peakHz));
    });
    return { firstBin, weights };
  });
}

function melOf(hz: number): number {
  return hz < LOG_FROM_HZ ? hz / LINEAR_HZ_PER_MEL : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;
}

function hertzOf(mel: number): number {
  return mel < LOG_FROM_MEL ? mel * LINEAR_HZ_PER_MEL : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
}
