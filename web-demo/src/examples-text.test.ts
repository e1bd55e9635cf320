import { describe, expect, it } from 'vitest';

import { examplesText } from './examples-text.ts';

describe('the text above the examples', () => {
  it('says how far an agent goes that runs offline in part', () => {
    expect(examplesText({ recognises: 'examples', answers: 'examples' }).title).toMatch(/^Offline mode understands/);
    expect(examplesText({ recognises: 'examples', answers: 'anything' }).hint).toMatch(/type whatever you like/);
    expect(examplesText({ recognises: 'anything', answers: 'examples' }).title).toMatch(/front desk answers these/);
  });

  it('promises no limits where there are none', () => {
    const { title, hint } = examplesText({ recognises: 'anything', answers: 'anything' });
    expect(`${title} ${hint}`).not.toMatch(/offline|only/i);
  });
});
