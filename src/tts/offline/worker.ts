// The synthesising thread: speaks one chunk at a time, in the order they were asked for.

import { parentPort } from 'node:worker_threads';
import { Flite } from './flite.ts';
import { piecesOf } from './pieces.ts';
import type { Request, Response } from './protocol.ts';

if (parentPort === null) throw new Error('this file is the body of a worker thread');
const port = parentPort;
const queue: Extract<Request, { type: 'speak' }>[] = [];
const flite = await Flite.load();

function respond(response: Response): void {
  port.postMessage(response, response.type === 'spoken' ? [response.samples.buffer] : []);
}

function speakNext(): void {
  const request = queue.shift();
  if (request === undefined) return;
  const { id, text, voice } = request;
  try {
    const synthesis = flite.synthesize(text, voice);
    respond({ type: 'spoken', id, samples: synthesis.samples, pieces: piecesOf(text, synthesis) });
  } catch (error) {
    respond({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
  // Between two chunks the port is read, so that a cancellation arrives before its chunk is spoken.
  if (queue.length > 0) setImmediate(speakNext);
}

port.on('message', (request: Request) => {
  switch (request.type) {
    case 'speak':
      queue.push(request);
      if (queue.length === 1) setImmediate(speakNext);
      return;
    case 'cancel': {
      const index = queue.findIndex(({ id }) => id === request.id);
      if (index >= 0) queue.splice(index, 1);
    }
  }
});
