/**
 * The server's half of the RTMP dialogue (RTMP 1.0 section 7), for players only: connect, createStream, play. A publisher is refused.
 * Pure: bytes in, bytes out. Whoever uses it says what a player may have, and packs the media of one that plays.
 */

import { type AmfValue, isAmfObject } from '../amf/amf-value.js';
import { encodeAmf0 } from '../amf/amf0.js';
import { WireError } from '../bytes/wire-error.js';
import { createChunkReader } from './chunk-reader.js';
import { type ChunkWriter, createChunkWriter } from './chunk-writer.js';
import { type Command, decodeCommand, encodeCommand } from './command.js';
import { createServerHandshake } from './handshake.js';
import type { MediaMessage } from './media-message.js';
import {
  encodePing,
  encodeSetChunkSize,
  encodeWindowAckSize,
  type Message,
  messageTypes,
  streamBegin,
} from './message.js';

const chunkSizeBytes = 4096;
const windowBytes = 2_500_000;
/** A player sends commands only: nothing near the size of media. */
const maxMessageBytes = 65_536;
const chunkStreams = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const;
/** The one message stream that a connection has. */
const playStreamId = 1;

/** What a player wants to play, each with its query. */
export interface AskedStream {
  /** Of its `connect`. */
  readonly app: string;
  /** Of its `play`. */
  readonly stream: string;
}

export interface PlayServer {
  /** What to send now, and what the player has asked to play since. Error: WireError. */
  receive(bytes: Uint8Array): { readonly send: readonly Uint8Array[]; readonly asked: AskedStream | null };
  /** Lets it play; media may follow. */
  accept(): readonly Uint8Array[];
  /** `code`: of onStatus (NetStream.Play.StreamNotFound). The connection is to be closed behind it. */
  refuse(code: string, description: string): readonly Uint8Array[];
  /** It was let play, and has not stopped. */
  readonly isPlaying: boolean;
}

/** `random`: 1528 bytes (RTMP 1.0 5.2.3). */
export function createPlayServer(random: Uint8Array): PlayServer {
  const handshake = createServerHandshake(random);
  const reader = createChunkReader({ maxMessageBytes });
  const writer = createChunkWriter();
  const { command, control, status } = createMessages(writer);
  let app = '';
  let isShaken = false;
  let isPlaying = false;

  const connect = (transactionId: number): Uint8Array[] => {
    const sizes = [
      ...control(messageTypes.windowAckSize, encodeWindowAckSize(windowBytes)),
      ...control(messageTypes.setChunkSize, encodeSetChunkSize(chunkSizeBytes)),
    ];
    writer.setChunkSize(chunkSizeBytes);
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    const code = 'NetConnection.Connect.Success';
    return [
      ...sizes,
      ...command(0, '_result', transactionId, server, {
        level: 'status',
        code,
        description: 'Connected',
        objectEncoding: 0,
      }),
    ];
  };

  const answer = ({ name, transactionId, args }: Command): Uint8Array[] => {
    switch (name) {
      case 'connect':
        app = appOf(args);
        return connect(transactionId);
      case 'createStream':
        return command(0, '_result', transactionId, null, playStreamId);
      case 'publish':
        return status('NetStream.Publish.BadName', 'This server only plays');
      case 'getStreamLength':
        return command(0, '_result', transactionId, null, 0);
      case 'deleteStream':
      case 'closeStream':
        isPlaying = false;
        return [];
      default:
        return [];
    }
  };

  return {
    receive(bytes) {
      const send: Uint8Array[] = [];
      let asked: AskedStream | null = null;
      let rest = bytes;
      if (!isShaken) {
        const step = handshake.push(bytes);
        send.push(...step.send);
        isShaken = step.done;
        rest = step.rest;
      }
      if (!isShaken) return { send, asked };
      for (const message of reader.push(rest)) {
        if (message.typeId === messageTypes.video) throw new WireError('rtmp.play', 'this server takes no media');
        if (message.typeId !== messageTypes.commandAmf0 && message.typeId !== messageTypes.commandAmf3) continue;
        const received = decodeCommand(message);
        send.push(...answer(received));
        if (received.name === 'play') asked = { app, stream: String(received.args[1] ?? '') };
      }
      return { send, asked };
    },
    accept() {
      isPlaying = true;
      return [
        ...control(messageTypes.userControl, streamBegin(playStreamId)),
        ...status('NetStream.Play.Reset', 'Playing from the beginning'),
        ...status('NetStream.Play.Start', 'Started'),
      ];
    },
    refuse: (code, description) => status(code, description, 'error'),
    get isPlaying() {
      return isPlaying;
    },
  };
}

/** One message for players that were accepted: the same bytes for all of them, as each begins with a full header. */
export function packForPlayers({ track, timestampMs, body }: MediaMessage): Uint8Array {
  const typeId = track === 'data' ? messageTypes.dataAmf0 : messageTypes[track];
  return pack({ typeId, streamId: playStreamId, timestampMs, chunkStreamId: chunkStreams[track], body });
}

/** What a player that was accepted answers with this timestamp (7.1.7). */
export const packPing = (timestamp: number): Uint8Array =>
  pack({
    typeId: messageTypes.userControl,
    streamId: 0,
    timestampMs: 0,
    chunkStreamId: chunkStreams.control,
    body: encodePing(timestamp),
  });

/** A call that nobody has to answer (7.1.1). */
export const packCall = (name: string, ...args: readonly AmfValue[]): Uint8Array =>
  pack({
    typeId: messageTypes.commandAmf0,
    streamId: playStreamId,
    timestampMs: 0,
    chunkStreamId: chunkStreams.command,
    body: encodeCommand(name, 0, null, ...args),
  });

function pack(message: Message): Uint8Array {
  const writer = createChunkWriter();
  writer.setChunkSize(chunkSizeBytes);
  const chunks = writer.write(message);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Body of a data message: the object of `onMetaData` (Adobe FLV 10.1, E.5). */
export const metadataBody = (metadata: Readonly<Record<string, number | boolean>>): Uint8Array =>
  encodeAmf0('onMetaData', metadata);

function appOf([properties]: readonly AmfValue[]): string {
  return isAmfObject(properties) && typeof properties.app === 'string' ? properties.app : '';
}

/** The messages that an answer is made of, as chunks. */
function createMessages(writer: ChunkWriter) {
  const command = (streamId: number, name: string, transactionId: number, ...args: AmfValue[]): Uint8Array[] =>
    writer.write({
      typeId: messageTypes.commandAmf0,
      streamId,
      timestampMs: 0,
      chunkStreamId: chunkStreams.command,
      body: encodeCommand(name, transactionId, ...args),
    });
  const control = (typeId: number, body: Uint8Array): Uint8Array[] =>
    writer.write({ typeId, streamId: 0, timestampMs: 0, chunkStreamId: chunkStreams.control, body });
  const status = (code: string, description: string, level: 'status' | 'error' = 'status'): Uint8Array[] =>
    command(playStreamId, 'onStatus', 0, null, { level, code, description });
  return { command, control, status };
}
