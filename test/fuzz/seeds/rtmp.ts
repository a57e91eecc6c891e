/** The rows of RTMP's unit tests. */
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import { encodeCommand } from '../../../src/core/rtmp/command.js';
import {
  createClientHandshake,
  createServerHandshake,
  handshakeRandomBytes,
} from '../../../src/core/rtmp/handshake.js';
import { amf0Refused, amf0Values, amf3Refused, amf3Values } from '../../unit/core/amf/amf-cases.js';
import { captures } from '../../unit/core/rtmp/chunk-cases.js';
import { dialogues } from '../../unit/core/rtmp/server-dialogues.js';
import { created, dial, frame, type Said, started, status, success } from '../../unit/core/rtmp/server-end.js';
import { fromHex, fromText, named, type Seeds } from './seed.js';

const random = new Uint8Array(handshakeRandomBytes).fill(7);
const clientHello = createClientHandshake(random).start();
const plainHello = Uint8Array.of(3, ...new Uint8Array(1536));
const answerTo = (hello: Uint8Array): Uint8Array => Buffer.concat([...createServerHandshake(random).push(hello).send]);

const handshake = named([
  ['server with digests', answerTo(clientHello)],
  ['server without digests', answerTo(plainHello)],
  ['client with digests', Buffer.concat([clientHello, new Uint8Array(1536)])],
  ['client without digests', Buffer.concat([plainHello, new Uint8Array(1536)])],
  [
    'server that says more at once',
    Buffer.concat([answerTo(clientHello), fromHex('02000000000004050000000000002710')]),
  ],
  ['encrypted', Uint8Array.of(6, ...new Uint8Array(64))],
  ['http', fromText('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['cut short', answerTo(clientHello).subarray(0, 1000)],
]);

const limits: readonly (readonly [string, Uint8Array])[] = [
  ['a message of 16 MiB less one', fromHex('03 000000 ffffff 09 01000000')],
  ['chunk size 0', fromHex('02 000000 000004 01 00000000 00000000')],
  ['chunk size with the highest bit', fromHex('02 000000 000004 01 00000000 80000000')],
  [
    'abort of a message',
    fromHex(`03 000000 0000c8 08 01000000 ${'00'.repeat(128)} 02 000000 000004 02 00000000 00000003`),
  ],
  [
    'seventy chunk streams',
    Buffer.concat(
      Array.from({ length: 70 }, (_, n) =>
        fromHex(`00 ${n.toString(16).padStart(2, '0')} 000000 000002 08 01000000 a1`),
      ),
    ),
  ],
];

const values = (
  rows: readonly (readonly [string, string, unknown])[],
  refused: readonly (readonly [string, string])[],
) => named([...rows, ...refused].map(([what, hex]) => [what, fromHex(hex)]));

const said = (...rows: readonly Said[]): Uint8Array => dial().encode(rows);
const refusedWith = (description: string): Said => [
  'commandAmf0',
  ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description }],
];
const movedTo = (ex: Record<string, string | number>): Said => [
  'commandAmf0',
  ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected', ex }],
];

const client = named([
  ...dialogues.map(({ name, said: parts }) => [name, said(...parts.flat())] as const),
  [
    'adobe asks for a user',
    said(
      refusedWith('[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=u&salt=s&challenge=c&opaque=o'),
    ),
  ],
  [
    'limelight asks for a user',
    said(refusedWith('[ code=403 need auth; authmod=llnw ] : ?reason=needauth&user=u&nonce=n')),
  ],
  [
    'adobe knows no such mode',
    said(refusedWith('[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ')),
  ],
  ['moved, by tcUrl', said(movedTo({ code: 302, redirect: 'rtmp://other.example/live' }))],
  ['moved, by address', said(movedTo({ code: 302, redirect2: 'rtmp://other.example/live/cam' }))],
  ['moved to nowhere', said(movedTo({ code: 302, redirect: 'http://other.example/' }))],
  [
    'asked to reconnect',
    said(success, created, started, [
      'commandAmf0',
      ['onStatus', 0, null, { code: 'NetConnection.Connect.ReconnectRequest', tcUrl: '//b/live' }],
    ]),
  ],
  ['stream not found', said(success, created, status('NetStream.Play.StreamNotFound', 'error'))],
  ['ended', said(success, created, started, frame(), status('NetStream.Play.UnpublishNotify'))],
  [
    'end of a recording',
    said(success, created, started, ['dataAmf0', ['onPlayStatus', 0, { code: 'NetStream.Play.Complete' }]]),
  ],
  ['createStream without a stream', said(success, ['commandAmf0', ['_result', 2, null, 'one']])],
  [
    'an aggregate',
    said(success, created, started, [
      'aggregate',
      fromHex('08000001000000000000 00 af 0000000c 0900000100000a00000000 27 0000000c'),
    ]),
  ],
]);

const command = named(
  [
    [
      'connect succeeded',
      encodeCommand('_result', 1, { fmsVer: 'FMS/3,0,1,123' }, { code: 'NetConnection.Connect.Success' }),
    ],
    ['a status', encodeCommand('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' })],
    ['metadata', encodeAmf0('@setDataFrame', 'onMetaData', { width: 1280, height: 720, videocodecid: 7 })],
    ['a cue point', encodeAmf0('onCuePoint', { name: 'c', time: 1.5, parameters: { a: [1, 'b', null] } })],
    ['without a name', encodeAmf0(1, 2)],
    ['without a transaction', encodeAmf0('onBWDone')],
  ].flatMap(([what, body]) =>
    [0, 1, 2, 3].map(
      (kind) => [`${what} ${kind}`, Uint8Array.of(kind, ...(typeof body === 'string' ? [] : (body ?? [])))] as const,
    ),
  ),
);

export const rtmpSeeds: Seeds = {
  handshake,
  chunk: named([...captures.map(({ what, hex }) => [what, fromHex(hex)] as const), ...limits]),
  amf0: values(amf0Values, amf0Refused),
  amf3: values(amf3Values, amf3Refused),
  command,
  client,
};
