// Free ports on loopback. A port found free can be taken before it is used: whoever starts a server on it must still
// look whether the server came up.

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/**
 * The preferred TCP port if it is free on loopback, or else one that is. 0 means any.
 * @param {number} preferred
 * @returns {Promise<number>}
 */
export async function freeTcpPort(preferred) {
  return (await tryTcp(preferred)) ?? (await freeTcpPort(0));
}

/**
 * The preferred UDP port if it is free on loopback, or else one that is. 0 means any.
 * @param {number} preferred
 * @returns {Promise<number>}
 */
export async function freeUdpPort(preferred) {
  return (await tryUdp(preferred)) ?? (await freeUdpPort(0));
}

/**
 * @param {number} port
 * @returns {Promise<number | undefined>} undefined when it is busy
 */
function tryTcp(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/**
 * @param {number} port
 * @returns {Promise<number | undefined>} undefined when it is busy
 */
function tryUdp(port) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: loopback, exclusive: true }, () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}
