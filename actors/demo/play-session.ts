/**
 * One player of the demo origin: the server's half of the RTMP dialogue (RTMP 1.0 section 7), for players only.
 * Pure: bytes in, bytes out. It answers connect, createStream and play; a publisher is refused.
 */

import { encodeAmf0 } from '../../src/core/amf/amf0.js';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { createChunkReader } from '../../src/core/rtmp/chunk-reader.js';
import { type ChunkWriter, createChunkWriter } from '../../src/core/rtmp/chunk-writer.js';
import { type AmfValue, type Command, decodeCommand, encodeCommand } from '../../src/core/rtmp/command.js';
import { createServerHandshake } from '../../src/core/rtmp/handshake.js';
import { encodeSetChunkSize, encodeWindowAckSize, messageTypes, streamBegin } from '../../src/core/rtmp/message.js';
import type { CameraConfiguration, CameraFrame } from './camera.js';

const chunkSizeBytes = 4096;
const windowBytes = 2_500_000;
/** A player sends commands only: nothing near the size of media. */
const maxMessageBytes = 65_536;
const chunkStreams = { control: 2, command: 3, audio: 4, video: 6 } as const;
const playStreamId = 1;

export interface PlaySession {
  /** What to send now. Error: WireError. */
  receive(bytes: Uint8Array): readonly Uint8Array[];
  /** True once the player asked to play. */
  readonly isPlaying: boolean;
  /** The camera's frame; nothing until the first keyframe, configurations go before it. */
  frame(frame: CameraFrame): readonly Uint8Array[];
}

export interface PlaySessionOptions {
  readonly random: Uint8Array;
  /** Without metadata a player has to find the tracks by itself, as with some servers. */
  readonly configuration: Omit<CameraConfiguration, 'metadata'> & Partial<Pick<CameraConfiguration, 'metadata'>>;
}

export function createPlaySession({ random, configuration }: PlaySessionOptions): PlaySession {
  const handshake = createServerHandshake(random);
  const reader = createChunkReader({ maxMessageBytes });
  const writer = createChunkWriter();
  let isShaken = false;
  let isPlaying = false;
  let hasBegun = false;

  const { command, control, status } = createMessages(writer);

  const connect = (transactionId: number): Uint8Array[] => {
    const sizes = [
      ...control(messageTypes.windowAckSize, encodeWindowAckSize(windowBytes)),
      ...control(messageTypes.setChunkSize, encodeSetChunkSize(chunkSizeBytes)),
    ];
    writer.setChunkSize(chunkSizeBytes);
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    const info = {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connected',
      objectEncoding: 0,
    };
    return [...sizes, ...command(0, '_result', transactionId, server, info)];
  };

  const play = (): Uint8Array[] => {
    isPlaying = true;
    return [
      ...control(messageTypes.userControl, streamBegin(playStreamId)),
      ...status('NetStream.Play.Reset', 'Playing from the beginning'),
      ...status('NetStream.Play.Start', 'Started'),
    ];
  };

  const answer = ({ name, transactionId }: Command): Uint8Array[] => {
    switch (name) {
      case 'connect':
        return connect(transactionId);
      case 'createStream':
        return command(0, '_result', transactionId, null, playStreamId);
      case 'play':
        return play();
      case 'publish':
        return status('NetStream.Publish.BadName', 'This origin only plays');
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

  const metadata = (timestampMs: number): Uint8Array[] => {
    if (configuration.metadata === undefined) return [];
    return writer.write({
      typeId: messageTypes.dataAmf0,
      streamId: playStreamId,
      timestampMs,
      chunkStreamId: chunkStreams.audio,
      body: encodeAmf0('onMetaData', configuration.metadata),
    });
  };

  const media = (track: 'audio' | 'video', timestampMs: number, body: Uint8Array): Uint8Array[] =>
    writer.write({
      typeId: messageTypes[track],
      streamId: playStreamId,
      timestampMs,
      body,
      chunkStreamId: chunkStreams[track],
    });

  return {
    receive(bytes) {
      const send: Uint8Array[] = [];
      let rest = bytes;
      if (!isShaken) {
        const step = handshake.push(bytes);
        send.push(...step.send);
        isShaken = step.done;
        rest = step.rest;
      }
      if (!isShaken) return send;
      for (const message of reader.push(rest)) {
        const isCommand = message.typeId === messageTypes.commandAmf0 || message.typeId === messageTypes.commandAmf3;
        if (isCommand) send.push(...answer(decodeCommand(message)));
        else if (message.typeId === messageTypes.video) throw new WireError('rtmp.play', 'this origin takes no media');
      }
      return send;
    },
    get isPlaying() {
      return isPlaying;
    },
    frame({ track, isKeyframe, timestampMs, body }) {
      if (!isPlaying || (!hasBegun && !isKeyframe)) return [];
      const send: Uint8Array[] = [];
      if (!hasBegun) {
        hasBegun = true;
        send.push(...metadata(timestampMs));
        send.push(...media('video', timestampMs, configuration.video));
        send.push(...media('audio', timestampMs, configuration.audio));
      }
      return [...send, ...media(track, timestampMs, body)];
    },
  };
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
  const status = (code: string, description: string): Uint8Array[] =>
    command(playStreamId, 'onStatus', 0, null, { level: 'status', code, description });
  return { command, control, status };
}
