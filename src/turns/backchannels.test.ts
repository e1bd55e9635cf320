import { describe, expect, it } from 'vitest';

import { backchannelsOf } from './backchannels.ts';

describe('backchannels', () => {
  const english = backchannelsOf('en-US');

  it.each(['mhm', 'Mm-hmm.', 'Uh-huh', 'Yeah, yeah.', 'okay I see', 'All right, got it!', 'Um…'])('%s', (text) => {
    expect(english(text)).toBe(true);
  });

  it.each(['stop', 'no', 'yeah but wait', 'right now', 'I see a problem', 'all of it', '', ' … '])(
    'are not: "%s"',
    (text) => {
      expect(english(text)).toBe(false);
    },
  );

  it('have a list for each language, and none where there is no data', () => {
    expect(backchannelsOf('de-AT')('Ja, ja, genau. Ach so!')).toBe(true);
    expect(backchannelsOf('de')('Ja, aber warten Sie')).toBe(false);
    expect(backchannelsOf('fi')('mhm')).toBe(false);
    expect(backchannelsOf('multi')('genau, right')).toBe(true);
  });

  it('can be added to', () => {
    expect(backchannelsOf('fi', ['joo', 'Niin niin'])('Joo, niin niin.')).toBe(true);
    expect(backchannelsOf('en', ['preach'])('yeah preach')).toBe(true);
  });
});
