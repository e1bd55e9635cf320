// The agent of the media benchmark: one session a room with everything real but recognition, model and voice, which
// answer at once with what was made before. Run by media.ts in a process of its own, pinned to one core.

import { defineAgent } from '../src/agent.ts';
import { createVoiceDetector } from '../src/audio/voice-activity.ts';
import type { AudioFrame } from '../src/audio/frame.ts';
import { ClockMap } from '../src/latency/clock-map.ts';
import { PlayoutMap } from '../src/latency/playout-map.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger, stderrSink } from '../src/lib/log.ts';
import { BoundedQueue } from '../src/lib/queue.ts';
import { opusscriptCodec } from '../src/opus/opusscript.ts';
import { livekitRoom } from '../src/room/livekit/index.ts';
import { agentToken } from '../src/room/livekit-token.ts';
import type { JoinRoom, Room } from '../src/room/port.ts';
import { TICKS_PER_MS } from '../src/rtp/packet.ts';
import type { OutgoingRtpPacket } from '../src/rtp/packet.ts';
import { CLOCK_TOPIC } from '../src/session/page-messages.ts';
import type { Session } from '../src/session/session.ts';
import type { Stages } from '../src/session/stages.ts';
import { startSession } from '../src/session/session.ts';
import { SpeculationLimits } from '../src/session/speculation.ts';
import { ACCOUNT_TOPIC, TurnAccounts } from '../src/session/turn-accounts.ts';
import type { SpeechToText, SttEvent } from '../src/stt/port.ts';
import type { SpokenAudio, TextToSpeech } from '../src/tts/port.ts';
import { AGENT_IDENTITY, tellParent } from './media-protocol.ts';
import type { Load, ToWorker } from './media-protocol.ts';
import { secondsByPart, startProfile } from './media-profile.ts';
import { speak } from './media-speech.ts';

const ANSWER = 'On Saturday we are open from nine in the morning until six in the evening.';

class Counters {
  counting = false;
  arrivalToSttMs: number[] = [];
  latenessMs: number[] = [];
  replyCount = 0;
}

const counters = new Counters();

/** Takes audio and notes how long it was under way; answers each `finalize` at once. */
const countingStt: SpeechToText = {
  name: 'count only',
  wordTimes: false,
  open: async () => {
    const events = new BoundedQueue<SttEvent>(100);
    let endTimestamp = 0;
    return {
      events,
      write: ({ origin, arrivedAtMs, timestamp }: AudioFrame) => {
        endTimestamp = timestamp;
        if (counters.counting && origin === 'received') {
          counters.arrivalToSttMs.push(systemClock.nowMs() - arrivedAtMs);
        }
      },
      finalize: () => {
        const words = { text: 'when are you open', words: [], endTimestamp };
        events.push({ type: 'final', ...words, rejected: false, answersFinalize: true });
      },
      close: () => events.close(),
    };
  },
  close: async () => undefined,
};

function preparedVoice(pieces: readonly SpokenAudio[]): TextToSpeech {
  return {
    name: 'prepared',
    sampleRateHz: 16_000,
    async *speak(chunks) {
      for await (const chunk of chunks) {
        if (chunk !== '') yield* pieces;
      }
    },
    warmUp: async () => undefined,
    close: async () => undefined,
  };
}

/** Notes how late each packet of a talkspurt is, against its first one and by RTP time. */
function watchSending(room: Room): void {
  const send = room.sendAudio.bind(room);
  let first: { readonly sentAtMs: number; readonly rtpTimestamp: number } | undefined;
  room.sendAudio = (packet: OutgoingRtpPacket) => {
    const sentAtMs = systemClock.nowMs();
    if (packet.marker || first === undefined) first = { sentAtMs, rtpTimestamp: packet.rtpTimestamp };
    const ticks = (packet.rtpTimestamp - first.rtpTimestamp) >>> 0;
    if (counters.counting && packet.payload.length > 3) {
      counters.latenessMs.push(Math.max(0, sentAtMs - first.sentAtMs - ticks / TICKS_PER_MS));
    }
    return send(packet);
  };
}

/** Of this process: what is done for the account at each packet, each report and each reply is not done. */
function leaveAccountsOut(): void {
  ClockMap.prototype.observePacket = () => undefined;
  ClockMap.prototype.observeReport = () => undefined;
  PlayoutMap.prototype.observeSent = () => undefined;
  TurnAccounts.prototype.audible = () => undefined;
}

/** No pings, and no accounts, which are told by data messages. */
function sendNoAccounts(room: Room): void {
  const send = room.sendData.bind(room);
  room.sendData = (payload, options) => {
    if (options.topic !== CLOCK_TOPIC && options.topic !== ACCOUNT_TOPIC) send(payload, options);
  };
}

async function start({ url, calls, ...keys }: Load): Promise<readonly Session[]> {
  const stages: Stages = {
    stt: countingStt,
    model: {
      name: 'prepared',
      async *reply() {
        yield ANSWER;
      },
    },
    tts: preparedVoice(await speak(ANSWER, 'slt')),
    codec: opusscriptCodec,
    createVoiceDetector,
  };
  const log = createLogger(stderrSink, 'warn');
  const settings = defineAgent();
  const limits = new SpeculationLimits(settings.speculation, systemClock);
  const sessions: Session[] = [];
  if (calls.some(({ account }) => account === 'none')) leaveAccountsOut();
  for (const { roomName, account } of calls) {
    const token = await agentToken(keys, { roomName, identity: AGENT_IDENTITY });
    const enter = livekitRoom({ url, token, log });
    const join: JoinRoom = async (options) => {
      const room = await enter(options);
      watchSending(room);
      if (account === 'none') sendNoAccounts(room);
      return room;
    };
    const onTurn = ({ heardText }: { readonly heardText?: string }): void => {
      if (counters.counting && heardText !== undefined) counters.replyCount += 1;
    };
    sessions.push(await startSession({ join, stages, settings, limits, clock: systemClock, log, onTurn }));
  }
  return sessions;
}

async function measure(durationMs: number, profiled: boolean): Promise<void> {
  const stopProfile = profiled ? await startProfile() : undefined;
  const startedAtMs = systemClock.nowMs();
  const before = process.cpuUsage();
  counters.counting = true;
  await new Promise<void>((resolve) => {
    systemClock.after(durationMs, resolve);
  });
  counters.counting = false;
  const { user, system } = process.cpuUsage(before);
  const profile = await stopProfile?.();
  tellParent({
    type: 'measured',
    figures: {
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (systemClock.nowMs() - startedAtMs) / 1000,
      residentBytes: process.memoryUsage.rss(),
      arrivalToSttMs: counters.arrivalToSttMs,
      latenessMs: counters.latenessMs,
      replyCount: counters.replyCount,
      ...(profile && { secondsByPart: secondsByPart(profile) }),
    },
  });
}

let sessions: readonly Session[] = [];

// Nobody is left to measure for.
process.once('disconnect', () => process.exit());
process.on('message', (message: ToWorker) => {
  void (async () => {
    switch (message.type) {
      case 'start':
        sessions = await start(message.load);
        tellParent({ type: 'ready' });
        break;
      case 'measure':
        await measure(message.durationMs, message.profiled);
        break;
      case 'stop':
        await Promise.all(sessions.map((session) => session.close()));
        tellParent({ type: 'stopped' });
        process.disconnect?.();
        break;
    }
  })();
});
