// One call of the rtc-node caller: starts its process, has it say the script, and finds in its record what was heard.

import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { AccessToken } from 'livekit-server-sdk';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { levelDbfs, WINDOW_MS } from '../../test/e2e/pcm.ts';
import type { TestLivekitServer } from '../../test/e2e/livekit-server.ts';
import type { TrackWindow } from './edges.ts';
import { gaps } from './gaps.ts';
import type { FromRtcCaller, RtcCallerJob, RtcCallerRecord } from './rtc-caller.ts';
import { atMicrophoneRate, type Script } from './script.ts';

/** For libfaketime: 500 ms ahead, and 100 ppm too fast. */
const SKEW = '+0.5s x1.0001';
const CALLER = fileURLToPath(new URL('./rtc-caller.ts', import.meta.url));

export interface RtcCallOptions {
  readonly server: TestLivekitServer;
  readonly room: string;
  readonly script: Script;
  /** For files, gone after the call. */
  readonly folder: string;
  /** Its clocks are wrong: `Condition.skewed`. */
  readonly skewed: boolean;
}

/** Says the script; answers with the true gap of each turn, undefined where nothing was heard. */
export async function rtcCall(options: RtcCallOptions): Promise<readonly (number | undefined)[]> {
  const { server, room, script, folder, skewed } = options;
  const trackPath = join(folder, 'track.pcm');
  const { samples } = atMicrophoneRate(script.track);
  await writeFile(trackPath, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  const token = new AccessToken(server.apiKey, server.apiSecret, { identity: 'caller' });
  token.addGrant({ roomJoin: true, room });
  const child = fork(CALLER, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(skewed && { execPath: 'faketime', execArgv: ['-m', '-f', SKEW, process.execPath] }),
  });
  try {
    child.send({ url: server.url, token: await token.toJwt(), trackPath } satisfies RtcCallerJob);
    const record = await recordOf(child);
    return gapsOf(script, record);
  } finally {
    child.kill('SIGKILL');
  }
}

async function recordOf(child: ChildProcess): Promise<RtcCallerRecord> {
  return await new Promise((resolve, reject) => {
    child.on('message', (message: FromRtcCaller) => {
      if (message.type === 'spoken') resolve(message.record);
      if (message.type === 'failed') reject(new Error(message.message));
    });
    child.once('exit', (code, signal) => reject(new Error(`the caller ended with ${code ?? signal}`)));
  });
}

function gapsOf({ turns, track }: Script, { spokenAtMs, heard }: RtcCallerRecord): readonly (number | undefined)[] {
  const window = (track.sampleRateHz * WINDOW_MS) / 1000;
  const spoken: readonly TrackWindow[] = spokenAtMs.map((atMs, index) => ({
    atMs,
    dbfs: levelDbfs(track.samples.subarray(index * window, (index + 1) * window)),
  }));
  return gaps(turns, spoken, heard);
}
