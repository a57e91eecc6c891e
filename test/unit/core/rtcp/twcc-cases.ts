/** Bodies of transport-wide feedback, and what is read of them. */
import type { TwccFeedback } from '../../../../src/core/rtcp/twcc-feedback.js';
import { bytes } from './rtcp-cases.js';

type Read = Omit<TwccFeedback, 'kind'>;

export const twccCases: readonly [string, Uint8Array, Read][] = [
  [
    'a run of packets that came',
    bytes('0005 0003 000010 07 2003 04 08 0c'),
    { firstSequence: 5, reference64ms: 16, arrivedMs: [1, 3, 6] },
  ],
  [
    'a run that did not come, and one that did',
    bytes('ffff 0004 ffffff 00 0002 2002 00 ff'),
    { firstSequence: 65_535, reference64ms: 0xff_ffff, arrivedMs: [null, null, 0, 63.75] },
  ],
  [
    'a vector of bits, its rest without meaning',
    bytes('0000 0005 000000 00 ac00 01 02 03'),
    { firstSequence: 0, reference64ms: 0, arrivedMs: [0.25, null, 0.75, 1.5, null] },
  ],
  [
    'a vector of pairs: near, far, lost, far',
    bytes('0000 0004 000001 00 d880 04 7fff ffff'),
    { firstSequence: 0, reference64ms: 1, arrivedMs: [1, 8192.75, null, 8192.5] },
  ],
  [
    'a packet that came before the one in front of it',
    bytes('0010 0002 000100 01 e800 00f0 ff10'),
    { firstSequence: 16, reference64ms: 256, arrivedMs: [60, 0] },
  ],
  [
    'more in a run than is told of',
    bytes('0000 0001 000000 00 3fff 01'),
    { firstSequence: 0, reference64ms: 0, arrivedMs: [0.25] },
  ],
];
