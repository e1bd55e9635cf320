import { TokenVerifier } from 'livekit-server-sdk';
import { describe, expect, it } from 'vitest';

import { agentToken, callerToken } from './livekit-token.ts';

const keys = { apiKey: 'APItest', apiSecret: 'a secret of at least thirty-two characters' };
const verifier = new TokenVerifier(keys.apiKey, keys.apiSecret);
const holder = { roomName: 'room-1', identity: 'ada', name: 'Ada', attributes: { language: 'en' } };

describe('access tokens', () => {
  it('let a person into one room with nothing but a microphone', async () => {
    const claims = await verifier.verify(await callerToken(keys, holder));
    expect(claims).toMatchObject({ sub: 'ada', name: 'Ada', attributes: { language: 'en' } });
    expect(claims.video).toMatchObject({ room: 'room-1', roomJoin: true, canPublishSources: ['microphone'] });
    expect(claims.video?.canUpdateOwnMetadata).toBe(false);
    expect(claims.kind ?? 'standard').toBe('standard');
  });

  it('make the agent a participant of kind agent that may set its own attributes', async () => {
    const claims = await verifier.verify(await agentToken(keys, { roomName: 'room-1', identity: 'agent' }));
    expect(claims).toMatchObject({ sub: 'agent', kind: 'agent' });
    expect(claims.video).toMatchObject({
      room: 'room-1',
      roomJoin: true,
      canPublish: true,
      canUpdateOwnMetadata: true,
    });
  });

  it('are refused by a server with another secret', async () => {
    const other = new TokenVerifier(keys.apiKey, 'another secret of at least thirty-two characters');
    await expect(other.verify(await callerToken(keys, holder))).rejects.toThrow(/signature/);
  });
});
