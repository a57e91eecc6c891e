/** One RTCP packet of each kind, and what is read of it. */
import type { parseRtcp } from '../../../../src/core/rtcp/compound.js';

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

export const info = {
  ssrc: 0x1111_1111,
  fractionLost: 64,
  packetsLost: 12,
  highestSequence: 0x0002_fffe,
  jitter: 450,
  lsr: 0x8000_0001,
  dlsr: 0xffff_0000,
};
export const block = {
  ssrc: 0x1111_1111,
  fractionLost: 0.25,
  cumulativeLost: 12,
  highestSequence: 0x0002_fffe,
  jitter: 450,
  lastSr: 0x8000_0001,
  delaySinceLastSr: 0xffff_0000,
};
export const receiverReport = bytes('81 c9 0007 deadbeef 11111111 40 00000c 0002fffe 000001c2 80000001 ffff0000');
export const sourceDescription = bytes('81 ca 0003 deadbeef 01 02 6162 00 000000');
export const nack = bytes('81 cd 0004 deadbeef 11111111 0064 8001 ffff 0001');
export const pli = bytes('81 ce 0002 deadbeef 11111111');
export const fir = bytes('84 ce 0006 deadbeef 00000000 11111111 07000000 22222222 08000000');
export const remb = bytes('8f ce 0005 deadbeef 00000000 52454d42 01 0bfd58 11111111');
export const bye = bytes('82 cb 0002 deadbeef 11111111');

/** One packet of each kind, and what is read of it. */
export const cases: readonly [string, Uint8Array, ReturnType<typeof parseRtcp>][] = [
  ['a receiver report', receiverReport, [{ kind: 'receiverReport', blocks: [block] }]],
  ['an empty receiver report', bytes('80 c9 0001 deadbeef'), [{ kind: 'receiverReport', blocks: [] }]],
  [
    'the blocks of a sender report',
    bytes(`81 c8 000c deadbeef ${'00'.repeat(20)} ${Buffer.from(receiverReport.subarray(8)).toString('hex')}`),
    [{ kind: 'receiverReport', blocks: [block] }],
  ],
  ['a NACK', nack, [{ kind: 'nack', mediaSsrc: 0x1111_1111, sequences: [100, 101, 116, 65_535, 0] }]],
  ['a picture loss', pli, [{ kind: 'pli', mediaSsrc: 0x1111_1111 }]],
  [
    'a full intra request, whose sources stand in its entries',
    fir,
    [
      { kind: 'fir', mediaSsrc: 0x1111_1111 },
      { kind: 'fir', mediaSsrc: 0x2222_2222 },
    ],
  ],
  [
    'what came, and when',
    bytes('af cd 0007 deadbeef 11111111 0005 0003 000010 07 2001 4001 0001 08 ff00 00 0003'),
    [{ kind: 'twcc', firstSequence: 5, reference64ms: 16, arrivedMs: [2, -62, null] }],
  ],
  ['an estimate', remb, [{ kind: 'remb', bitrateBps: 0x3_fd58 * 4 }]],
  ['a BYE', bye, [{ kind: 'bye', ssrcs: [0xdead_beef, 0x1111_1111] }]],
  ['a source description', sourceDescription, []],
  ['an extended report', bytes('80 cf 0004 deadbeef 04 00 0002 0000000000000000'), []],
  ['another application message', bytes('8f ce 0003 deadbeef 00000000 41424344'), []],
  ['feedback of an unknown format', bytes('9d cd 0002 deadbeef 11111111'), []],
];
