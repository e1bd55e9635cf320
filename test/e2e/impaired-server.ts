// A LiveKit server all of whose media passes an impairment relay.

import { type Relay, startRelay } from '../../bench/relay.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';

const RELAY_ADDRESS = '127.0.0.2';

export interface ImpairedServer {
  readonly server: TestLivekitServer;
  /** `up`: from the participants to the server; `down`: from the server to them. */
  readonly relay: Relay;
  close(): Promise<void>;
}

export async function startImpairedServer(): Promise<ImpairedServer> {
  const server = await startLivekitServer({ rtcNodeIp: RELAY_ADDRESS });
  try {
    const { rtcPort: port } = server;
    const relay = await startRelay({ listen: RELAY_ADDRESS, port, target: { address: '127.0.0.1', port } });
    return {
      server,
      relay,
      close: async () => {
        await server.close();
        await relay.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
