// Who may be listened to: people and phone calls, or one who was named. Agents never listen to agents.

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

/** As logs may name them: the identity of a telephone holds its number. */
export function loggedIdentity({ identity, kind }: Pick<RemoteParticipant, 'identity' | 'kind'>): string {
  return kind === 'sip' ? 'telephone' : identity;
}

/** The first eligible participant in the order of joining; with `wanted`, nobody but that one. */
export function chooseParticipant(
  participants: ReadonlyMap<string, RemoteParticipant>,
  wanted?: string,
): RemoteParticipant | undefined {
  return [...participants.values()].find(
    (participant) => isEligible(participant) && (wanted === undefined || participant.identity === wanted),
  );
}
