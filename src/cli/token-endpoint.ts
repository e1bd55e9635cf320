// POST /api/token in LiveKit's standard form (https://docs.livekit.io/frontends/build/authentication/endpoint/): every
// visitor gets a room of their own with an agent on its way to it. A wished room name is not granted: nobody can walk
// into somebody else's call by its name. Agent dispatch (room_config) is left out.

import { randomUUID } from 'node:crypto';
import { z } from 'zod';

import { callerToken, type LivekitKeys } from '../room/livekit-token.ts';
import type { AgentPool } from './agent-pool.ts';
import { HttpError, jsonAnswer, type HttpAnswer } from './http.ts';

export interface TokenEndpointOptions {
  readonly keys: LivekitKeys;
  /** The LiveKit server as the visitor's browser reaches it. */
  readonly publicUrl: string;
  readonly agents: AgentPool;
}

const requestSchema = z.object({
  participant_identity: z.string().max(128).optional(),
  participant_name: z.string().max(128).optional(),
  participant_metadata: z.string().max(4096).optional(),
  participant_attributes: z.record(z.string().max(128), z.string().max(1024)).optional(),
});

/** Answers 201 `{ server_url, participant_token }` without waiting for the agent. Throws an `HttpError`: 400, 503. */
export async function answerTokenRequest(body: unknown, options: TokenEndpointOptions): Promise<HttpAnswer> {
  const request = requestSchema.safeParse(body);
  if (!request.success) throw new HttpError(400, 'bad_request', z.prettifyError(request.error));
  const roomName = `repartee-${randomUUID()}`;
  if (!options.agents.launch(roomName)) {
    throw new HttpError(503, 'busy', 'All lines are busy at the moment. Please try again in a minute.', {
      'retry-after': '60',
    });
  }
  const token = await callerToken(options.keys, {
    roomName,
    // Some front ends send an empty identity for 'any'.
    identity: request.data.participant_identity || `caller-${randomUUID()}`,
    name: request.data.participant_name,
    metadata: request.data.participant_metadata,
    attributes: request.data.participant_attributes,
  });
  return jsonAnswer(201, { server_url: options.publicUrl, participant_token: token });
}
