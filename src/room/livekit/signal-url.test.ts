import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../../lib/errors.ts';
import { isLoopback, signalUrl } from './signal-url.ts';

describe('signalUrl', () => {
  it.each([
    ['ws://127.0.0.1:7880', 'ws://127.0.0.1:7880/rtc'],
    ['http://localhost:7880/', 'ws://localhost:7880/rtc'],
    ['https://x.livekit.cloud', 'wss://x.livekit.cloud/rtc'],
    ['wss://example.org/livekit/', 'wss://example.org/livekit/rtc'],
  ])('turns %s into %s', (server, expected) => {
    const url = signalUrl(server);
    expect(`${url.protocol}//${url.host}${url.pathname}`).toBe(expected);
  });

  it('asks for nothing to be subscribed, and keeps the token out', () => {
    const { searchParams } = signalUrl('ws://h');
    expect(searchParams.get('auto_subscribe')).toBe('0');
    expect(searchParams.has('access_token')).toBe(false);
  });

  it.each(['', 'example.org', 'ftp://example.org', '127.0.0.1:7880'])('says what is wrong with %j', (server) => {
    expect(() => signalUrl(server)).toThrow(ConfigurationError);
  });
});

describe('isLoopback', () => {
  it.each([
    ['ws://127.0.0.1:1', true],
    ['ws://127.3.0.1', true],
    ['ws://localhost', true],
    ['ws://[::1]:7880', true],
    ['ws://192.168.0.1', false],
    ['ws://localhost.example.org', false],
    ['ws://127.0.0.1.example.org', false],
  ])('of %s is %s', (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected);
  });
});
