import { describe, expect, it } from 'vitest';

import { microphoneProblem, problems } from './problems.ts';

const named = (name: string) => Object.assign(new Error('x'), { name });

describe('a missing microphone', () => {
  it.each([
    ['NotAllowedError', problems.microphoneDenied],
    ['NotFoundError', problems.microphoneAbsent],
    ['NotReadableError', problems.microphoneBusy],
    ['AbortError', problems.microphoneBusy],
  ])('by %s says what to do about it', (name, problem) => {
    expect(microphoneProblem(named(name), true)).toBe(problem);
  });

  it('on an insecure page is the fault of the address, whatever the error is', () => {
    expect(microphoneProblem(named('TypeError'), false)).toBe(problems.pageInsecure);
  });
});
