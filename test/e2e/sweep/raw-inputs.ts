/** The corpus of the fuzzers of RTMP as sources: what a server says in place of a handshake, of its dialogue, and between its media. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServerHandshake, handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import { readCorpus } from '../../fuzz/corpus.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { startRawServer } from '../../support/source/play-server.js';
import { loopTags } from '../../support/source/tag-loop.js';
import { roundMs } from './input.js';

export interface RawSource {
  readonly name: string;
  readonly uri: string;
  close(): Promise<unknown>;
}

const random = new Uint8Array(handshakeRandomBytes).fill(3);

async function listen(onSocket: (socket: Socket) => void): Promise<Pick<RawSource, 'uri' | 'close'>> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    uri: `rtmp://127.0.0.1:${Object(server.address()).port}/live/raw`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** In place of its half of the handshake. */
const inPlaceOfHandshake = (bytes: Uint8Array) =>
  listen((socket) => socket.once('data', () => socket.write(bytes)).resume());

/** Behind the handshake, whatever the player says. */
const inPlaceOfDialogue = (bytes: Uint8Array) =>
  listen((socket) => {
    const handshake = createServerHandshake(random);
    let isShaken = false;
    socket.on('data', (data) => {
      if (isShaken) return;
      const step = handshake.push(data);
      for (const part of step.send) socket.write(part);
      isShaken = step.done;
      if (isShaken) socket.write(bytes);
    });
  });

/** Chunks of their own before media that are whole. */
async function beforeMedia(bytes: Uint8Array, tags: readonly FlvTag[]): Promise<Pick<RawSource, 'uri' | 'close'>> {
  const server = await startRawServer((send, socket) => {
    socket.write(bytes);
    const stop = loopTags(send, { tags, roundMs });
    socket.on('close', stop);
  });
  return { uri: `rtmp://127.0.0.1:${server.port}/live/raw`, close: server.close };
}

/** Redirects to hosts of other names are left out: nothing of a test goes there. */
const isHere = ({ name }: { readonly name: string }): boolean => !name.startsWith('moved');

export async function startRawSources(media: readonly FlvTag[]): Promise<readonly RawSource[]> {
  const of = (target: string, start: (bytes: Uint8Array) => Promise<Pick<RawSource, 'uri' | 'close'>>) =>
    readCorpus(target)
      .filter(isHere)
      .map(async ({ name, bytes }) => ({ ...(await start(bytes)), name: `${target}/${name}` }));
  return Promise.all([
    ...of('handshake', inPlaceOfHandshake),
    ...of('client', inPlaceOfDialogue),
    ...of('chunk', (bytes) => beforeMedia(bytes, media)),
  ]);
}
