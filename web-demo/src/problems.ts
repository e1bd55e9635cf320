// What can go wrong on the caller's side of a call, in words that say what to do.

export interface Problem {
  /** For styling and tests. */
  readonly code: string;
  readonly title: string;
  readonly advice: string;
}

const canStillType = 'You can type your questions meanwhile.';

export const problems = {
  pageInsecure: {
    code: 'page-insecure',
    title: 'The browser gives no microphone to this page',
    advice: `Browsers share the microphone only with pages on https:// or localhost. ${canStillType}`,
  },
  microphoneDenied: {
    code: 'microphone-denied',
    title: 'The microphone is blocked',
    advice: `Allow the microphone for this page (the icon beside the address), then try again. ${canStillType}`,
  },
  microphoneAbsent: {
    code: 'microphone-absent',
    title: 'No microphone found',
    advice: `Plug one in, or switch it on in the system's settings, then try again. ${canStillType}`,
  },
  microphoneBusy: {
    code: 'microphone-busy',
    title: 'The microphone does not answer',
    advice: `Another program may be using it. Close that program, or choose another microphone. ${canStillType}`,
  },
  busy: {
    code: 'busy',
    title: 'All lines are busy',
    advice: 'As many people are talking as this server allows. Please try again in a minute.',
  },
  pageServerGone: {
    code: 'page-server-gone',
    title: 'The demo server does not answer',
    advice: 'Is it still running? Start it again with "npm run demo", then try again.',
  },
  pageServerFailed: {
    code: 'page-server-failed',
    title: 'The demo server could not start a call',
    advice: 'Its log says why. Try again in a moment.',
  },
  livekitGone: {
    code: 'livekit-gone',
    title: 'The LiveKit server does not answer',
    advice: 'Check that it is running and that this browser can reach it, then try again.',
  },
  livekitRefused: {
    code: 'livekit-refused',
    title: 'The LiveKit server refused the call',
    advice: 'The demo server may be using another key than it: check LIVEKIT_API_KEY and LIVEKIT_API_SECRET.',
  },
  reconnecting: {
    code: 'reconnecting',
    title: 'Reconnecting',
    advice: 'The connection is interrupted. The call goes on as soon as it is back.',
  },
  connectionLost: {
    code: 'connection-lost',
    title: 'The connection was lost',
    advice: 'The server went away, or your network did. Try again once it is back.',
  },
  agentLate: {
    code: 'agent-late',
    title: 'The agent has not come',
    advice: 'It should have been here within ten seconds. The log of the demo server says why. Hang up and try again.',
  },
  agentLeft: {
    code: 'agent-left',
    title: 'The agent has left the call',
    advice: 'If you did not say goodbye, the log of the demo server says why. Hang up and call again.',
  },
  textNotSent: {
    code: 'text-not-sent',
    title: 'Your message was not sent',
    advice: 'The connection may be interrupted. Send it again once it is back.',
  },
  voiceNotSent: {
    code: 'voice-not-sent',
    title: 'Your voice could not be sent',
    advice: `The LiveKit server did not take it. Hang up and call again. ${canStillType}`,
  },
  soundBlocked: {
    code: 'sound-blocked',
    title: 'The browser holds the sound back',
    advice: 'Press the button to hear the agent.',
  },
} as const satisfies Record<string, Problem>;

/** Why `getUserMedia` gave no microphone (https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia). */
export function microphoneProblem(error: unknown, secureContext: boolean): Problem {
  if (!secureContext) return problems.pageInsecure;
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return problems.microphoneDenied;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return problems.microphoneAbsent;
    default:
      return problems.microphoneBusy;
  }
}
