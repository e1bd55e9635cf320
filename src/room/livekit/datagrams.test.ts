import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isWellFormedRtp, judgeRecords } from './datagrams.ts';

/** A DTLS record of that content type and epoch. */
function record(contentType: number, epoch: number, body: string): Buffer {
  const header = Buffer.from([contentType, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, 0, body.length / 2]);
  return Buffer.concat([header, Buffer.from(body, 'hex')]);
}

const data = record(23, 1, 'aabbcc');

describe('judgeRecords', () => {
  it.each([
    ['data', data],
    [
      'the repeated end of the handshake',
      Buffer.concat([record(22, 0, '0b00'), record(20, 0, '01'), record(22, 1, '01ff')]),
    ],
  ])('accepts %s', (_what, datagram) => {
    expect(judgeRecords(datagram)).toBe('accept');
  });

  it('ignores an encrypted alert: the other side says that it closes', () => {
    expect(judgeRecords(record(21, 1, 'a02c095712235c04'))).toBe('ignore');
  });

  it.each([
    ['a plain alert', record(21, 0, '0100')],
    ['a plain alert behind data', Buffer.concat([data, record(21, 0, '0100')])],
    ['a new handshake behind an encrypted alert', Buffer.concat([record(21, 1, '0100'), record(22, 0, '0100')])],
    ['a new handshake', record(22, 0, '0100')],
    ['an unknown content type', record(40, 1, '0100')],
    ['a record cut short', data.subarray(0, -1)],
  ])('refuses %s', (_what, datagram) => {
    expect(judgeRecords(datagram)).toBe('refuse');
  });
});

describe('isWellFormedRtp', () => {
  it('accepts every header that is as long as it says, and no shorter one', () => {
    const bytes = fc.record({ csrcCount: fc.nat(15), extensionWords: fc.option(fc.nat(64)), payload: fc.nat(50) });
    fc.assert(
      fc.property(bytes, ({ csrcCount, extensionWords, payload }) => {
        const headerBytes = 12 + 4 * csrcCount + (extensionWords === null ? 0 : 4 + 4 * extensionWords);
        const packet = new Uint8Array(headerBytes + payload);
        packet[0] = 0x80 | csrcCount | (extensionWords === null ? 0 : 0x10);
        if (extensionWords !== null) packet[12 + 4 * csrcCount + 3] = extensionWords;
        expect(isWellFormedRtp(packet)).toBe(true);
        expect(isWellFormedRtp(packet.subarray(0, headerBytes - 1))).toBe(false);
      }),
    );
  });

  it.each([0x00, 0x40, 0xc0])('refuses the version in %d', (flags) => {
    expect(isWellFormedRtp(Uint8Array.of(flags, ...Array<number>(20).fill(0)))).toBe(false);
  });
});
