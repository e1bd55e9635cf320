// The demo page in a real Chromium (DTX on, as livekit-client has it), the real demo program, a real LiveKit server.

import { RoomServiceClient } from 'livekit-server-sdk';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type FakeMicrophone, launchChromium, loudestVoiceDbfs, openPage } from './chromium.ts';
import { buildPage, type DemoProgram, demoUntilItEnds, startDemo } from './demo-program.ts';
import { readWavHeader } from '../../src/audio/wav.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { concatenate, silence } from './pcm.ts';
import { resample } from './resample.ts';
import { synthesise } from './speech.ts';
import { writeWav } from './wav.ts';

const question = 'When are you open?';
/** Before the question: the agent joins and greets meanwhile. */
const leadMs = 8_000;
const tailMs = 60_000;

let folder: string;
let livekit: TestLivekitServer;
let demo: DemoProgram;
const browsers: Browser[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repartee-page-'));
  [livekit] = await Promise.all([startLivekitServer(), buildPage()]);
  demo = await startDemo(livekit);
});

afterEach(async () => {
  await Promise.all(browsers.splice(0).map((browser) => browser.close()));
});

afterAll(async () => {
  await demo?.stop();
  await livekit?.close();
  await rm(folder, { recursive: true });
});

async function open(microphone: FakeMicrophone, options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  const browser = await launchChromium(microphone);
  browsers.push(browser);
  return openPage(browser, demo.url, options);
}

async function speakingMicrophone(): Promise<FakeMicrophone> {
  const path = join(folder, 'question.wav');
  const spoken = resample(await synthesise(question), 48_000);
  await writeWav(path, concatenate(silence(leadMs, 48_000), spoken, silence(tailMs, 48_000)));
  return { type: 'file', path };
}

const screenshot = (page: Page, name: string) => page.screenshot({ path: `test-results/page-${name}.png` });
const start = (page: Page) => page.getByRole('button', { name: 'Start talking' });
const listening = (page: Page) => page.getByRole('status').filter({ hasText: 'Listening' });
const examples = (page: Page) => page.getByRole('region', { name: /sentences|questions|for example/ });
const turns = (page: Page) => page.getByRole('list', { name: 'Turns' }).locator(':scope > li');
const captions = (page: Page, speaker: 'caller' | 'agent') => page.locator(`.caption.${speaker}:not(.interim)`);

/** The file that a button saves. */
async function saved(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFile(await download.path());
}

/** What the server knows of the callers' microphones. */
async function mutedMicrophones(): Promise<boolean[]> {
  const rooms = new RoomServiceClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret);
  const names = (await rooms.listRooms()).map(({ name }) => name);
  const participants = (await Promise.all(names.map((name) => rooms.listParticipants(name)))).flat();
  const callers = participants.filter(({ identity }) => identity.startsWith('caller-'));
  return callers.flatMap(({ tracks }) => tracks.map(({ muted }) => muted));
}

describe('demo page', () => {
  it('answers a spoken question: both captions, an audible voice, the response time', async () => {
    const page = await open(await speakingMicrophone());
    await screenshot(page, 'before-the-call');
    await start(page).click();
    await captions(page, 'caller')
      .filter({ hasText: /when are you open/i })
      .waitFor();
    await captions(page, 'agent').filter({ hasText: /open/i }).waitFor();
    expect(await loudestVoiceDbfs(page)).toBeGreaterThan(-40);
    const turn = turns(page).filter({ hasText: /when are you open/i });
    await turn.filter({ hasText: /\d+\sms/ }).waitFor();
    expect(await page.locator('#latest-response').textContent()).toMatch(/^\d+\sms$/);
    expect(await page.locator('#median-response').textContent()).toMatch(/^\d+\sms$/);
    await screenshot(page, 'answered');
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('button', { name: 'Call again' }).waitFor();
  });

  it('shows where the time of an answer went, against what it heard itself, and saves both', async () => {
    const page = await open(await speakingMicrophone());
    await start(page).click();
    const turn = turns(page).filter({ hasText: /when are you open/i });
    await turn.filter({ hasText: /final/ }).waitFor();
    await turn.filter({ hasText: /You waited for: .*\d+\sms/ }).waitFor();
    await turn.filter({ hasText: /This page heard \d+\sms ± \d+ \(account \d+\sms ± \d+\)/ }).waitFor();
    const rows = await turn.getByRole('listitem').allTextContents();
    await turns(page).filter({ hasText: 'Greeting' }).filter({ hasText: 'no gap' }).waitFor();
    await screenshot(page, 'waterfall');

    const report = JSON.parse((await saved(page, 'Save report')).toString('utf8'));
    const answer = report.turns.find(({ kind }: { kind: string }) => kind === 'reply');
    expect(answer).toMatchObject({ status: 'final', basis: 'reported', acoustic: { gapMs: expect.any(Number) } });
    expect(report.call.callers[0]).toMatch(/^caller-/);
    const { glassToGlassMs, errorMs, spans, hidden, unknown, acoustic } = answer;
    // Each span has its row, but one that takes no time: a way of a millisecond may be none, within its bound.
    expect(unknown).toEqual([]);
    const shown = [...spans, ...hidden].filter(({ ms }: { ms: number }) => ms >= 0.5);
    expect(rows.map((row) => /^[a-z -]+/.exec(row)?.[0])).toEqual(shown.map(({ name }: { name: string }) => name));
    expect(shown.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['generation', 'synthesis']),
    );
    const sumMs = spans.reduce((sum: number, { ms }: { ms: number }) => sum + ms, 0);
    expect(Math.abs(sumMs - glassToGlassMs)).toBeLessThan(1);
    // How exact both are is measured by the benchmarks, on a machine that does nothing else.
    expect(Math.abs(acoustic.residualMs)).toBeLessThan(errorMs + acoustic.errorMs + 250);
    expect(report.statistics.glassToGlassMs.count).toBe(1);

    const wav = await saved(page, 'Save recording');
    expect(readWavHeader(wav)).toMatchObject({ channelCount: 2, sampleRateHz: 16_000, bitsPerSample: 16, isPcm: true });
    expect(wav.readUInt32LE(40)).toBe(wav.length - 44);
    const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length));
    const loudest = (channel: 0 | 1) =>
      samples.reduce((peak, sample, index) => (index % 2 === channel ? Math.max(peak, Math.abs(sample)) : peak), 0);
    expect(loudest(0)).toBeGreaterThan(1000);
    expect(loudest(1)).toBeGreaterThan(1000);

    // All of it stays when the call is over.
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('button', { name: 'Call again' }).waitFor();
    expect(JSON.parse((await saved(page, 'Save report')).toString('utf8')).call.endedAt).toMatch(/^\d{4}-.*Z$/);
    expect((await saved(page, 'Save recording')).length).toBeGreaterThanOrEqual(wav.length);
  });

  it('takes typed questions and examples where the microphone is denied, by keyboard, on a narrow screen', async () => {
    const page = await open({ type: 'denied' }, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await start(page).press('Enter');
    await page.getByRole('alert').filter({ hasText: 'The microphone is blocked' }).waitFor();
    await listening(page).waitFor();
    await page.getByLabel('Type instead of speaking').fill(question);
    await page.keyboard.press('Enter');
    const answers = captions(page, 'agent').filter({ hasText: /open/i });
    await answers.first().waitFor();
    await screenshot(page, 'microphone-denied');
    await page.getByRole('button', { name: 'What are your opening hours?' }).click();
    await answers.nth(1).waitFor();
    expect(await captions(page, 'caller').count()).toBe(2);
    await turns(page)
      .filter({ hasText: /Typed: there is no end of speech/ })
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('says through whom it talks where there are keys, and shows the examples only where they are a limit', async () => {
    const keys = { DEEPGRAM_API_KEY: 'd', OPENAI_API_KEY: 'o', CARTESIA_API_KEY: 'c' };
    const browser = await launchChromium({ type: 'denied' });
    browsers.push(browser);
    for (const [environment, stages, limit] of [
      [keys, /Speech to text: deepgram nova-3 · Replies: OpenAI .* · Voice: Cartesia/i, undefined],
      [{ OPENAI_API_KEY: 'o' }, /Speech to text: openai.*Voice: openai/i, undefined],
      [
        { DEEPGRAM_API_KEY: 'd' },
        /deepgram nova-3 · Replies: .*front-desk · Voice: offline/,
        /front desk answers these/,
      ],
    ] as const) {
      const program = await startDemo(livekit, environment);
      try {
        const page = await openPage(browser, program.url);
        await page.getByText(stages).waitFor();
        expect(await examples(page).count()).toBe(limit === undefined ? 0 : 1);
        if (limit !== undefined) await page.getByRole('heading', { name: limit }).waitFor();
      } finally {
        await program.stop();
      }
    }
  });

  it('mutes and unmutes the microphone for everybody in the room', async () => {
    const page = await open({ type: 'beeps' });
    await start(page).click();
    const mute = page.getByRole('button', { name: 'Mute' });
    await expect.poll(mutedMicrophones, { timeout: 30_000 }).toEqual([false]);
    await mute.click();
    await expect.poll(mutedMicrophones, { timeout: 10_000 }).toEqual([true]);
    expect(await mute.getAttribute('aria-pressed')).toBe('true');
    await mute.click();
    await expect.poll(mutedMicrophones, { timeout: 10_000 }).toEqual([false]);
  });

  it('says so when the server goes away', async () => {
    const page = await open({ type: 'beeps' });
    await start(page).click();
    await page.getByRole('status').filter({ hasText: 'Speaking' }).waitFor();
    await livekit.kill();
    const alert = page.getByRole('alert').filter({ hasText: 'Reconnecting' });
    await alert.waitFor();
    await screenshot(page, 'server-gone');
    expect(await alert.textContent()).toMatch(/goes on as soon as/);
  });
});

describe('demo program', () => {
  it('ends with code 0 at Ctrl-C, also when the LiveKit server is gone', async () => {
    expect(await demo.stop()).toBe(0);
    expect(demo.output()).not.toMatch(/^\s+at |still open at the end/m);
  });

  it('says in one line what is missing', async () => {
    const { exitCode, output } = await demoUntilItEnds({ LIVEKIT_URL: livekit.url });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^repartee: LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set: .*\n$/);
  });
});
