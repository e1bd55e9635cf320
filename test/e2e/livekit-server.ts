// A real LiveKit server for one test file: loopback, free ports, keys of its own.

import { installedLivekitServer, launcherOf } from '../../scripts/livekit-server/locate.mjs';
import { type LaunchCommand, runLivekitServer } from '../../scripts/livekit-server/run.mjs';

export interface TestLivekitServer {
  /** `ws://127.0.0.1:<port>` */
  readonly url: string;
  readonly httpUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** UDP port of all media; where an impairment relay forwards to. */
  readonly rtcPort: number;
  readonly pid: number;
  /** Stops it and waits until it is gone; idempotent. */
  close(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

export interface TestLivekitServerOptions {
  /**
   * The address that the server tells clients to send media to, while it listens on 127.0.0.1. With `127.0.0.2` an
   * impairment relay can listen on 127.0.0.2:rtcPort and forward to 127.0.0.1:rtcPort.
   */
  readonly rtcNodeIp?: string;
  /** Signalling port to take, for a server that comes back where one was killed; any free one when absent. */
  readonly port?: number;
  /** Keys to accept, for a server that comes back; generated when absent. */
  readonly keys?: { readonly apiKey: string; readonly apiSecret: string };
}

/** Starts the server that `npm test` found, or finds one itself; rejects with what to do where there is none. */
export async function startLivekitServer(options: TestLivekitServerOptions = {}): Promise<TestLivekitServer> {
  const launch = launcherOf(installedLivekitServer());
  const server = await runLivekitServer({
    launch: options.rtcNodeIp === undefined ? launch : advertising(options.rtcNodeIp, launch),
    nodeIp: options.rtcNodeIp ?? '127.0.0.1',
    preferredPorts: { http: options.port ?? 0, rtc: 0 },
    ...(options.keys && { keys: options.keys }),
  });
  if (options.port !== undefined && server.ports.http !== options.port) {
    await server.close();
    throw new Error(`Port ${options.port} is busy`);
  }
  return { ...server, rtcPort: server.ports.rtc };
}

/**
 * A server that advertises `nodeIp` and nothing else: livekit.yaml's node_ip would win over `--node-ip`, and without
 * ICE lite the server looks for a shorter way to the client by itself.
 */
function advertising(nodeIp: string, launch: LaunchCommand): LaunchCommand {
  return (where) => {
    const { command, args } = launch(where);
    return { command, args: [...args, '--rtc.node_ip.ipv4', nodeIp, '--rtc.use_ice_lite'] };
  };
}
