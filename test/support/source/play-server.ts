/** RTMP servers on loopback for tests of the pull: one that plays, and one that answers connect as it is told. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { CameraFrame } from '../../../actors/demo/camera.js';
import { createPlaySession, type PlaySession } from '../../../actors/demo/play-session.js';
import { createChunkReader } from '../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../src/core/rtmp/chunk-writer.js';
import {
  type AmfObject,
  type AmfValue,
  type Command,
  decodeCommand,
  encodeCommand,
} from '../../../src/core/rtmp/command.js';
import { createServerHandshake, handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import { messageTypes } from '../../../src/core/rtmp/message.js';

const random = new Uint8Array(handshakeRandomBytes).fill(3);
export const configuration = { video: Buffer.of(0x17, 0, 0, 0, 0, 1), audio: Buffer.of(0xaf, 0, 0x12, 0x10) };

export interface TestServer {
  readonly port: number;
  /** Sockets that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

async function listen(port: number, onSocket: (socket: Socket) => void, tls?: TlsOptions): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    onSocket(socket);
  };
  const server: Server = tls === undefined ? createServer({ noDelay: true }, take) : createTlsServer(tls, take);
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    port: address.port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface PlayServer extends TestServer {
  /** Sends a frame to every player. */
  frame(timestampMs: number, body: Uint8Array): void;
  /** The same for audio; nothing before the first frame. */
  audio(timestampMs: number, body: Uint8Array): void;
  /** Ends every connection, as a server that restarts. */
  drop(): void;
}

/** @param onPlay told when a player has been accepted. */
export async function startPlayServer(onPlay: () => void, port = 0, tls?: TlsOptions): Promise<PlayServer> {
  const sessions = new Map<Socket, PlaySession>();
  const onSocket = (socket: Socket): void => {
    const session = createPlaySession({ random, configuration });
    sessions.set(socket, session);
    let isPlaying = false;
    socket.on('data', (bytes) => {
      for (const part of session.receive(bytes)) socket.write(part);
      if (session.isPlaying && !isPlaying) onPlay();
      isPlaying = session.isPlaying;
    });
    socket.on('close', () => sessions.delete(socket));
  };
  const server = await listen(port, onSocket, tls);
  const show = (frame: CameraFrame): void => {
    for (const [socket, session] of sessions) {
      for (const part of session.frame(frame)) socket.write(part);
    }
  };
  return {
    ...server,
    frame: (timestampMs, body) => show({ track: 'video', isKeyframe: true, timestampMs, body }),
    audio: (timestampMs, body) => show({ track: 'audio', isKeyframe: false, timestampMs, body }),
    drop() {
      for (const socket of server.sockets) socket.destroy();
    },
  };
}

/** Sends a command: on the connection, as the answer to a transaction or by itself. */
export type Say = (name: string, transactionId: number, ...args: readonly AmfValue[]) => void;

/** Sends any message of the stream that plays. */
export type Send = (type: keyof typeof messageTypes, timestampMs: number, body: Uint8Array) => void;

/** A server whose half of the dialogue is `onCommand`, told each command of a player. */
export async function startScriptedServer(
  onCommand: (command: Command, say: Say, socket: Socket, send: Send) => void,
  port = 0,
): Promise<TestServer> {
  return listen(port, (socket) => {
    const handshake = createServerHandshake(random);
    const reader = createChunkReader({ maxMessageBytes: 65_536 });
    const writer = createChunkWriter();
    let isShaken = false;
    const write = (type: keyof typeof messageTypes, streamId: number, timestampMs: number, body: Uint8Array): void => {
      const chunkStreamId = { audio: 4, video: 6 }[String(type)] ?? 3;
      const message = { typeId: messageTypes[type], streamId, timestampMs, chunkStreamId, body };
      for (const part of writer.write(message)) socket.write(part);
    };
    const say: Say = (name, transactionId, ...args) =>
      write('commandAmf0', 0, 0, encodeCommand(name, transactionId, ...args));
    const send: Send = (type, timestampMs, body) => write(type, 1, timestampMs, body);
    socket.on('data', (bytes) => {
      let rest: Uint8Array = bytes;
      if (!isShaken) {
        const step = handshake.push(bytes);
        for (const part of step.send) socket.write(part);
        isShaken = step.done;
        rest = step.rest;
      }
      if (!isShaken) return;
      for (const message of reader.push(rest)) {
        if (message.typeId === messageTypes.commandAmf0) onCommand(decodeCommand(message), say, socket, send);
      }
    });
  });
}

/** Refuses connect with what `refuse` gives for it; the connection is then closed. */
export async function startRefusingServer(refuse: (connect: AmfObject) => AmfObject, port = 0): Promise<TestServer> {
  return startScriptedServer(({ name, transactionId, args: [properties] }, say, socket) => {
    if (name !== 'connect') return;
    const info = { level: 'error', code: 'NetConnection.Connect.Rejected', ...refuse(Object(properties)) };
    say('_error', transactionId, null, info);
    socket.end();
  }, port);
}

/** Accepts every player, and leaves what it is sent to `onPlay`; `socket` takes bytes beside the messages. */
export function startRawServer(onPlay: (send: Send, socket: Socket) => void, port = 0): Promise<TestServer> {
  const success = { level: 'status', code: 'NetConnection.Connect.Success' };
  return startScriptedServer(({ name, transactionId }, say, socket, send) => {
    if (name === 'connect') say('_result', transactionId, null, success);
    if (name === 'createStream') say('_result', transactionId, null, 1);
    if (name !== 'play') return;
    say('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' });
    onPlay(send, socket);
  }, port);
}

/** Plays, and says so by `status` in place of frames: an object of NetConnection or NetStream codes. */
export async function startStatusServer(status: AmfObject): Promise<TestServer> {
  const success = { level: 'status', code: 'NetConnection.Connect.Success' };
  return startScriptedServer(({ name, transactionId }, say) => {
    if (name === 'connect') say('_result', transactionId, null, success);
    if (name === 'createStream') say('_result', transactionId, null, 1);
    if (name !== 'play') return;
    say('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' });
    say('onStatus', 0, null, status);
  });
}
