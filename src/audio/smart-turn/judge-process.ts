// The judging process: one model for all calls of its owner. A process rather than a thread, because a fault of native code
// in a thread ends the calls too, and so does ending a thread in the middle of an inference.

import { constants, setPriority } from 'node:os';

import { loadJudge } from './judge.ts';
import type { Judge } from './judge.ts';
import type { JudgingRequest, JudgingResponse } from './protocol.ts';
import { loadOnnxRuntime } from './runtime.ts';

// The audio of the calls comes first where the processors are busy.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
// Ctrl-C reaches all processes of a terminal; this one ends with its owner.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

let judge: Judge | undefined;

process.on('message', (message) => {
  if (isRequest(message)) void answer(message).then(respond);
});

async function answer(request: JudgingRequest): Promise<JudgingResponse> {
  try {
    switch (request.type) {
      case 'load':
        judge = await loadJudge(await loadOnnxRuntime(), request.weightsPath, request.sha256);
        return { type: 'ready' };
      case 'judge':
        if (judge === undefined) throw new Error('asked before the model was loaded');
        return { type: 'judged', probability: await judge(request.samples) };
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { type: request.type === 'load' ? 'unusable' : 'failed', message };
  }
}

function respond(response: JudgingResponse): void {
  process.send?.(response);
}

/** The owner speaks no other language. */
function isRequest(message: unknown): message is JudgingRequest {
  return typeof message === 'object' && message !== null && 'type' in message;
}
