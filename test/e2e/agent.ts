// The agent under test, in the test's own process: the offline stages behind one session for each room.

import { type AgentOptions, defineAgent } from '../../src/agent.ts';
import { createVoiceDetector } from '../../src/audio/voice-activity.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger, stderrSink } from '../../src/lib/log.ts';
import { frontDesk, speechGrammar } from '../../src/llm/front-desk/front-desk.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import { opusscriptCodec } from '../../src/opus/opusscript.ts';
import { livekitRoom } from '../../src/room/livekit/index.ts';
import { agentToken } from '../../src/room/livekit-token.ts';
import { type Session, type SessionOptions, startSession } from '../../src/session/session.ts';
import type { Stages } from '../../src/session/stages.ts';
import { offlineSpeechToText } from '../../src/stt/offline.ts';
import { offlineTextToSpeech } from '../../src/tts/offline.ts';
import type { TestLivekitServer } from './livekit-server.ts';

export const AGENT_IDENTITY = 'agent';

/** Warnings and errors are shown; all that the agent logs with REPARTEE_TEST_LOG=1. */
const log = createLogger(stderrSink, process.env['REPARTEE_TEST_LOG'] === '1' ? 'debug' : 'warn');

export interface Agents {
  /** Joins a room; without a greeting unless the options have one. */
  start(
    server: TestLivekitServer,
    roomName: string,
    options?: AgentOptions,
    more?: Pick<SessionOptions, 'onAccount'>,
  ): Promise<Session>;
  /** Ends all sessions that are still on, but keeps the stages. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

/** Agents that share their stages, as those of one process do. */
export function createAgents(): Agents {
  const stages: Stages = {
    stt: offlineSpeechToText({ grammar: speechGrammar, log }),
    model: languageModelReplies({ model: frontDesk() }),
    tts: offlineTextToSpeech(),
    codec: opusscriptCodec,
    createVoiceDetector,
  };
  const sessions: Session[] = [];
  const endSessions = async (): Promise<void> => {
    await Promise.all(sessions.splice(0).map(async (session) => session.close()));
  };
  return {
    start: async (server, roomName, options = {}, more = {}) => {
      const token = await agentToken(server, { roomName, identity: AGENT_IDENTITY });
      const join = livekitRoom({ url: server.url, token, clock: systemClock, log });
      const settings = defineAgent(options);
      const session = await startSession({ join, stages, settings, clock: systemClock, log, ...more });
      sessions.push(session);
      return session;
    },
    endSessions,
    close: async () => {
      await endSessions();
      await Promise.all([stages.stt.close(), stages.tts.close()]);
    },
  };
}
