import { cases } from '../../unit/core/rtcp/rtcp-cases.js';
import { twccCases } from '../../unit/core/rtcp/twcc-cases.js';
import { fromHex, fromText, named, type Seeds } from './seed.js';

/** RFC 5769 2.1. */
const request = `0001 0058 2112a442 b7e7a701bc34d686fa87dfae 8022 0010 5354554e2074657374 20636c69656e74 0024 0004 6e0001ff
  8029 0008 932ff9b151263b36 0006 0009 6576746a3a68367659 202020
  0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 8028 0004 e57a3bcf`;

const sized = (datagram: Uint8Array): Uint8Array =>
  Uint8Array.of(datagram.length >> 8, datagram.length & 255, ...datagram);
const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
const record = (type: number, epoch: number, body: string): Uint8Array =>
  fromHex(`${hex(type, 1)} fefd ${hex(epoch, 2)} 000000000000 ${hex(body.length / 2, 2)} ${body}`);
const fragment = (type: number, sequence: number, total: number, offset: number, size: number): string =>
  hex(type, 1) + hex(total, 3) + hex(sequence, 2) + hex(offset, 3) + hex(size, 3) + 'ab'.repeat(size);
const whole = [1, 1, 11, 16, 15].map((type, sequence) => sized(record(22, 0, fragment(type, sequence, 60, 0, 60))));
const finished = sized(record(22, 1, 'cd'.repeat(48)));

export const guardSeeds: Seeds = {
  forwarded: named([
    ['addresses', fromText('203.0.113.1, 10.0.0.1:80, [2001:db8::7]:4711, unknown')],
    ['RFC 7239', fromText('for=192.0.2.43, for="[2001:db8:cafe::17]:4711";proto=http;by=203.0.113.43')],
    ['an open quote', fromText('for="192.0.2.1')],
    ['an escaped quote', fromText('for=192.0.2.1;host="a\\",for=10.0.0.1"')],
  ]),
  stun: named([
    ['the request of RFC 5769', fromHex(request)],
    ['its attributes alone', fromHex(request).subarray(20, -8)],
    ['use candidate', fromHex('0025 0000 0024 0004 6e0001ff 0006 0009 6576746a3a68367659 000000')],
    ['an answer', fromHex('0101 000c 2112a442 b7e7a701bc34d686fa87dfae 0020 0008 0001a147e112a643')],
  ]),
  dtls: named([
    ['a handshake', Buffer.concat([...whole, finished])],
    [
      'a handshake, then alerts',
      Buffer.concat([
        ...whole,
        finished,
        Buffer.of(0, 0),
        sized(record(21, 1, 'ef'.repeat(26))),
        sized(record(21, 0, '0100')),
      ]),
    ],
    [
      'a hello in pieces, backwards',
      Buffer.concat([40, 20, 0].map((offset) => sized(record(22, 0, fragment(1, 0, 60, offset, 20))))),
    ],
    ['a message of 16 MiB', sized(record(22, 0, `01ffffff0000000000000010${'00'.repeat(16)}`))],
    ['an empty fragment', sized(record(22, 0, fragment(1, 0, 60, 0, 0)))],
    ['finished first', Buffer.concat([finished, ...whole])],
    [
      'many begun',
      Buffer.concat(Array.from({ length: 6 }, (_, n) => sized(record(22, 0, fragment(1, n, 16_000, 0, 10))))),
    ],
  ]),
  rtcp: named([
    ...cases.map(([what, packet]) => [what, packet] as const),
    ['a compound', Buffer.concat(cases.slice(0, 6).map(([, packet]) => packet))],
    [
      'a receiver report of 31 blocks',
      fromHex(`9f c9 00bb deadbeef ${'11111111 40 00000c 0002fffe 000001c2 80000001 ffff0000'.repeat(31)}`),
    ],
  ]),
  twcc: named([
    ...twccCases.map(([what, body]) => [what, body] as const),
    ['the longest run of none', fromHex('0000 1000 000000 00 1fff')],
    ['more than may be told of', fromHex('0000 ffff 000000 00 1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff')],
  ]),
  frames: named([
    ['two', fromHex('0003 010203 0001 ff')],
    ['none', fromHex('0000')],
    ['too long', fromHex('1001 00')],
    ['cut short', fromHex('0010 01')],
  ]),
  address: named(
    [
      '8.8.8.8',
      '127.0.0.1',
      '010.0.0.1',
      '0x7f.1',
      '2130706433',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
    ]
      .concat([
        '64:ff9b::7f00:1',
        '2002:7f00:1::',
        'fe80::1%eth0',
        '2001:4860:4860::8888',
        '2001:4860::8.8.8.8',
        '::',
        'localhost',
      ])
      .map((text) => [`${text} `, fromText(text)] as const),
  ),
};
