import { describe, expect, it } from 'vitest';

import { createLogger } from '../../lib/log.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import type { AudioSink, RemoteParticipant } from '../port.ts';
import { AudioSubscriptions } from './audio-subscriptions.ts';

const packet = (ssrc: number): RtpPacket => ({
  ssrc,
  payloadType: 111,
  sequenceNumber: 1,
  rtpTimestamp: 1,
  marker: false,
  payload: Uint8Array.of(1),
  arrivedAtMs: 1,
});

class Scene {
  readonly participants = new Map<string, RemoteParticipant>();
  readonly requests: string[] = [];
  readonly errors: string[] = [];
  readonly audio = new AudioSubscriptions({
    participants: this.participants,
    request: (trackSid, subscribe) => this.requests.push(`${subscribe ? '+' : '-'}${trackSid}`),
    log: createLogger((_level, message) => this.errors.push(message)),
  });

  publish(identity: string, trackSid: string | undefined, muted = false): void {
    const microphone = trackSid === undefined ? undefined : { trackSid, muted };
    this.participants.set(identity, { identity, name: '', kind: 'standard', attributes: {}, microphone });
    this.audio.participantChanged(identity);
  }

  leave(identity: string): void {
    this.participants.delete(identity);
    this.audio.participantChanged(identity);
  }

  ear(): AudioSink & { readonly heard: number[]; readonly mutes: boolean[] } {
    const heard: number[] = [];
    const mutes: boolean[] = [];
    return {
      heard,
      mutes,
      onPacket: ({ ssrc }) => heard.push(ssrc),
      onMuted: (muted) => mutes.push(muted),
    };
  }
}

describe('AudioSubscriptions', () => {
  it('asks for nothing by itself, and for the microphone of whom somebody listens to, now or once published', () => {
    const scene = new Scene();
    scene.publish('ann', 'TR_a');
    scene.publish('bob', undefined);
    expect(scene.requests).toEqual([]);
    scene.audio.subscribe('ann', scene.ear());
    scene.audio.subscribe('bob', scene.ear());
    scene.publish('bob', 'TR_b');
    expect(scene.requests).toEqual(['+TR_a', '+TR_b']);
  });

  it('gives each packet to those who listen to its track, and counts the others', () => {
    const scene = new Scene();
    scene.publish('ann', 'TR_a');
    const ear = scene.ear();
    scene.audio.subscribe('ann', ear);
    scene.audio.mapSources(
      new Map([
        [1, 'TR_a'],
        [2, 'TR_b'],
      ]),
    );
    expect(scene.audio.deliver(packet(1))).toBe(true);
    expect(scene.audio.deliver(packet(2))).toBe(false);
    expect(scene.audio.deliver(packet(3))).toBe(false);
    expect(ear.heard).toEqual([1]);
    expect(scene.audio.unroutedCount).toBe(2);
  });

  it('follows a participant to a new track, and through leaving and coming back', () => {
    const scene = new Scene();
    const ear = scene.ear();
    scene.publish('ann', 'TR_a');
    scene.audio.subscribe('ann', ear);
    scene.publish('ann', 'TR_b');
    scene.leave('ann');
    scene.publish('ann', 'TR_c');
    expect(scene.requests).toEqual(['+TR_a', '+TR_b', '+TR_c']);
    scene.audio.mapSources(new Map([[5, 'TR_c']]));
    scene.audio.deliver(packet(5));
    scene.audio.mapSources(new Map([[6, 'TR_c']]));
    scene.audio.deliver(packet(5));
    scene.audio.deliver(packet(6));
    expect(ear.heard).toEqual([5, 6]);
  });

  it('asks once for a track with two listeners, and lets go of it after the last', () => {
    const scene = new Scene();
    const [first, second] = [scene.ear(), scene.ear()];
    scene.publish('ann', 'TR_a');
    const one = scene.audio.subscribe('ann', first);
    const two = scene.audio.subscribe('ann', second);
    scene.audio.mapSources(new Map([[1, 'TR_a']]));
    scene.audio.deliver(packet(1));
    one.close();
    one.close();
    scene.audio.deliver(packet(1));
    expect(scene.requests).toEqual(['+TR_a']);
    two.close();
    expect(scene.requests).toEqual(['+TR_a', '-TR_a']);
    expect(scene.audio.deliver(packet(1))).toBe(false);
    expect([first.heard.length, second.heard.length]).toEqual([1, 2]);
  });

  it('lets a sink end its own subscription from within a packet, and another sink’s', () => {
    const scene = new Scene();
    scene.publish('ann', 'TR_a');
    const later = scene.ear();
    const subscriptions = [
      scene.audio.subscribe('ann', {
        onPacket: () => {
          for (const subscription of subscriptions) subscription.close();
        },
        onMuted: () => undefined,
      }),
    ];
    subscriptions.push(scene.audio.subscribe('ann', later));
    scene.audio.mapSources(new Map([[1, 'TR_a']]));
    scene.audio.deliver(packet(1));
    expect(later.heard).toEqual([]);
  });

  it('tells each change of muting once, the state at subscribing included', () => {
    const scene = new Scene();
    scene.publish('ann', 'TR_a', true);
    const ear = scene.ear();
    scene.audio.subscribe('ann', ear);
    scene.publish('ann', 'TR_a', true);
    scene.publish('ann', 'TR_b', false);
    scene.leave('ann');
    scene.publish('ann', 'TR_c', false);
    expect(ear.mutes).toEqual([true, false]);
  });

  it('survives a sink that throws, and says so', () => {
    const scene = new Scene();
    scene.publish('ann', 'TR_a');
    const ear = scene.ear();
    scene.audio.subscribe('ann', {
      onPacket: () => {
        throw new Error('bug');
      },
      onMuted: () => undefined,
    });
    scene.audio.subscribe('ann', ear);
    scene.audio.mapSources(new Map([[1, 'TR_a']]));
    scene.audio.deliver(packet(1));
    expect(ear.heard).toEqual([1]);
    expect(scene.errors).toEqual(['audio sink threw']);
  });
});
