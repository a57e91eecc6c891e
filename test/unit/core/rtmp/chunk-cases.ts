/** Chunks as servers write them, and the messages that they hold: chunk stream, type, stream, timestamp, body. */
type Row = readonly (number | string)[];
export const captures: readonly { readonly what: string; readonly hex: string; readonly messages: readonly Row[] }[] = [
  {
    what: 'a full header (type 0)',
    hex: '03 0003e8 000002 08 01000000 af01',
    messages: [[3, 8, 1, 1000, 'af01']],
  },
  {
    what: 'type 1 with a distance, a length and a type, on the stream before',
    hex: '04 0003e8 000002 08 01000000 af01 44 000014 000001 09 27',
    messages: [
      [4, 8, 1, 1000, 'af01'],
      [4, 9, 1, 1020, '27'],
    ],
  },
  {
    what: 'type 2 with a distance alone',
    hex: '04 0003e8 000002 08 01000000 af01 84 000014 af02',
    messages: [
      [4, 8, 1, 1000, 'af01'],
      [4, 8, 1, 1020, 'af02'],
    ],
  },
  {
    what: 'type 3 that begins a message at the distance before, as the first example of RTMP 1.0 5.3.2.1',
    hex: '03 0003e8 000001 08 39300000 a1 83 000014 a2 c3 a3 c3 a4',
    messages: [
      [3, 8, 12345, 1000, 'a1'],
      [3, 8, 12345, 1020, 'a2'],
      [3, 8, 12345, 1040, 'a3'],
      [3, 8, 12345, 1060, 'a4'],
    ],
  },
  {
    what: 'type 3 right after type 0 at the distance that the timestamp gives (RTMP 1.0 5.3.1.2.4)',
    hex: '03 000017 000001 08 01000000 a1 c3 a2',
    messages: [
      [3, 8, 1, 23, 'a1'],
      [3, 8, 1, 46, 'a2'],
    ],
  },
  {
    what: 'type 1 as the first header of a chunk stream, from 0',
    hex: '42 000005 000004 05 00000200',
    messages: [[2, 5, 0, 5, '00000200']],
  },
  {
    what: 'a basic header of two bytes',
    hex: '00 ff 0003e8 000001 08 01000000 a1 c0 ff a2',
    messages: [
      [319, 8, 1, 1000, 'a1'],
      [319, 8, 1, 2000, 'a2'],
    ],
  },
  {
    what: 'a basic header of three bytes, low byte first',
    hex: '01 ffff 000000 000001 08 01000000 a1 c1 ffff a2 01 0001 000000 000001 08 01000000 a3',
    messages: [
      [65_599, 8, 1, 0, 'a1'],
      [65_599, 8, 1, 0, 'a2'],
      [320, 8, 1, 0, 'a3'],
    ],
  },
  {
    what: 'a timestamp of exactly 2^24-1 in the extended field',
    hex: '03 ffffff 000001 08 01000000 00ffffff a1',
    messages: [[3, 8, 1, 0xffffff, 'a1']],
  },
  {
    what: 'an extended timestamp above 2^31 without a sign',
    hex: '03 ffffff 000001 08 01000000 fffffff0 a1 83 000014 a2',
    messages: [
      [3, 8, 1, 0xfffffff0, 'a1'],
      [3, 8, 1, 4, 'a2'],
    ],
  },
  {
    what: 'an extended distance, repeated by the type 3 that begins the next message',
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 01000000 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: 'an extended timestamp not repeated by the type 3 that begins the next message',
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: "the next message's own timestamp where the extended one would be repeated",
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 02000000 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: 'messages without a body',
    hex: '03 000005 000000 08 01000000 c3 43 000001 000001 09 a1',
    messages: [
      [3, 8, 1, 5, ''],
      [3, 8, 1, 10, ''],
      [3, 9, 1, 11, 'a1'],
    ],
  },
  {
    what: 'a smaller chunk size from the next chunk on',
    hex: '02 000000 000004 01 00000000 00000001 03 000000 000003 08 01000000 a1 c3 a2 c3 a3',
    messages: [[3, 8, 1, 0, 'a1a2a3']],
  },
  {
    what: 'a message split over type 1 and type 2 chunks that say the same',
    hex: '02 000000 000004 01 00000000 00000001 03 000007 000003 08 01000000 a1 43 000000 000003 08 a2 83 000000 a3',
    messages: [[3, 8, 1, 7, 'a1a2a3']],
  },
  {
    what: 'a message given up by Abort, and the next on that chunk stream',
    hex: '02 000000 000004 01 00000000 00000001 03 000007 000003 08 01000000 a1 02 000000 000004 02 00000000 00 c2 00 c2 00 c2 03 03 000008 000001 08 01000000 a2',
    messages: [[3, 8, 1, 8, 'a2']],
  },
  {
    what: 'an Abort of a chunk stream that does not exist',
    hex: '02 000000 000004 02 00000000 00000009 03 000008 000001 08 01000000 a2',
    messages: [[3, 8, 1, 8, 'a2']],
  },
];
