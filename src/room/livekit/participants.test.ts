import {
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  TrackInfo,
  TrackSource,
  TrackType,
} from '@livekit/protocol';
import { describe, expect, it } from 'vitest';

import { Participants } from './participants.ts';

const track = (
  sid: string,
  { source = TrackSource.MICROPHONE, muted = false, type = TrackType.AUDIO } = {},
): TrackInfo => new TrackInfo({ sid, source, muted, type });
const info = (fields: ConstructorParameters<typeof ParticipantInfo>[0]): ParticipantInfo =>
  new ParticipantInfo({ sid: 'PA_1', identity: 'ann', state: ParticipantInfo_State.ACTIVE, ...fields });
const gone = (sid: string): ParticipantInfo => info({ sid, state: ParticipantInfo_State.DISCONNECTED });

function room(...present: readonly ParticipantInfo[]): Participants {
  return new Participants('me', present);
}

describe('Participants', () => {
  it('knows who was there before us, ourselves apart', () => {
    const participants = room(info({ kind: ParticipantInfo_Kind.SIP }), info({ sid: 'PA_0', identity: 'me' }));
    expect([...participants.byIdentity.keys()]).toEqual(['ann']);
    expect(participants.byIdentity.get('ann')).toMatchObject({ kind: 'sip', microphone: undefined });
  });

  it('tells of joining, of changes that the port knows, and of leaving', () => {
    const participants = room();
    const types = [
      info({ version: 1 }),
      info({ version: 2, tracks: [track('TR_a')] }),
      info({ version: 3, tracks: [track('TR_a')] }),
      info({ version: 4, tracks: [track('TR_a', { muted: true })] }),
      info({ version: 5, tracks: [track('TR_a', { muted: true })], attributes: { language: 'en' } }),
      gone('PA_1'),
    ].flatMap((update) => participants.apply(update).map(({ type }) => type));
    expect(types).toEqual([
      'participantJoined',
      'participantUpdated',
      'participantUpdated',
      'participantUpdated',
      'participantLeft',
    ]);
    expect(participants.byIdentity.size).toBe(0);
  });

  it('takes one who came back under a new sid for left and joined, and ignores the old one’s late end', () => {
    const participants = room(info({ sid: 'PA_1' }));
    expect(participants.apply(info({ sid: 'PA_2' })).map(({ type }) => type)).toEqual([
      'participantLeft',
      'participantJoined',
    ]);
    expect(participants.apply(gone('PA_1'))).toEqual([]);
    expect(participants.byIdentity.has('ann')).toBe(true);
  });

  it('ignores updates that come late', () => {
    const participants = room(info({ version: 5, name: 'Ann' }));
    expect(participants.apply(info({ version: 4, name: 'An' }))).toEqual([]);
    expect(participants.byIdentity.get('ann')?.name).toBe('Ann');
  });

  it('listens to a microphone, else to a track of unknown source, never to screen or video, and stays with it', () => {
    const unknown = track('TR_u', { source: TrackSource.UNKNOWN });
    const others = [
      track('TR_s', { source: TrackSource.SCREEN_SHARE_AUDIO }),
      track('TR_v', { source: TrackSource.CAMERA, type: TrackType.VIDEO }),
    ];
    const participants = room(info({ version: 1, tracks: others }));
    const microphone = (): string | undefined => participants.byIdentity.get('ann')?.microphone?.trackSid;
    expect(microphone()).toBeUndefined();
    participants.apply(info({ version: 2, tracks: [...others, unknown] }));
    expect(microphone()).toBe('TR_u');
    participants.apply(info({ version: 3, tracks: [...others, track('TR_a')] }));
    expect(microphone()).toBe('TR_a');
    participants.apply(info({ version: 4, tracks: [track('TR_b'), track('TR_a')] }));
    expect(microphone()).toBe('TR_a');
    participants.apply(info({ version: 5, tracks: [track('TR_b')] }));
    expect(microphone()).toBe('TR_b');
  });
});
