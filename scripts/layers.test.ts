import { describe, expect, it } from 'vitest';

import { violations } from './layers.mjs';

const check = (sources: Record<string, string>): string[] => violations(new Map(Object.entries(sources)));

describe('layers', () => {
  it('lets a folder import from every layer to its right', () => {
    expect(
      check({
        'cli/demo.ts': `import { Session } from '../session/session.ts';\nimport { Clock } from '../lib/clock.ts';`,
        'session/session.ts': `import { add } from '../rtp/serial.ts';\nimport type { Room } from '../room/port.ts';`,
      }),
    ).toEqual([]);
  });

  it.each([
    ['a static import', `import { Session } from '../session/session.ts';`],
    ['a type import', `import type { Session } from '../session/session.ts';`],
    ['an import over several lines', `import {\n  Session,\n  type Turn,\n} from '../session/session.ts';`],
    ['a re-export', `export * from '../session/session.ts';`],
    ['an import for its effects', `import '../session/session.ts';`],
    ['a dynamic import', `const session = await import('../session/session.ts');`],
  ])('reports %s to the left', (_, text) => {
    expect(check({ 'rtp/clock.ts': text })).toEqual(['rtp/clock.ts: rtp/ may not import session/session.ts']);
  });

  it('shares ports, frames and types within a layer, and nothing else', () => {
    expect(check({ 'jitter/a.ts': `import { silence } from '../audio/frame.ts';` })).toEqual([]);
    expect(check({ 'jitter/a.ts': `import type { Vad } from '../audio/vad.ts';` })).toEqual([]);
    expect(check({ 'jitter/a.ts': `import { Vad } from '../audio/vad.ts';` })).toHaveLength(1);
  });

  it('does not confuse a folder below with a layer', () => {
    expect(check({ 'room/livekit/join.ts': `import { seal } from '../../lib/errors.ts';` })).toEqual([]);
    expect(check({ 'room/livekit/join.ts': `import { open } from '../../session/open.ts';` })).toHaveLength(1);
  });

  it('reports an import from outside src, and a folder without a layer', () => {
    expect(check({ 'lib/log.ts': `import { x } from '../../test/x.ts';` })).toHaveLength(1);
    expect(check({ 'misc/a.ts': `import { x } from '../lib/log.ts';` })).toHaveLength(1);
  });

  it('keeps werift in one folder', () => {
    const text = `import { RTCPeerConnection } from 'werift';`;
    expect(check({ 'room/livekit/a.ts': text, 'room/livekit/b.ts': text })).toEqual([]);
    expect(check({ 'room/livekit/a.ts': text, 'room/direct/b.ts': text })).toEqual([
      'werift is imported in more than one folder: room/direct, room/livekit',
    ]);
  });
});

describe('time and I/O', () => {
  it.each(['Date.now()', 'performance.now()', 'new Date()'])('reports %s outside the clock', (code) => {
    expect(check({ 'session/a.ts': `const now = ${code};` })).toHaveLength(1);
    expect(check({ 'lib/clock.ts': `const now = ${code};` })).toEqual([]);
  });

  it('reports timers and I/O in a pure folder only', () => {
    const timer = `setTimeout(() => undefined, 5);`;
    expect(check({ 'turns/a.ts': timer })).toHaveLength(1);
    expect(check({ 'tts/a.ts': timer })).toEqual([]);
    const io = `import { readFile } from 'node:fs/promises';`;
    expect(check({ 'jitter/a.ts': io })).toHaveLength(1);
    expect(check({ 'audio/a.ts': io })).toEqual([]);
  });

  it('lets comments name what code may not use', () => {
    expect(check({ 'turns/a.ts': '// never Date.now\n/* nor setTimeout */' })).toEqual([]);
  });
});
