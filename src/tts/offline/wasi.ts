// The part of WASI preview 1 that a command line program needs which reads its arguments and writes files:
// arguments, a clock, and an in-memory directory. Left out: everything else (input, environment, sockets).

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const STDERR = 2;
/** The one directory the program sees; descriptors of files come after it. */
const DIRECTORY = 3;
const CHARACTER_DEVICE = 2;
const REGULAR_FILE = 4;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;

/** Thrown to leave the program when it exits. */
class Exit extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

interface OpenFile {
  readonly name: string;
  position: number;
}

/** What a program left behind. */
export interface ProgramResult {
  readonly exitStatus: number;
  /** Written files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly standardOutput: string;
  readonly standardError: string;
}

/** A file that grows by doubling. */
class GrowingFile {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  write(position: number, data: Uint8Array): void {
    const end = position + data.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(data, position);
    this.#length = Math.max(this.#length, end);
  }

  contents(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Runs a WASI command to its end, with `arguments_` (the program's name first). */
export function runProgram(module: WebAssembly.Module, arguments_: readonly string[]): ProgramResult {
  const process = new WasiProcess(arguments_);
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: process.imports() });
  const { memory, _start: start } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof start !== 'function') throw new Error('not a WASI command');
  process.memory = memory;
  let exitStatus = 0;
  try {
    start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    exitStatus = error.status;
  }
  return { exitStatus, ...process.results() };
}

class WasiProcess {
  memory = new WebAssembly.Memory({ initial: 0 });
  readonly #arguments: readonly Uint8Array[];
  readonly #files = new Map<string, GrowingFile>();
  readonly #open = new Map<number, OpenFile>();
  #nextDescriptor = DIRECTORY + 1;

  constructor(arguments_: readonly string[]) {
    const encoder = new TextEncoder();
    this.#arguments = arguments_.map((argument) => encoder.encode(`${argument}\0`));
    for (const [descriptor, name] of ['stdin', 'stdout', 'stderr'].entries()) {
      this.#files.set(name, new GrowingFile());
      this.#open.set(descriptor, { name, position: 0 });
    }
  }

  results(): Omit<ProgramResult, 'exitStatus'> {
    const decoder = new TextDecoder();
    const text = (name: string): string => decoder.decode(this.#files.get(name)?.contents());
    const files = new Map<string, Uint8Array>();
    for (const [name, file] of this.#files) files.set(name, file.contents());
    return { files, standardOutput: text('stdout'), standardError: text('stderr') };
  }

  imports(): WebAssembly.ModuleImports {
    return {
      args_sizes_get: (count: number, size: number) => {
        this.#view.setUint32(count, this.#arguments.length, true);
        this.#view.setUint32(
          size,
          this.#arguments.reduce((sum, argument) => sum + argument.length, 0),
          true,
        );
        return SUCCESS;
      },
      args_get: (pointers: number, buffer: number) => this.#writeArguments(pointers, buffer),
      clock_time_get: (_clock: number, _precision: bigint, out: number) => {
        this.#view.setBigUint64(out, 0n, true);
        return SUCCESS;
      },
      fd_close: (descriptor: number) => (this.#open.delete(descriptor) ? SUCCESS : BAD_DESCRIPTOR),
      fd_fdstat_get: (descriptor: number, out: number) => this.#describe(descriptor, out),
      fd_fdstat_set_flags: () => SUCCESS,
      fd_prestat_get: (descriptor: number, out: number) => {
        if (descriptor !== DIRECTORY) return BAD_DESCRIPTOR;
        this.#view.setUint32(out, 0, true);
        this.#view.setUint32(out + 4, 1, true);
        return SUCCESS;
      },
      fd_prestat_dir_name: (_descriptor: number, out: number) => {
        this.#view.setUint8(out, '.'.charCodeAt(0));
        return SUCCESS;
      },
      fd_read: (_descriptor: number, _vectors: number, _count: number, out: number) => {
        this.#view.setUint32(out, 0, true);
        return SUCCESS;
      },
      fd_seek: (descriptor: number, offset: bigint, whence: number, out: number) =>
        this.#seek(descriptor, Number(offset), whence, out),
      fd_write: (descriptor: number, vectors: number, count: number, out: number) =>
        this.#write(descriptor, { vectors, count, out }),
      // Nine parameters are WASI's: directory, lookup flags, path, its length, open flags, two sets of rights, flags, result.
      path_open: (...parameters: number[]) => this.#openPath(parameters),
      proc_exit: (status: number) => {
        throw new Exit(status);
      },
    };
  }

  get #view(): DataView {
    return new DataView(this.memory.buffer);
  }

  #writeArguments(pointers: number, buffer: number): number {
    let at = buffer;
    for (const [index, argument] of this.#arguments.entries()) {
      this.#view.setUint32(pointers + 4 * index, at, true);
      new Uint8Array(this.memory.buffer).set(argument, at);
      at += argument.length;
    }
    return SUCCESS;
  }

  #describe(descriptor: number, out: number): number {
    if (descriptor !== DIRECTORY && !this.#open.has(descriptor)) return BAD_DESCRIPTOR;
    const fileType = descriptor === DIRECTORY ? 3 : descriptor <= STDERR ? CHARACTER_DEVICE : REGULAR_FILE;
    this.#view.setUint8(out, fileType);
    this.#view.setUint16(out + 2, 0, true);
    this.#view.setBigUint64(out + 8, ALL_RIGHTS, true);
    this.#view.setBigUint64(out + 16, ALL_RIGHTS, true);
    return SUCCESS;
  }

  #openPath(parameters: readonly number[]): number {
    const [, , path = 0, length = 0, , , , , out = 0] = parameters;
    const name = new TextDecoder().decode(new Uint8Array(this.memory.buffer, path, length));
    const descriptor = this.#nextDescriptor;
    this.#nextDescriptor += 1;
    this.#files.set(name, new GrowingFile());
    this.#open.set(descriptor, { name, position: 0 });
    this.#view.setUint32(out, descriptor, true);
    return SUCCESS;
  }

  #write(descriptor: number, { vectors, count, out }: { vectors: number; count: number; out: number }): number {
    const open = this.#open.get(descriptor);
    const file = open === undefined ? undefined : this.#files.get(open.name);
    if (open === undefined || file === undefined) return BAD_DESCRIPTOR;
    let written = 0;
    for (let index = 0; index < count; index += 1) {
      const data = this.#view.getUint32(vectors + 8 * index, true);
      const length = this.#view.getUint32(vectors + 8 * index + 4, true);
      file.write(open.position, new Uint8Array(this.memory.buffer, data, length));
      open.position += length;
      written += length;
    }
    this.#view.setUint32(out, written, true);
    return SUCCESS;
  }

  #seek(descriptor: number, offset: number, whence: number, out: number): number {
    const open = this.#open.get(descriptor);
    if (open === undefined) return BAD_DESCRIPTOR;
    const end = this.#files.get(open.name)?.length ?? 0;
    const origin = [0, open.position, end][whence] ?? 0;
    open.position = Math.max(0, origin + offset);
    this.#view.setBigUint64(out, BigInt(open.position), true);
    return SUCCESS;
  }
}
