// The part of the WebAssembly JavaScript API that this program uses: it comes with the DOM types, which a server doesn't load.

declare namespace WebAssembly {
  type ModuleImports = Record<string, unknown>;
  type Imports = Record<string, ModuleImports>;
  type Exports = Record<string, unknown>;

  /** Compiled code, without anything one could ask of it here. */
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  const Module: new (code: Uint8Array) => Module;

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class Memory {
    constructor(limits: { readonly initial: number; readonly maximum?: number });
    /** Detached and replaced when the memory grows. */
    readonly buffer: ArrayBuffer;
  }
}
