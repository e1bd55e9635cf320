import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findChromium } from './chromium.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'repartee-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('Chromium', () => {
  it('is looked for by its names on the PATH', () => {
    const path = join(folder, 'google-chrome');
    writeFileSync(path, '', { mode: 0o755 });
    expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(path);
  });

  it('is the one that the environment names, or none', () => {
    const named = join(folder, 'named');
    writeFileSync(named, '', { mode: 0o755 });
    expect(findChromium({ PATH: folder, CHROME_PATH: named })).toBe(named);
    expect(findChromium({ PATH: folder, CHROME_PATH: join(folder, 'absent') })).toBeUndefined();
  });

  it('is not a file that cannot be run', () => {
    writeFileSync(join(folder, 'chromium'), '', { mode: 0o644 });
    expect(findChromium({ CHROME_PATH: join(folder, 'chromium') })).toBeUndefined();
  });
});
