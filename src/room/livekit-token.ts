// Access tokens of LiveKit rooms (https://docs.livekit.io/home/get-started/authentication/): who may join which room as
// what. People are participants of kind standard and publish a microphone only; the agent is of kind agent.

import { AccessToken, TrackSource } from 'livekit-server-sdk';

/** The pair that signs tokens, as the server knows it. */
export interface LivekitKeys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Who joins. Identities are unique within a room: a second participant with the same one throws the first out. */
export interface TokenHolder {
  readonly roomName: string;
  readonly identity: string;
  /** Shown to people. */
  readonly name?: string | undefined;
  readonly metadata?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

// Only joining needs a valid token: the server hands out fresh ones to those who are in.
const callerTokenTtl = '10m';
// An agent that was thrown out by a server restart joins again with the token it came with.
const agentTokenTtl = '6h';

/** A token for a person: may listen, speak by one microphone, and send text. */
export async function callerToken(keys: LivekitKeys, holder: TokenHolder): Promise<string> {
  const token = unsignedToken(keys, holder, callerTokenTtl);
  token.addGrant({
    room: holder.roomName,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE],
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  return token.toJwt();
}

/** A token for the agent: kind agent, and its state shows in its own attributes. */
export async function agentToken(keys: LivekitKeys, holder: TokenHolder): Promise<string> {
  const token = unsignedToken(keys, holder, agentTokenTtl);
  token.kind = 'agent';
  token.addGrant({
    room: holder.roomName,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
  });
  return token.toJwt();
}

function unsignedToken(keys: LivekitKeys, holder: TokenHolder, ttl: string): AccessToken {
  return new AccessToken(keys.apiKey, keys.apiSecret, {
    ttl,
    identity: holder.identity,
    ...(holder.name !== undefined && { name: holder.name }),
    ...(holder.metadata !== undefined && { metadata: holder.metadata }),
    ...(holder.attributes !== undefined && { attributes: { ...holder.attributes } }),
  });
}
