// Codec states of npm `opusscript` (libopus 1.4 as wasm), without the package's own wrapper: it indexes 16 bit memory with byte
// pointers, so that its buffers lie outside their allocation and the 80th codec of a process fails. Here pointers are what they
// are. An instance of the code, with memory of its own, serves 32 codecs: one for each codec would be 16 MB of address space
// apiece, for which V8 collects its whole heap at every fourth codec, in the midst of calls.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The C++ object of the package: an encoder and a decoder in one. Results below 0 are errors of libopus. */
interface NativeHandler {
  /** `pcmPointer`: two 16 bit lanes for each sample, low byte and high byte. Returns the bytes written. */
  _encode(pcmPointer: number, pcmBytes: number, packetPointer: number, frameSamples: number): number;
  /** Writes PCM in the same lanes. Returns the samples of each channel. */
  _decode(packetPointer: number, packetBytes: number, pcmPointer: number): number;
  _encoder_ctl(request: number, value: number): number;
}

interface NativeModule {
  readonly OpusScriptHandler: {
    new (samplingRate: number, channels: number, application: number): NativeHandler;
    destroy_handler(handler: NativeHandler): void;
  };
  /** Views of the instance's memory; replaced when it grows, so never kept. */
  readonly HEAPU8: Uint8Array;
  readonly HEAPU16: Uint16Array;
  _malloc(bytes: number): number;
}

type CreateNativeModule = (options: {
  /** Emscripten's hook: instantiates in place of the default, which would read and compile the file anew. */
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => WebAssembly.Exports,
  ) => WebAssembly.Exports;
}) => NativeModule;

/** An instance of the code: its memory, and buffers for calls, which are synchronous and can share them. */
interface NativeInstance {
  readonly module: NativeModule;
  readonly packetPointer: number;
  readonly pcmPointer: number;
  openCodecs: number;
}

const OPUS_APPLICATION_VOIP = 2048;
/** libopus answers at most 120 ms at 48 kHz. */
const LONGEST_FRAME_SAMPLES = 5760;
const LANES_PER_SAMPLE = 2;
const LANE_BYTES = 2;
/** RFC 6716 section 3.4: 1275 bytes a frame; 120 ms hold up to six of 20 ms. */
export const LONGEST_PACKET_BYTES = 6 * 1275 + 7;

/** 16 calls. A fault in one of them, should libopus ever have one, can reach no more than these. */
const CODECS_PER_INSTANCE = 32;

let createInstance: (() => NativeInstance) | undefined;
/** The one that takes the next codec; full ones are held by their codecs alone and go with the last of them. */
let current: NativeInstance | undefined;

/** Compiles the code, once in a process (6 ms). An internal path of the package: its main module hides the instance. */
function loadPackage(): () => NativeInstance {
  const require = createRequire(import.meta.url);
  const create: CreateNativeModule = require('opusscript/build/opusscript_native_wasm.js');
  const code = new WebAssembly.Module(readFileSync(require.resolve('opusscript/build/opusscript_native_wasm.wasm')));
  return () => {
    const module = create({
      instantiateWasm: (imports, receive) => receive(new WebAssembly.Instance(code, imports)),
    });
    return {
      module,
      packetPointer: module['_malloc'](LONGEST_PACKET_BYTES),
      pcmPointer: module['_malloc'](LONGEST_FRAME_SAMPLES * LANES_PER_SAMPLE * LANE_BYTES),
      openCodecs: 0,
    };
  };
}

function instanceWithRoom(): NativeInstance {
  createInstance ??= loadPackage();
  if (current === undefined || current.openCodecs >= CODECS_PER_INSTANCE) current = createInstance();
  return current;
}

/** A mono codec state: under 0.1 ms to make and 0.1 MB; the first of an instance takes 2 ms more, that of the process 20 ms. */
export class NativeCodec {
  readonly #instance: NativeInstance;
  #handler: NativeHandler | undefined;

  constructor(sampleRateHz: number) {
    this.#instance = instanceWithRoom();
    this.#handler = new this.#instance.module.OpusScriptHandler(sampleRateHz, 1, OPUS_APPLICATION_VOIP);
    this.#instance.openCodecs += 1;
  }

  /** The decoded samples, or the error number of libopus. `packet` holds 1 to `LONGEST_PACKET_BYTES` bytes. */
  decode(packet: Uint8Array): Int16Array | number {
    const { module, packetPointer, pcmPointer } = this.#instance;
    module.HEAPU8.set(packet, packetPointer);
    const count = this.#open()['_decode'](packetPointer, packet.length, pcmPointer);
    if (count < 0) return count;
    const lanes = module.HEAPU16;
    const first = pcmPointer / LANE_BYTES;
    const samples = new Int16Array(count);
    for (let n = 0; n < count; n += 1) {
      const lane = first + LANES_PER_SAMPLE * n;
      samples[n] = ((lanes[lane] ?? 0) & 0xff) | ((lanes[lane + 1] ?? 0) << 8);
    }
    return samples;
  }

  /** The packet, or the error number of libopus. */
  encode(samples: Int16Array): Uint8Array | number {
    const { module, packetPointer, pcmPointer } = this.#instance;
    const lanes = module.HEAPU16;
    const first = pcmPointer / LANE_BYTES;
    for (let n = 0; n < samples.length; n += 1) {
      const sample = samples[n] ?? 0;
      const lane = first + LANES_PER_SAMPLE * n;
      lanes[lane] = sample & 0xff;
      lanes[lane + 1] = (sample >> 8) & 0xff;
    }
    const bytes = this.#open()['_encode'](pcmPointer, samples.length * 2, packetPointer, samples.length);
    return bytes < 0 ? bytes : module.HEAPU8.slice(packetPointer, packetPointer + bytes);
  }

  /** Sets an option of the encoder; `request` as in opus_defines.h. */
  controlEncoder(request: number, value: number): void {
    const result = this.#open()['_encoder_ctl'](request, value);
    if (result < 0) throw new Error(`libopus refuses option ${request} = ${value} (${result})`);
  }

  /** Idempotent. */
  close(): void {
    if (this.#handler === undefined) return;
    this.#instance.module.OpusScriptHandler.destroy_handler(this.#handler);
    this.#handler = undefined;
    this.#instance.openCodecs -= 1;
  }

  #open(): NativeHandler {
    if (this.#handler === undefined) throw new Error('the Opus codec is closed');
    return this.#handler;
  }
}
