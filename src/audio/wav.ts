// WAV files of 16 bit PCM: http://soundfile.sapp.org/doc/WaveFormat/ (RIFF, Microsoft and IBM 1991). Pure.
// Left out: compressed and floating point formats.

const HEADER_BYTES = 44;
const PCM = 1;
/** WAVE_FORMAT_EXTENSIBLE, which some programs write for plain PCM too. */
const EXTENSIBLE = 0xfffe;

/** A mono WAV file. */
export function wavOf(samples: Int16Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const dataBytes = samples.length * 2;
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  bytes.set(wavHeader({ sampleRateHz, channelCount: 1, dataBytes }));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < samples.length; index += 1)
    view.setInt16(HEADER_BYTES + index * 2, samples[index] ?? 0, true);
  return bytes;
}

export interface WavHeader {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** Of all samples; 32 bits less the header. */
  readonly dataBytes: number;
}

/** What stands before the samples: little endian, the channels of a moment side by side. */
export function wavHeader({ sampleRateHz, channelCount, dataBytes }: WavHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const momentBytes = 2 * channelCount;
  writeText(bytes, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeText(bytes, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channelCount, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * momentBytes, true);
  view.setUint16(32, momentBytes, true);
  view.setUint16(34, 16, true);
  writeText(bytes, 36, 'data');
  view.setUint32(40, dataBytes, true);
  return bytes;
}

export interface WavFormat {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly bitsPerSample: number;
  /** Whether the samples are integers as they are: 16 bit little endian where `bitsPerSample` is 16. */
  readonly isPcm: boolean;
  /** Where the samples begin. */
  readonly dataOffset: number;
}

/**
 * Reads the header of a file that may not be there in full yet. `incomplete`: more bytes are needed; undefined: no WAV.
 * The length it states is left out: what is streamed doesn't know it.
 */
export function readWavHeader(bytes: Uint8Array): WavFormat | 'incomplete' | undefined {
  if (!startsAs(bytes, 'RIFF', 0) || !startsAs(bytes, 'WAVE', 8)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Omit<WavFormat, 'dataOffset'> | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (startsAs(bytes, 'data', at)) return format === undefined ? undefined : { ...format, dataOffset: at + 8 };
    if (startsAs(bytes, 'fmt ', at)) {
      if (at + 24 > bytes.length) return 'incomplete';
      format = {
        isPcm: [PCM, EXTENSIBLE].includes(view.getUint16(at + 8, true)),
        channelCount: view.getUint16(at + 10, true),
        sampleRateHz: view.getUint32(at + 12, true),
        bitsPerSample: view.getUint16(at + 22, true),
      };
    }
    // Chunks are padded to even lengths.
    at += 8 + length + (length % 2);
  }
  return 'incomplete';
}

/** Whether `bytes`, as far as they go, read `text` at `offset`. */
function startsAs(bytes: Uint8Array, text: string, offset: number): boolean {
  for (let index = 0; index < text.length && offset + index < bytes.length; index += 1) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

function writeText(bytes: Uint8Array, offset: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) bytes[offset + index] = text.charCodeAt(index);
}
