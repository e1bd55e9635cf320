// What a user can set about turns.

import type { EndpointingPolicy } from './endpointing.ts';
import type { ReplyContent } from './events.ts';

export interface TurnSettings {
  readonly endpointing: EndpointingPolicy;
  /** How long to wait for the final transcript before the turn is answered on its interim. */
  readonly finalDeadlineMs: number;
  /** Voiced audio of the caller that stops a reply. Shorter sounds are coughs more often than words. */
  readonly bargeInVoicedMs: number;
  /** Voiced audio below which speech that could not be recognised, or that only stopped a reply, is taken for noise. */
  readonly unintelligibleVoicedMs: number;
  /** Said when a caller is linked. */
  readonly greeting: ReplyContent | undefined;
  /** Said when a reply failed, or nothing can be recognised. */
  readonly apology: string;
  /** Said before the agent leaves. */
  readonly goodbye: string;
}
