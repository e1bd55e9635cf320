// WAV files (RIFF), mono 16 bit PCM only: recordings of people in, what a test heard out.

import { readFile, writeFile } from 'node:fs/promises';

import type { Pcm } from './pcm.ts';

const RIFF_HEADER_BYTES = 44;

/** Reads a WAV file. Throws on all but mono 16 bit PCM. */
export async function readWav(path: string): Promise<Pcm> {
  return parseWav(await readFile(path), path);
}

/** The same of its bytes; a length that the writer didn't know, as of a pipe, is as much as there is. */
export function parseWav(file: Buffer, path: string): Pcm {
  if (file.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${path} is not a WAV file`);
  let sampleRateHz: number | undefined;
  for (let position = 12; position + 8 <= file.length;) {
    const chunk = file.toString('latin1', position, position + 4);
    const sizeBytes = file.readUInt32LE(position + 4);
    const start = position + 8;
    if (chunk === 'fmt ') {
      const [format, channels, bits] = [start, start + 2, start + 14].map((offset) => file.readUInt16LE(offset));
      if (format !== 1 || channels !== 1 || bits !== 16) throw new Error(`${path} is not mono 16 bit PCM`);
      sampleRateHz = file.readUInt32LE(start + 4);
    } else if (chunk === 'data' && sampleRateHz !== undefined) {
      return { samples: samplesOf(file.subarray(start, start + sizeBytes)), sampleRateHz };
    }
    position = start + sizeBytes + (sizeBytes % 2);
  }
  throw new Error(`${path} holds no audio`);
}

/** Writes a WAV file, for a person to listen to or a browser to take as its microphone. */
export async function writeWav(path: string, { samples, sampleRateHz }: Pcm): Promise<void> {
  const data = Buffer.from(Int16Array.from(samples).buffer);
  const header = Buffer.alloc(RIFF_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(RIFF_HEADER_BYTES - 8 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  await writeFile(path, Buffer.concat([header, data]));
}

function samplesOf(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(Math.floor(bytes.length / 2));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let index = 0; index < samples.length; index += 1) samples[index] = view.getInt16(index * 2, true);
  return samples;
}
