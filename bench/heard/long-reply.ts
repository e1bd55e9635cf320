// A reply to speak into: long, in a voice that tells its words apart, from a model and a voice that are still at work on it.

import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import { CodedVoice } from './coded-voice.ts';
import type { CallOptions } from './call.ts';
import { modes } from './profiles.ts';
import type { ServiceTimes } from './profiles.ts';

/** Some 17 s; no word comes twice. */
export const LONG_REPLY =
  'We open at nine every morning except Sunday. Our kitchen closes around half past ten. Dogs are welcome outside. ' +
  'You may park behind this house for free after six. Cards work fine here. Children under twelve eat cheaper ' +
  'whenever their parents order something from that large menu near the entrance.';
/** Some 15 words a second, and the voice half as fast again as it is played: both have enough ahead, and are not done soon. */
const STILL_AT_WORK: Pick<ServiceTimes, 'tokenMs' | 'paceFactor'> = { tokenMs: 60, paceFactor: 1.5 };

export const codedVoice = new CodedVoice(LONG_REPLY);

export function longReplyCall(server: TestLivekitServer, times: ServiceTimes): CallOptions {
  return {
    server,
    mode: modes.full,
    times: { ...times, ...STILL_AT_WORK },
    reply: () => LONG_REPLY,
    synthesise: (text, rateHz) => codedVoice.synthesise(text, rateHz),
  };
}
