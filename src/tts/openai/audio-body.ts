// From the body of a speech answer to samples: 16 bit little endian PCM, bare or in a WAV file, cut anywhere by the network.

import { readWavHeader } from '../../audio/wav.ts';
import type { StageError } from '../../lib/errors.ts';
import type { HttpService, ServiceResponse } from '../../lib/http-service.ts';

export interface AudioBodyOptions {
  /** What the samples are to have; they are mono. */
  readonly sampleRateHz: number;
  readonly service: HttpService;
}

/** Types of servers that don't know `pcm`, or answer with an error page. */
const NOT_PCM = /^(?:text\/|application\/(?:json|xml)|audio\/(?:mpeg|mp3|mp4|aac|ogg|opus|flac|x-flac|webm))/;
/** How compressed files begin, for servers that give no type. An MP3 without tags can't be told from PCM. */
const COMPRESSED = ['ID3', 'OggS', 'fLaC'];
const MAGIC_BYTES = 4;
/** A header longer than this is none. */
const LONGEST_HEADER_BYTES = 65_536;

/** The samples as they come. Throws a StageError where it isn't the audio that was asked for. */
export async function* decodedAudio(
  { contentType, body }: ServiceResponse,
  { sampleRateHz, service }: AudioBodyOptions,
): AsyncGenerator<Int16Array, void, undefined> {
  if (NOT_PCM.test(contentType)) throw notPcm(service, contentType);
  let rest: Uint8Array = new Uint8Array(0);
  let isHeaderRead = false;
  let sampleCount = 0;
  for await (const bytes of body) {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    if (!isHeaderRead) {
      const start = samplesStart(rest, { sampleRateHz, service });
      if (start === undefined) continue;
      isHeaderRead = true;
      rest = rest.subarray(start);
    }
    const samples = samplesOf(rest);
    rest = rest.subarray(samples.length * 2);
    sampleCount += samples.length;
    if (samples.length > 0) yield samples;
  }
  if (isHeaderRead && rest.length > 0) throw service.error('ended its audio in the middle of a sample');
  if (sampleCount === 0) throw service.error('answered without any audio');
}

/** Where the samples begin; undefined while that can't be told. */
function samplesStart(bytes: Uint8Array, { sampleRateHz, service }: AudioBodyOptions): number | undefined {
  if (bytes.length < MAGIC_BYTES) return undefined;
  const wav = readWavHeader(bytes);
  if (wav === undefined) {
    const begins = Buffer.from(bytes.subarray(0, MAGIC_BYTES)).toString('latin1');
    if (COMPRESSED.some((magic) => begins.startsWith(magic))) throw notPcm(service, 'compressed audio');
    return 0;
  }
  if (wav === 'incomplete') {
    if (bytes.length > LONGEST_HEADER_BYTES) throw service.error('answered with a WAV file that has no audio');
    return undefined;
  }
  const { channelCount, bitsPerSample, isPcm } = wav;
  if (!isPcm || channelCount !== 1 || bitsPerSample !== 16 || wav.sampleRateHz !== sampleRateHz) {
    const has = `${wav.sampleRateHz} Hz, ${channelCount} channels, ${bitsPerSample} bit`;
    throw notPcm(service, `a WAV file of ${has} instead of ${sampleRateHz} Hz, 1 channel, 16 bit`);
  }
  return wav.dataOffset;
}

function notPcm(service: HttpService, what: string): StageError {
  const problem = `answered with ${what}, not with the PCM it was asked for. Use a server or model that has it`;
  return service.error(problem, { retryable: false });
}

function samplesOf(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Int16Array(Math.floor(bytes.length / 2));
  for (let index = 0; index < samples.length; index += 1) samples[index] = view.getInt16(index * 2, true);
  return samples;
}
