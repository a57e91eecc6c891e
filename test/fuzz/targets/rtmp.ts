/** RTMP, from the handshake to the dialogue. However the bytes are cut, the same must come out. */
import assert from 'node:assert/strict';
import { decodeAmf0, encodeAmf0 } from '../../../src/core/amf/amf0.js';
import { createChunkReader } from '../../../src/core/rtmp/chunk-reader.js';
import { type ClientEvent, createRtmpClient } from '../../../src/core/rtmp/client.js';
import { decodeCommand, decodeData } from '../../../src/core/rtmp/command.js';
import {
  createClientHandshake,
  createServerHandshake,
  handshakeRandomBytes,
  type ServerHandshake,
} from '../../../src/core/rtmp/handshake.js';
import { type Message, messageTypes } from '../../../src/core/rtmp/message.js';
import { parseRtmpUrl } from '../../../src/core/rtmp/url.js';
import {
  structuredAmf0,
  structuredAmf3,
  structuredChunks,
  structuredCommand,
  structuredDialogue,
} from '../structured.js';
import { cutInto, type FuzzTarget, orRefused } from './target.js';

const random = new Uint8Array(handshakeRandomBytes).fill(7);
const maxMessageBytes = 4_194_304;
const cuts = [1, 7, 64, 3, 128, 1000];
const password = 'pw-that-nobody-may-see';

/** What the same bytes give whole and in pieces: WireError in both, or the same in both. */
function sameHoweverCut<T>(data: Uint8Array, open: () => (piece: Uint8Array) => readonly T[]): void {
  const read = (pieces: readonly Uint8Array[]): readonly T[] | null =>
    orRefused(() => {
      const push = open();
      return pieces.flatMap((piece) => push(piece));
    });
  assert.deepEqual(read(cutInto(data, cuts)), read([data]));
}

const shaken = (peer: Pick<ServerHandshake, 'push'>) => (piece: Uint8Array) => {
  const { send, done, rest } = peer.push(piece);
  return [...send, ...(done ? rest : [])];
};

const handshake: FuzzTarget = {
  run(data) {
    sameHoweverCut<number | Uint8Array>(data, () => shaken(createClientHandshake(random)));
    sameHoweverCut<number | Uint8Array>(data, () => shaken(createServerHandshake(random)));
  },
};

const chunk: FuzzTarget = {
  structured: structuredChunks,
  run(data) {
    sameHoweverCut(data, () => {
      const reader = createChunkReader({ maxMessageBytes });
      return (piece) => reader.push(piece);
    });
  },
};

/** Beyond this a value written again may break a limit that it kept: a bad byte of UTF-8 becomes three. */
const maxRewrittenBytes = 4096;

function amf(data: Uint8Array): void {
  const values = decodeAmf0(data);
  if (data.length > maxRewrittenBytes) return;
  const rewritten = encodeAmf0(...values);
  assert.deepEqual(encodeAmf0(...decodeAmf0(rewritten)), rewritten);
}

const amf3Marker = 0x11;

const command: FuzzTarget = {
  structured: structuredCommand,
  words: ['connect', '_result', '_error', 'onStatus', 'onMetaData', '@setDataFrame', '__proto__', 'code', 'level'],
  run([kind = 0, ...rest]) {
    const message = { streamId: 1, timestampMs: 0, chunkStreamId: 3, body: Uint8Array.from(rest) };
    const { commandAmf0, commandAmf3, dataAmf0, dataAmf3 } = messageTypes;
    const typeId = [commandAmf0, commandAmf3, dataAmf0, dataAmf3][kind % 4] ?? commandAmf0;
    const said: Message = { ...message, typeId };
    if (kind % 4 < 2) decodeCommand(said);
    else decodeData(said);
  },
};

const serverHello = (() => {
  const server = createServerHandshake(random);
  const hello = createClientHandshake(random).start();
  return Buffer.concat([...server.push(hello).send, new Uint8Array(0)]);
})();

const client: FuzzTarget = {
  structured: structuredDialogue,
  words: [
    'NetConnection.Connect.Success',
    'NetConnection.Connect.Rejected',
    'NetStream.Play.Start',
    'authmod=adobe',
    'authmod=llnw : ?reason=needauth&user=u&challenge=c&nonce=n',
    'redirect',
    'rtmp://h/live',
    'tcUrl',
    'ex',
  ],
  run(data) {
    sameHoweverCut<ClientEvent>(data, () => {
      const player = createRtmpClient({
        url: parseRtmpUrl(`rtmp://user:${password}@h/live/cam?t=1`),
        random,
        clientNonce: '0a1b2c3d',
        bufferLengthMs: 1000,
        maxMessageBytes,
        auth: null,
        subscribes: true,
        isEnhanced: true,
      });
      player.start();
      player.push(serverHello, 0);
      return (piece) => {
        const { events } = player.push(piece, 0);
        for (const event of events) {
          if (event.kind === 'ended') assert.ok(!event.detail.includes(password), 'the password is told');
        }
        return events;
      };
    });
  },
};

export const rtmpTargets = {
  handshake,
  chunk,
  amf0: { run: amf, structured: structuredAmf0, words: ['__proto__', 'constructor'] },
  amf3: { run: (data) => amf(Buffer.concat([Uint8Array.of(amf3Marker), data])), structured: structuredAmf3 },
  command,
  client,
} satisfies Record<string, FuzzTarget>;
