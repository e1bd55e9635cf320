import { SpeakerInfo } from '@livekit/protocol';
import { describe, expect, it } from 'vitest';

import { Speakers } from './speakers.ts';

const speaker = (sid: string, level: number, active = true): SpeakerInfo => new SpeakerInfo({ sid, level, active });
const here = (): boolean => true;

describe('Speakers', () => {
  it('remembers those of whom nothing changed, the loudest first', () => {
    const speakers = new Speakers();
    expect(speakers.apply([speaker('ann', 0.2)], here)).toEqual(['ann']);
    expect(speakers.apply([speaker('bob', 0.5)], here)).toEqual(['bob', 'ann']);
    expect(speakers.apply([speaker('ann', 0.9)], here)).toEqual(['ann', 'bob']);
    expect(speakers.apply([speaker('bob', 0, false)], here)).toEqual(['ann']);
  });

  it('forgets those who have left', () => {
    const speakers = new Speakers();
    speakers.apply([speaker('ann', 0.2), speaker('bob', 0.1)], here);
    expect(speakers.apply([], (sid) => sid === 'bob')).toEqual(['bob']);
    expect(speakers.apply([], here)).toEqual(['bob']);
  });
});
