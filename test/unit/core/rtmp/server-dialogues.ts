import { encodeCommand } from '../../../../src/core/rtmp/command.js';
import { encodeSetChunkSize, streamBegin, encodeWindowAckSize as u32 } from '../../../../src/core/rtmp/message.js';
import { created, frame, type Said, started, status, success } from './server-end.js';

/** The orders of messages as the servers send them, from handshake to the first frame. */
export const dialogues: readonly { name: string; said: readonly (readonly Said[])[] }[] = [
  {
    name: 'nginx-rtmp',
    said: [
      [
        ['windowAckSize', u32(5_000_000)],
        ['setPeerBandwidth', new Uint8Array([0, 0x4c, 0x4b, 0x40, 2])],
        ['setChunkSize', encodeSetChunkSize(4096)],
        success,
      ],
      [created],
      [
        ['userControl', streamBegin(1)],
        started,
        ['dataAmf0', ['|RtmpSampleAccess', 1, true]],
        ['dataAmf0', ['onMetaData', 0, { width: 1280 }]],
        frame(),
      ],
    ],
  },
  {
    name: 'SRS',
    said: [
      [
        ['windowAckSize', u32(2_500_000)],
        ['setPeerBandwidth', new Uint8Array([0, 0x26, 0x25, 0xa0, 2])],
        success,
        ['setChunkSize', encodeSetChunkSize(60_000)],
        ['commandAmf0', ['onBWDone', 0, null]],
      ],
      [created],
      [
        ['userControl', streamBegin(1)],
        status('NetStream.Play.Reset'),
        started,
        ['dataAmf0', ['|RtmpSampleAccess', 0, true, true]],
        ['dataAmf0', ['onStatus', 0, { code: 'NetStream.Data.Start' }]],
        frame(),
      ],
    ],
  },
  {
    name: 'Adobe Media Server (commands in AMF3 messages, pings, bandwidth check)',
    said: [
      [
        ['windowAckSize', u32(2_500_000)],
        ['setPeerBandwidth', new Uint8Array([0, 0x26, 0x25, 0xa0, 2])],
        ['userControl', streamBegin(0)],
        [
          'commandAmf3',
          Uint8Array.of(0, ...encodeCommand('_result', 1, null, { code: 'NetConnection.Connect.Success' })),
        ],
        ['commandAmf0', ['onBWDone', 0, null, 8192]],
      ],
      [created],
      [
        ['userControl', new Uint8Array([0, 6, 1, 2, 3, 4])],
        ['userControl', new Uint8Array([0, 32, 0, 0, 0, 1])],
        status('NetStream.Play.PublishNotify'),
        started,
        ['sharedObjectAmf0', new Uint8Array([1, 2, 3])],
        frame(),
      ],
    ],
  },
  {
    name: 'a server that starts to send media without a word',
    said: [[success], [created], [frame()]],
  },
];
