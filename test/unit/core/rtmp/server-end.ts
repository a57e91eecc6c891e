/** A client under test, and the server's end of its connection. */
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../../src/core/rtmp/chunk-writer.js';
import { type ClientEvent, type ClientOptions, createRtmpClient } from '../../../../src/core/rtmp/client.js';
import { type AmfValue, type Command, decodeCommand, encodeCommand } from '../../../../src/core/rtmp/command.js';
import { createServerHandshake, handshakeRandomBytes } from '../../../../src/core/rtmp/handshake.js';
import { type Message, messageTypes } from '../../../../src/core/rtmp/message.js';
import { parseRtmpUrl } from '../../../../src/core/rtmp/url.js';

const random = new Uint8Array(handshakeRandomBytes).fill(7);

export type Body = Uint8Array | readonly [name: string, transactionId: number, ...args: AmfValue[]];
/** A message of a server: its type, and a body or a command. */
export type Said = readonly [type: keyof typeof messageTypes, body: Body, timestampMs?: number];

/** A client and the server's end of its connection: what the server says goes in, what the client sends is read. */
export function dial(uri = 'rtmp://h/live/cam?t=1', more: Partial<ClientOptions> = {}) {
  const client = createRtmpClient({
    url: parseRtmpUrl(uri),
    random,
    clientNonce: '0a1b2c3d',
    bufferLengthMs: 1000,
    maxMessageBytes: 1_000_000,
    auth: null,
    subscribes: false,
    isEnhanced: true,
    ...more,
  });
  const handshake = createServerHandshake(random);
  const reader = createChunkReader({ maxMessageBytes: 100_000 });
  const writer = createChunkWriter();
  const events: ClientEvent[] = [];
  const sent: Message[] = [];
  let isShaken = false;

  const hear = (parts: readonly Uint8Array[]): void => {
    for (const part of parts) {
      let rest = part;
      if (!isShaken) {
        const step = handshake.push(part);
        isShaken = step.done;
        rest = step.rest;
        for (const answer of step.send) feed(answer);
      }
      if (isShaken) sent.push(...reader.push(rest));
    }
  };
  const feed = (bytes: Uint8Array, nowMs = 0): void => {
    const step = client.push(bytes, nowMs);
    events.push(...step.events);
    hear(step.send);
  };
  const encode = (said: readonly Said[]): Uint8Array =>
    Buffer.concat(
      said.flatMap(([type, body, timestampMs = 0]) => {
        const bytes = body instanceof Uint8Array ? body : encodeCommand(...body);
        const parts = writer.write({
          typeId: messageTypes[type],
          streamId: 1,
          timestampMs,
          chunkStreamId: 3,
          body: bytes,
        });
        if (type === 'setChunkSize') writer.setChunkSize(new DataView(bytes.buffer).getUint32(0));
        return parts;
      }),
    );
  hear(client.start().send);
  return {
    client,
    events,
    encode,
    feed,
    hear,
    say: (...said: Said[]) => feed(encode(said)),
    /** What the client has sent since the last call. */
    heard: (): Message[] => sent.splice(0),
    commands(): Command[] {
      return sent
        .splice(0)
        .filter(({ typeId }) => typeId === messageTypes.commandAmf0)
        .map(decodeCommand);
    },
  };
}

export const success: Said = [
  'commandAmf0',
  ['_result', 1, { fmsVer: 'FMS/3,0,1,123' }, { level: 'status', code: 'NetConnection.Connect.Success' }],
];
export const created: Said = ['commandAmf0', ['_result', 2, null, 1]];
export const status = (code: string, level = 'status', description = ''): Said => [
  'commandAmf0',
  ['onStatus', 0, null, { level, code, description }],
];
export const started = status('NetStream.Play.Start');
export const frame = (timestampMs = 0): Said => ['video', new Uint8Array([0x17, 1, 0, 0, 0]), timestampMs];

/** As `dial`, past the dialogue. */
export function playing(more: Partial<ClientOptions> = {}) {
  const peer = dial(undefined, more);
  peer.say(success, created, started);
  peer.heard();
  peer.events.length = 0;
  return peer;
}
