// The end-to-end tests run this in the page before its own scripts: it measures what the agent's audio element plays.

/** Level of the loudest 20 ms so far. */
let loudestDbfs = -Infinity;
/** @type {MediaProvider | null | undefined} */
let measured;

Object.defineProperty(globalThis, 'loudestVoiceDbfs', { get: () => loudestDbfs });

setInterval(() => {
  const stream = document.querySelector('audio')?.srcObject;
  if (!(stream instanceof MediaStream) || stream === measured) return;
  measured = stream;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const meanSquare = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    loudestDbfs = Math.max(loudestDbfs, 10 * Math.log10(meanSquare));
  }, 20);
}, 50);
