// One codec state of npm `opusscript` (libopus 1.4 as wasm), without the package's own wrapper, for two reasons:
// it keeps one wasm instance for all codecs, and it indexes 16 bit memory with byte pointers, so that its buffers lie outside
// their allocation and the 80th codec of a process fails. Here each codec has an instance, and pointers are what they are.

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

/** Code is compiled once in a process (6 ms), each instance then takes 0.6 ms and 0.3 MB. */
interface CompiledPackage {
  readonly create: CreateNativeModule;
  readonly code: WebAssembly.Module;
}

const OPUS_APPLICATION_VOIP = 2048;
/** libopus answers at most 120 ms at 48 kHz. */
const LONGEST_FRAME_SAMPLES = 5760;
const LANES_PER_SAMPLE = 2;
const LANE_BYTES = 2;
/** RFC 6716 section 3.4: 1275 bytes a frame; 120 ms hold up to six of 20 ms. */
export const LONGEST_PACKET_BYTES = 6 * 1275 + 7;

let compiled: CompiledPackage | undefined;

/** An internal path of the package, since its main module can't give a fresh instance. */
function compiledPackage(): CompiledPackage {
  if (compiled === undefined) {
    const require = createRequire(import.meta.url);
    const create: CreateNativeModule = require('opusscript/build/opusscript_native_wasm.js');
    const wasm = readFileSync(require.resolve('opusscript/build/opusscript_native_wasm.wasm'));
    compiled = { create, code: new WebAssembly.Module(wasm) };
  }
  return compiled;
}

/** A mono codec state with its own memory, which goes as a whole once nobody holds the instance. */
export class OpusscriptInstance {
  readonly #module: NativeModule;
  readonly #packetPointer: number;
  readonly #pcmPointer: number;
  #handler: NativeHandler | undefined;

  constructor(sampleRateHz: number) {
    const { create, code } = compiledPackage();
    this.#module = create({
      instantiateWasm: (imports, receive) => receive(new WebAssembly.Instance(code, imports)),
    });
    this.#handler = new this.#module.OpusScriptHandler(sampleRateHz, 1, OPUS_APPLICATION_VOIP);
    this.#packetPointer = this.#module['_malloc'](LONGEST_PACKET_BYTES);
    this.#pcmPointer = this.#module['_malloc'](LONGEST_FRAME_SAMPLES * LANES_PER_SAMPLE * LANE_BYTES);
  }

  /** The decoded samples, or the error number of libopus. `packet` holds 1 to `LONGEST_PACKET_BYTES` bytes. */
  decode(packet: Uint8Array): Int16Array | number {
    this.#module.HEAPU8.set(packet, this.#packetPointer);
    const count = this.#open()['_decode'](this.#packetPointer, packet.length, this.#pcmPointer);
    if (count < 0) return count;
    const lanes = this.#module.HEAPU16;
    const first = this.#pcmPointer / LANE_BYTES;
    const samples = new Int16Array(count);
    for (let n = 0; n < count; n += 1) {
      const lane = first + LANES_PER_SAMPLE * n;
      samples[n] = ((lanes[lane] ?? 0) & 0xff) | ((lanes[lane + 1] ?? 0) << 8);
    }
    return samples;
  }

  /** The packet, or the error number of libopus. */
  encode(samples: Int16Array): Uint8Array | number {
    const lanes = this.#module.HEAPU16;
    const first = this.#pcmPointer / LANE_BYTES;
    for (let n = 0; n < samples.length; n += 1) {
      const sample = samples[n] ?? 0;
      const lane = first + LANES_PER_SAMPLE * n;
      lanes[lane] = sample & 0xff;
      lanes[lane + 1] = (sample >> 8) & 0xff;
    }
    const bytes = this.#open()['_encode'](this.#pcmPointer, samples.length * 2, this.#packetPointer, samples.length);
    return bytes < 0 ? bytes : this.#module.HEAPU8.slice(this.#packetPointer, this.#packetPointer + bytes);
  }

  /** Sets an option of the encoder; `request` as in opus_defines.h. */
  controlEncoder(request: number, value: number): void {
    const result = this.#open()['_encoder_ctl'](request, value);
    if (result < 0) throw new Error(`libopus refuses option ${request} = ${value} (${result})`);
  }

  /** Idempotent. */
  close(): void {
    if (this.#handler !== undefined) this.#module.OpusScriptHandler.destroy_handler(this.#handler);
    this.#handler = undefined;
  }

  #open(): NativeHandler {
    if (this.#handler === undefined) throw new Error('the Opus codec is closed');
    return this.#handler;
  }
}
