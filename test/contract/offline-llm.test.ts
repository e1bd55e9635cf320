import { MockLanguageModelV4 } from 'ai/test';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { frontDesk } from '../../src/llm/front-desk/front-desk.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import { describeReplyModel } from './llm.ts';

describeReplyModel('the front desk', {
  pieces: 'several',
  deterministic: true,
  make: () => languageModelReplies({ model: frontDesk() }),
  // Paced by a clock that stands still.
  makeSilent: () => languageModelReplies({ model: frontDesk({ clock: new VirtualClock(), firstTokenMs: 1 }) }),
  makeBroken: () =>
    languageModelReplies({
      model: new MockLanguageModelV4({
        doStream: () => Promise.reject(new Error('out of order')),
      }),
    }),
});
