// A user-space UDP relay that makes the network worse, each direction on its own, where the kernel has no netem.
// A LiveKit server that advertises the relay's address as its node_ip sends and gets all media through it.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { type Clock, systemClock } from '../src/lib/clock.ts';
import { ImpairedLink } from './impairment.ts';

export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

export interface RelayOptions {
  /** IPv4 address to listen on, for instance `127.0.0.2`. */
  readonly listen: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  /** Where the clients' packets go. */
  readonly target: UdpAddress;
  readonly seed?: number;
  readonly clock?: Clock;
}

/** Both directions of a way. */
export interface RelayWay {
  /** Clients to target. */
  readonly up: ImpairedLink;
  /** Target to clients. */
  readonly down: ImpairedLink;
}

/** `up` and `down`: the way of those clients for whom no other was made. */
export interface Relay extends RelayWay {
  readonly port: number;
  /** Clients (address and port) that are remembered. */
  readonly clientCount: number;
  /** Clients that come from now on have a way of their own, unimpaired at first. */
  newcomers(): RelayWay;
  /** Frees all sockets; what is on its way is lost. Idempotent. */
  close(): Promise<void>;
}

/** More clients than this: the one that was silent for longest is forgotten. */
const CLIENT_LIMIT = 256;
/** A burst after a stall must not be lost in the kernel. */
const SOCKET_BUFFER_BYTES = 1 << 20;

/** Starts to relay. Rejects when the address can't be bound. */
export async function startRelay({
  listen,
  port,
  target,
  seed = 1,
  clock = systemClock,
}: RelayOptions): Promise<Relay> {
  const ways: RelayWay[] = [];
  const nextWay = (): RelayWay => {
    const ownSeed = seed + 2 * ways.length;
    const way = {
      up: new ImpairedLink({ clock, seed: ownSeed }),
      down: new ImpairedLink({ clock, seed: ownSeed + 1 }),
    };
    ways.push(way);
    return way;
  };
  const first = nextWay();
  let newest = first;
  const listener = new UdpEndpoint();
  await listener.bind({ address: listen, port });
  const clients = new ClientTable(clock, (client) => {
    const { up, down } = newest;
    const onward = new UdpEndpoint();
    onward.onPayload = (payload) => down.push(payload, (late) => listener.send(late, client));
    return { onward, up };
  });
  listener.onPayload = (payload, client) => {
    const { onward, up } = clients.entryOf(client);
    up.push(payload, (late) => onward.send(late, target));
  };
  return {
    port: listener.port,
    ...first,
    newcomers: () => {
      newest = nextWay();
      return newest;
    },
    get clientCount() {
      return clients.size;
    },
    close: async () => {
      for (const { up, down } of ways) {
        up.close();
        down.close();
      }
      await Promise.all([listener.close(), clients.close()]);
    },
  };
}

interface Client {
  readonly onward: UdpEndpoint;
  readonly up: ImpairedLink;
}

/** The clients that are remembered, each with a socket of its own, so that the target can tell them apart. */
class ClientTable {
  readonly #clock: Clock;
  readonly #open: (client: UdpAddress) => Client;
  readonly #clients = new Map<string, Client & { heardAtMs: number }>();

  constructor(clock: Clock, open: (client: UdpAddress) => Client) {
    this.#clock = clock;
    this.#open = open;
  }

  get size(): number {
    return this.#clients.size;
  }

  entryOf(client: UdpAddress): Client {
    const key = `${client.address}:${client.port}`;
    let entry = this.#clients.get(key);
    if (entry === undefined) {
      if (this.#clients.size >= CLIENT_LIMIT) this.#forgetMostSilent();
      entry = { ...this.#open(client), heardAtMs: 0 };
      this.#clients.set(key, entry);
    }
    entry.heardAtMs = this.#clock.nowMs();
    return entry;
  }

  async close(): Promise<void> {
    const endpoints = [...this.#clients.values()].map(({ onward }) => onward);
    this.#clients.clear();
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }

  #forgetMostSilent(): void {
    const [silent] = [...this.#clients].toSorted(([, a], [, b]) => a.heardAtMs - b.heardAtMs);
    if (silent === undefined) return;
    const [key, { onward }] = silent;
    this.#clients.delete(key);
    void onward.close();
  }
}

/** A UDP socket as a network sees it: what can't be sent is lost, and so is everything after `close`. */
class UdpEndpoint {
  readonly #socket: Socket = createSocket({
    type: 'udp4',
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
  });
  #closing: Promise<void> | undefined;
  onPayload: (payload: Uint8Array, from: UdpAddress) => void = () => undefined;

  constructor() {
    this.#socket.on('message', (payload, { address, port }) => this.onPayload(payload, { address, port }));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async bind({ address, port }: UdpAddress): Promise<void> {
    this.#socket.bind(port, address);
    await once(this.#socket, 'listening');
  }

  /** Binds to a free port by itself where `bind` was not called. */
  send(payload: Uint8Array, { address, port }: UdpAddress): void {
    // An unreachable port or a full buffer is packet loss to UDP; whoever tests will see it.
    if (this.#closing === undefined) this.#socket.send(payload, port, address, () => undefined);
  }

  async close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
    await this.#closing;
  }
}
