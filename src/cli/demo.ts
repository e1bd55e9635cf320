// The demo: the offline front desk behind a web page. Needs a LiveKit server and its keys in the environment; nothing else.

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { defineAgent } from '../agent.ts';
import { createVoiceDetector } from '../audio/voice-activity.ts';
import { systemClock } from '../lib/clock.ts';
import { ReparteeError } from '../lib/errors.ts';
import { createLogger, stderrSink } from '../lib/log.ts';
import { examples, frontDesk, greeting, speechGrammar } from '../llm/front-desk/front-desk.ts';
import { languageModelReplies } from '../llm/language-model.ts';
import { opusscriptCodec } from '../opus/opusscript.ts';
import { livekitRoom } from '../room/livekit/index.ts';
import { agentToken } from '../room/livekit-token.ts';
import { startSession } from '../session/session.ts';
import type { Stages } from '../session/stages.ts';
import { offlineSpeechToText } from '../stt/offline.ts';
import { offlineTextToSpeech } from '../tts/offline.ts';
import { readDemoSettings } from './demo-settings.ts';
import { readPageFiles } from './page-files.ts';
import { startPageServer } from './page-server.ts';

const agentName = 'Front desk';
/** Each has a speech recogniser of its own: memory is what ends first on a small machine. */
const agentLimit = 10;
/** Shorter than usual: those who reload the page would fill the lines with agents that wait for nobody. */
const leaveAfterMs = 20_000;
/** A call that can't be ended within this is left behind. */
const shutdownDeadlineMs = 5_000;
const pageDirectory = fileURLToPath(new URL('../../web-demo/dist', import.meta.url));

/** Runs until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const stopped = stopSignal();
  const { livekit, host, port } = readDemoSettings(process.env);
  const log = createLogger(stderrSink);
  const stages: Stages = {
    stt: offlineSpeechToText({ grammar: speechGrammar, log }),
    model: languageModelReplies({ model: frontDesk() }),
    tts: offlineTextToSpeech(),
    codec: opusscriptCodec,
    createVoiceDetector,
  };
  const settings = defineAgent({ greeting, caller: { leaveAfterMs } });

  const page = await startPageServer({
    files: await readPageFiles(pageDirectory),
    agent: {
      name: agentName,
      offline: true,
      examples: examples.map(({ group, sentences }) => ({ title: group, sentences })),
      stages: { stt: stages.stt.name, llm: stages.model.name, tts: stages.tts.name },
    },
    livekit,
    startAgent: async (roomName) => {
      const identity = `agent-${randomUUID()}`;
      const token = await agentToken(livekit, { roomName, identity, name: agentName });
      const join = livekitRoom({ url: livekit.url, token, clock: systemClock, log });
      return startSession({ join, stages, settings, clock: systemClock, log: log.with({ room: roomName }) });
    },
    agentLimit,
    host,
    port,
    log,
  });
  const address = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host;
  process.stdout.write(`Repartee is listening: http://${address}:${page.port}\n`);

  await stopped;
  setTimeout(() => process.exit(0), shutdownDeadlineMs).unref();
  await page.close();
  await Promise.all([stages.stt.close(), stages.tts.close()]);
  process.exit(0);
}

/** Fulfilled at the first SIGINT or SIGTERM; the second ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (asked) process.exit(0);
        asked = true;
        resolve();
      });
    }
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ReparteeError)) throw error;
  process.stderr.write(`repartee: ${error.message}\n`);
  process.exit(1);
}
