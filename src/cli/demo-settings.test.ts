import { describe, expect, it } from 'vitest';

import { readDemoSettings } from './demo-settings.ts';

const complete = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };

describe('demo settings', () => {
  it('need a LiveKit server with its keys and nothing else', () => {
    expect(readDemoSettings(complete)).toEqual({
      livekit: { url: 'ws://127.0.0.1:7880', publicUrl: 'ws://127.0.0.1:7880', apiKey: 'key', apiSecret: 'secret' },
      host: '127.0.0.1',
      port: 3000,
    });
  });

  it('name all that is missing at once, and what to do', () => {
    const { LIVEKIT_URL } = complete;
    expect(() => readDemoSettings({ LIVEKIT_URL, LIVEKIT_API_KEY: '' })).toThrow(
      /^LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set: .*npm run demo/,
    );
  });

  it('tell browsers another address where there is one', () => {
    const { livekit } = readDemoSettings({ ...complete, LIVEKIT_PUBLIC_URL: 'wss://calls.example.com' });
    expect(livekit).toMatchObject({ url: 'ws://127.0.0.1:7880', publicUrl: 'wss://calls.example.com' });
  });

  it.each([
    [{ LIVEKIT_URL: 'localhost:7880' }, /^LIVEKIT_URL must be an address like ws:/],
    [{ LIVEKIT_PUBLIC_URL: 'calls' }, /^LIVEKIT_PUBLIC_URL must be an address/],
    [{ REPARTEE_PAGE_PORT: 'http' }, /^REPARTEE_PAGE_PORT must be a port number/],
    [{ REPARTEE_PAGE_PORT: '70000' }, /^REPARTEE_PAGE_PORT must be a port number/],
  ])('refuse %o in one line', (wrong, message) => {
    expect(() => readDemoSettings({ ...complete, ...wrong })).toThrow(message);
    expect(() => readDemoSettings({ ...complete, ...wrong })).toThrow(/^.*$/);
  });
});
