// Whether the LiveKit server takes our keys (server API, https://docs.livekit.io/reference/other/roomservice-api/), and
// whether media gets through: by joining a room of our own for a moment.

import { randomUUID } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';

import { systemClock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { ConfigurationError, DeadlineError } from '../../lib/errors.ts';
import { livekitRoom } from '../../room/livekit/index.ts';
import { agentToken } from '../../room/livekit-token.ts';
import { type Environment, livekitSettings, type LivekitSettings } from '../environment.ts';
import { ask, type Answer, type CheckOptions, checkDeadlineMs, type Finding, silence } from './finding.ts';

const server = 'LiveKit server';
const media = 'Media to it';

const portsAdvice =
  'Signalling works, media does not: open the UDP port of the server (rtc.udp_port in its settings; LiveKit Cloud: UDP ' +
  '3478 and 50000-60000), or its TCP port (7881) where UDP is blocked, and check the address that it advertises (rtc.node_ip).';

/** Two findings: the server with its keys, and media to it. */
export async function checkLivekit(environment: Environment, options: CheckOptions = {}): Promise<readonly Finding[]> {
  let settings: LivekitSettings;
  try {
    settings = livekitSettings(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [says = '', ...advice] = error.message.split(': ');
    return [{ subject: server, status: 'failed', says, advice: `Set ${advice.join(': ')}` }];
  }
  const found = await checkServer(settings, options);
  return found.status === 'ok' ? [found, await checkMedia(settings, options)] : [found];
}

async function checkServer({ url, apiKey, apiSecret }: LivekitSettings, options: CheckOptions): Promise<Finding> {
  const token = new AccessToken(apiKey, apiSecret, { ttl: '1m' });
  token.addGrant({ roomList: true });
  const address = url.replace(/^ws/, 'http').replace(/\/+$/, '');
  let answer: Answer;
  try {
    const headers = { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: '{}' };
    answer = await ask(`${address}/twirp/livekit.RoomService/ListRooms`, init, options);
  } catch (error) {
    return failed(
      `${url}: ${silence(error)}`,
      'Check LIVEKIT_URL and that the server runs. "npm run demo" starts one of its own without it.',
    );
  }
  switch (answer.status) {
    case 200:
      return { subject: server, status: 'ok', says: `${url} accepts the key pair` };
    case 401:
    case 403:
      return failed(
        `${url} refuses the key pair (${answer.status})`,
        "Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET: they must be this server's. A clock that is minutes off has the same effect.",
      );
    default:
      return failed(`${url} answers with status ${answer.status}`, 'Check LIVEKIT_URL: this may be no LiveKit server.');
  }
}

const failed = (says: string, advice: string): Finding => ({ subject: server, status: 'failed', says, advice });

async function checkMedia(settings: LivekitSettings, options: CheckOptions): Promise<Finding> {
  const { clock = systemClock, withinMs = checkDeadlineMs } = options;
  const roomName = `repartee-doctor-${randomUUID()}`;
  const token = await agentToken(settings, { roomName, identity: 'repartee-doctor' });
  const giveUp = new AbortController();
  const joining = livekitRoom({ url: settings.url, token, clock })({ onEvent: () => undefined, signal: giveUp.signal });
  try {
    const room = await withDeadline(joining, {
      clock,
      withinMs,
      expired: () => new DeadlineError(`no connection within ${Math.round(withinMs / 1000)} s`),
    });
    await room.close();
    return { subject: media, status: 'ok', says: 'a room was joined, audio can be sent' };
  } catch (error) {
    giveUp.abort();
    return { subject: media, status: 'failed', says: silence(error), advice: portsAdvice };
  }
}
