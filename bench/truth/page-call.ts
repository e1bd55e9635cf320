// One call of a caller in Chromium: the page of web-demo/test/caller says the script by the browser's fake microphone, and
// tells what passed through both of its tracks.

import { mkdtemp, rm } from 'node:fs/promises';
import { AccessToken } from 'livekit-server-sdk';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build, preview, type PreviewServer } from 'vite';
import { z } from 'zod';

import { systemClock } from '../../src/lib/clock.ts';
import { launchChromium } from '../../test/e2e/chromium.ts';
import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import { durationMs, levelDbfs, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { writeWav } from '../../test/e2e/wav.ts';
import { loudWindows, type TrackWindow } from './edges.ts';
import { gaps } from './gaps.ts';
import { atMicrophoneRate, type Script } from './script.ts';

const ROOT = fileURLToPath(new URL('../../web-demo/test/caller', import.meta.url));

export interface PageCallOptions {
  readonly server: TestLivekitServer;
  readonly room: string;
  readonly script: Script;
  /** For files, gone after the call. */
  readonly folder: string;
  /** What browsers do to a voice by default; it would take the noise of a noisy script away. */
  readonly processed: boolean;
  /** What changes at places of the track, in this order. */
  readonly changes: readonly { readonly atMs: number; readonly make: (page: CallerPage) => Promise<void> }[];
}

/** What can be asked of the page beside the call. */
export interface CallerPage {
  /** How much its receiver shall hold back at least. */
  setBufferTarget(ms: number): Promise<void>;
}

const recordSchema = z.object({
  spoken: z.array(z.tuple([z.number(), z.number()])),
  heard: z.array(z.tuple([z.number(), z.number()])),
});

/** Says the script; answers with the true gap of each turn, undefined where nothing was heard. */
export async function pageCall(options: PageCallOptions): Promise<readonly (number | undefined)[]> {
  const { server, room, script, folder, processed, changes } = options;
  const path = join(folder, 'track.wav');
  await writeWav(path, atMicrophoneRate(script.track));
  const token = new AccessToken(server.apiKey, server.apiSecret, { identity: 'caller' });
  token.addGrant({ roomJoin: true, room });
  const call = JSON.stringify([server.url, await token.toJwt(), processed]);
  await using site = await servePage();
  const browser = await launchChromium({ type: 'file', path });
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    const startedAtMs = systemClock.nowMs();
    const until = async (placeMs: number): Promise<void> => {
      await pass(Math.max(0, startedAtMs + placeMs - systemClock.nowMs()));
    };
    await page.evaluate(`caller.join(...${call})`);
    for (const { atMs, make } of changes) {
      await until(atMs);
      await make({ setBufferTarget: async (ms) => await page.evaluate(`caller.setBufferTarget(${ms})`) });
    }
    await until(durationMs(script.track));
    const record = recordSchema.parse(await page.evaluate('caller.record()'));
    await page.evaluate('caller.leave()');
    const [spoken, heard] = [windowsOf(record.spoken), windowsOf(record.heard)];
    return gaps(script.turns, aligned(script, spoken), heard);
  } finally {
    await browser.close();
  }
}

function windowsOf(windows: readonly (readonly [number, number])[]): readonly TrackWindow[] {
  return windows.map(([atMs, dbfs]) => ({ atMs, dbfs }));
}

/** The browser begins to read the file when it likes: as many windows are dropped, or put before, as bring the first words to their place. */
function aligned({ track }: Script, spoken: readonly TrackWindow[]): readonly TrackWindow[] {
  const size = (track.sampleRateHz * WINDOW_MS) / 1000;
  const script = Array.from({ length: Math.floor(track.samples.length / size) }, (_, index) => ({
    atMs: 0,
    dbfs: levelDbfs(track.samples.subarray(index * size, (index + 1) * size)),
  }));
  const late = loudWindows(spoken).indexOf(true) - loudWindows(script).indexOf(true);
  if (late >= 0) return spoken.slice(late);
  return [...Array.from({ length: -late }, () => ({ atMs: 0, dbfs: -120 })), ...spoken];
}

async function servePage(): Promise<AsyncDisposable & { readonly url: string }> {
  const outDir = await mkdtemp(join(tmpdir(), 'repartee-caller-page-'));
  await build({
    root: ROOT,
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 700 },
  });
  const server: PreviewServer = await preview({
    root: ROOT,
    logLevel: 'warn',
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1' },
  });
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
