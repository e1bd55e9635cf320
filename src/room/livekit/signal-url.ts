// The address of LiveKit's signal websocket, dual peer connections (`/rtc`).

import { ConfigurationError } from '../../lib/errors.ts';

/** Version of LiveKit's signal protocol that this folder speaks. */
const SIGNAL_PROTOCOL_VERSION = 16;

/**
 * Turns a server address (`ws`, `wss`, `http` or `https`; a path before `/rtc` is kept) into the signal websocket's.
 * Nothing is subscribed automatically. The token is not part of it: it travels in a header, where proxies don't log it.
 * Throws `ConfigurationError` when `serverUrl` isn't such an address.
 */
export function signalUrl(serverUrl: string): URL {
  const url = URL.parse(serverUrl);
  const protocol = url === null ? undefined : websocketProtocols[url.protocol];
  if (url === null || protocol === undefined) {
    throw new ConfigurationError(
      `"${serverUrl}" is no LiveKit address; expected something like wss://example.livekit.cloud or ws://127.0.0.1:7880`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  const signal = new URL(`${protocol}//${url.host}${path}/rtc`);
  signal.search = new URLSearchParams({
    auto_subscribe: '0',
    adaptive_stream: '0',
    sdk: 'node',
    os: process.platform,
    protocol: String(SIGNAL_PROTOCOL_VERSION),
    client_protocol: '0',
  }).toString();
  return signal;
}

/** Whether the server runs on this machine, so that the loopback interface must be offered as a media path. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
}

const websocketProtocols: Readonly<Record<string, 'ws:' | 'wss:'>> = {
  'ws:': 'ws:',
  'http:': 'ws:',
  'wss:': 'wss:',
  'https:': 'wss:',
};
