// A real Chromium with a fake microphone, as a caller's browser.

import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

import { chromiumAdvice, findChromium } from '../../scripts/chromium.mjs';

export type FakeMicrophone =
  /** Speaks a mono WAV file once, from the moment the page opens the microphone; silence afterwards. */
  | { readonly type: 'file'; readonly path: string }
  /** A short beep each second. */
  | { readonly type: 'beeps' }
  /** The user refuses it. */
  | { readonly type: 'denied' };

// What a test machine has neither need nor rights for (FACTS of the toolchain: sandbox, GPU, background traffic).
const quietFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a browser with a profile of its own; close it. */
export async function launchChromium(microphone: FakeMicrophone): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`No Chromium found. ${chromiumAdvice}`);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...quietFlags, '--use-fake-device-for-media-stream', ...microphoneFlags(microphone)],
  });
}

/** Opens a page that listens to what it plays: see `loudestVoiceDbfs`. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.addInitScript({ path: fileURLToPath(new URL('../../web-demo/test/ear.js', import.meta.url)) });
  await page.goto(url);
  return page;
}

/** Level of the loudest 20 ms that the page has received from the agent so far; −Infinity for digital silence. */
export async function loudestVoiceDbfs(page: Page): Promise<number> {
  return Number(await page.evaluate('loudestVoiceDbfs'));
}

function microphoneFlags(microphone: FakeMicrophone): string[] {
  switch (microphone.type) {
    case 'file':
      return ['--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${microphone.path}%noloop`];
    case 'beeps':
      return ['--use-fake-ui-for-media-stream'];
    case 'denied':
      return ['--deny-permission-prompts'];
  }
}
