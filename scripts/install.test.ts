import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isInstalled, refuseLink } from './install.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repartee-'));
  mkdirSync(join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, packages: Record<string, object>): void =>
  writeFileSync(join(folder, name), JSON.stringify({ packages }));
const wanted = (packages: Record<string, object>): void => write('package-lock.json', { '': {}, ...packages });
const present = (packages: Record<string, object>): void => write('node_modules/.package-lock.json', packages);

describe('node_modules', () => {
  it('is complete when it holds every package of the lock file at its version', () => {
    wanted({ 'node_modules/a': { version: '1.0.0' } });
    present({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/left-over': { version: '3.0.0' } });
    expect(isInstalled(folder)).toBe(true);
  });

  it('is complete without what is for other platforms', () => {
    wanted({ 'node_modules/a-darwin-arm64': { version: '1.0.0', optional: true } });
    present({});
    expect(isInstalled(folder)).toBe(true);
  });

  it('is not complete with another version, or without a package', () => {
    wanted({ 'node_modules/a': { version: '1.0.1' } });
    present({ 'node_modules/a': { version: '1.0.0' } });
    expect(isInstalled(folder)).toBe(false);
    present({});
    expect(isInstalled(folder)).toBe(false);
  });

  it('is not complete when an installation never ended', () => {
    wanted({ 'node_modules/a': { version: '1.0.0' } });
    expect(isInstalled(folder)).toBe(false);
  });

  it('is not installed into where it is a link: its packages are those of another checkout', () => {
    expect(() => refuseLink(folder)).not.toThrow();
    renameSync(join(folder, 'node_modules'), join(folder, 'elsewhere'));
    expect(() => refuseLink(folder)).not.toThrow();
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'node_modules'));
    expect(() => refuseLink(folder)).toThrow(/link/);
  });
});
