import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import type { RemoteParticipant } from '../room/port.ts';
import { LinkPolicy, type LinkPolicyOptions } from './link-policy.ts';

function participant(identity: string, more: Partial<RemoteParticipant> = {}): RemoteParticipant {
  return { identity, name: identity, kind: 'standard', attributes: {}, microphone: undefined, ...more };
}

class Room {
  readonly clock = new VirtualClock();
  readonly told: string[] = [];
  readonly policy: LinkPolicy;
  betweenTurns = true;

  constructor(options: Partial<Pick<LinkPolicyOptions, 'listenTo' | 'identity'>> = {}) {
    this.policy = new LinkPolicy({
      listenTo: 'first',
      ...options,
      isBetweenTurns: () => this.betweenTurns,
      graceMs: 3000,
      leaveAfterMs: 60_000,
      clock: this.clock,
      onLink: ({ identity }, takesOver) => this.told.push(`link ${identity}${takesOver ? ' instead' : ''}`),
      onUnlink: () => this.told.push('unlink'),
      onAlone: () => this.told.push('alone'),
    });
  }

  holds(...participants: RemoteParticipant[]): this {
    this.policy.update(new Map(participants.map((each) => [each.identity, each])));
    return this;
  }
}

describe('LinkPolicy', () => {
  it('links the first person and keeps them when others come', () => {
    const room = new Room().holds(participant('bot', { kind: 'agent' }), participant('ann'));
    room.holds(participant('bot', { kind: 'agent' }), participant('bob'), participant('ann'));
    expect(room.told).toEqual(['link ann']);
  });

  it('never links an agent', async () => {
    const room = new Room().holds(participant('bot', { kind: 'agent' }));
    await room.clock.advance(60_000);
    expect(room.told).toEqual(['alone']);
  });

  it('waits for a phone call to be answered', () => {
    const room = new Room().holds(participant('sip_1', { kind: 'sip', attributes: { 'sip.callStatus': 'ringing' } }));
    expect(room.told).toEqual([]);
    room.holds(participant('sip_1', { kind: 'sip', attributes: { 'sip.callStatus': 'active' } }));
    expect(room.told).toEqual(['link sip_1']);
  });

  it('links a caller again who comes back within the grace time', async () => {
    const room = new Room().holds(participant('ann'), participant('bob')).holds(participant('bob'));
    await room.clock.advance(2900);
    room.holds(participant('bob'), participant('ann'));
    expect(room.told).toEqual(['link ann', 'unlink', 'link ann']);
  });

  it('links the next one after the grace time', async () => {
    const room = new Room().holds(participant('ann'), participant('bob')).holds(participant('bob'));
    expect(room.told).toEqual(['link ann', 'unlink']);
    await room.clock.advance(3000);
    expect(room.told).toEqual(['link ann', 'unlink', 'link bob']);
  });

  it('leaves after a time alone, and not before', async () => {
    const room = new Room().holds(participant('ann')).holds();
    await room.clock.advance(62_999);
    expect(room.told).toEqual(['link ann', 'unlink']);
    await room.clock.advance(1);
    expect(room.told).toEqual(['link ann', 'unlink', 'alone']);
  });

  it('does nothing once it is closed', async () => {
    const room = new Room();
    room.policy.close();
    room.holds(participant('ann'));
    await room.clock.advance(100_000);
    expect(room.told).toEqual([]);
  });

  it('listens to nobody but the one who was named', () => {
    const room = new Room({ identity: 'bob' }).holds(participant('ann'));
    expect(room.told).toEqual([]);
    room.holds(participant('ann'), participant('bob'));
    room.policy.speaking(['ann']);
    expect(room.told).toEqual(['link bob']);
  });

  it('keeps the first one whoever speaks, by default', () => {
    const room = new Room().holds(participant('ann'), participant('bob'));
    room.policy.speaking(['bob']);
    expect(room.told).toEqual(['link ann']);
  });

  describe('where the active speaker is listened to', () => {
    const people = [participant('ann'), participant('bob'), participant('bot', { kind: 'agent' })];

    it('links whoever speaks', () => {
      const room = new Room({ listenTo: 'activeSpeaker' }).holds(...people);
      room.policy.speaking(['bob']);
      room.policy.speaking([]);
      room.policy.speaking(['ann', 'bob']);
      expect(room.told).toEqual(['link ann', 'unlink', 'link bob instead']);
      room.policy.speaking(['ann']);
      expect(room.told.slice(3)).toEqual(['unlink', 'link ann instead']);
    });

    it('changes between turns only', () => {
      const room = new Room({ listenTo: 'activeSpeaker' }).holds(...people);
      room.betweenTurns = false;
      room.policy.speaking(['bob']);
      expect(room.told).toEqual(['link ann']);
      room.betweenTurns = true;
      room.policy.turnEnded();
      expect(room.told).toEqual(['link ann', 'unlink', 'link bob instead']);
    });

    it('never links an agent, nor somebody who has left', () => {
      const room = new Room({ listenTo: 'activeSpeaker' }).holds(...people);
      room.policy.speaking(['bot', 'nobody']);
      expect(room.told).toEqual(['link ann']);
    });
  });
});
