// A UDP relay between a LiveKit server and its clients that can also send clients what the server never sent.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface InjectingRelay {
  /** The latest datagrams that went to clients, oldest first. */
  readonly seen: readonly Buffer[];
  /** Sends to every client, from the server's address. */
  inject(datagram: Uint8Array): void;
  close(): Promise<void>;
}

const KEPT_DATAGRAMS = 50;

/** Listens on `listen`:`port` (which the server advertises) and relays to 127.0.0.1:`port` (where it listens). */
export async function startInjectingRelay(listen: string, port: number): Promise<InjectingRelay> {
  const seen: Buffer[] = [];
  const listener = createSocket('udp4');
  const clients = new Map<string, { readonly port: number; readonly address: string; readonly onward: Socket }>();
  listener.on('message', (datagram, { address, port: clientPort }) => {
    const key = `${address}:${clientPort}`;
    let client = clients.get(key);
    if (client === undefined) {
      const onward = createSocket('udp4');
      onward.on('message', (answer) => {
        seen.push(answer);
        if (seen.length > KEPT_DATAGRAMS) seen.shift();
        listener.send(answer, clientPort, address);
      });
      client = { address, port: clientPort, onward };
      clients.set(key, client);
    }
    client.onward.send(datagram, port, '127.0.0.1');
  });
  listener.bind(port, listen);
  await once(listener, 'listening');
  return {
    seen,
    inject: (datagram) => {
      for (const client of clients.values()) listener.send(datagram, client.port, client.address);
    },
    close: async () => {
      for (const { onward } of clients.values()) onward.close();
      listener.close();
      await once(listener, 'close');
    },
  };
}
