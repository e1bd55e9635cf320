// Whom the agent listens to: the first eligible participant. Agents never listen to agents.

import type { RemoteParticipant } from '../room/port.ts';

/** People, and phone calls that have been answered: a ringing caller is not there yet. */
export function isEligible({ kind, attributes }: RemoteParticipant): boolean {
  switch (kind) {
    case 'standard':
      return true;
    case 'sip': {
      const status = attributes['sip.callStatus'];
      return status === undefined || status === 'active';
    }
    case 'agent':
    case 'ingress':
    case 'egress':
      return false;
  }
}

/** The first eligible participant in the order of joining. */
export function chooseParticipant(participants: ReadonlyMap<string, RemoteParticipant>): RemoteParticipant | undefined {
  return [...participants.values()].find(isEligible);
}
