// What a user can set about turns.

import type { EndpointingPolicy } from './endpointing.ts';

export interface TurnSettings {
  readonly endpointing: EndpointingPolicy;
  /** How long to wait for the final transcript before the turn is answered on its interim. */
  readonly finalDeadlineMs: number;
  /** Voiced audio of the caller that stops a reply. Shorter sounds are coughs more often than words. */
  readonly bargeInVoicedMs: number;
  /** Voiced audio below which speech that could not be recognised, or that only stopped a reply, is taken for noise. */
  readonly unintelligibleVoicedMs: number;
  /** Said when a caller is linked. */
  readonly greeting: string | undefined;
  /** Said when a reply failed before any of it was heard. */
  readonly apology: string;
}
