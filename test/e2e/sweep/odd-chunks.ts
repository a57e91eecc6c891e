/** Servers of the sweep that write chunks and aggregates in ways that few do (RTMP 1.0 5.3 and 7.1.6). */
import { createChunkWriter } from '../../../src/core/rtmp/chunk-writer.js';
import { encodeSetChunkSize, messageTypes } from '../../../src/core/rtmp/message.js';
import type { Manner, Sent } from './manner.js';

export const u24 = (value: number): readonly number[] => [(value >> 16) & 255, (value >> 8) & 255, value & 255];
const u32 = (value: number): readonly number[] => [(value >>> 24) & 255, ...u24(value & 0xffffff)];
const headerBytes = 12;
const usualBytes = 128;

/** A message of the protocol itself, on chunk stream 2. */
export const control = (typeId: number, ...body: readonly number[]): Uint8Array =>
  Uint8Array.of(2, 0, 0, 0, ...u24(body.length), typeId, 0, 0, 0, 0, ...body);
export const usualChunkStream = ({ type }: Sent): number => (type === 'audio' ? 4 : type === 'video' ? 6 : 5);

interface Place {
  readonly chunkStreamId: number;
  readonly streamId?: number;
  readonly chunkBytes?: number;
}

function chunksOf({ type, timestampMs, body }: Sent, { chunkStreamId, streamId = 1, chunkBytes = usualBytes }: Place) {
  const writer = createChunkWriter();
  writer.setChunkSize(chunkBytes);
  return Buffer.concat(writer.write({ typeId: messageTypes[type], streamId, timestampMs, chunkStreamId, body }));
}
const usual = (sent: Sent): Buffer => chunksOf(sent, { chunkStreamId: usualChunkStream(sent) });

/** What is written for each message. */
const writing = (bytesOf: (sent: Sent) => readonly Uint8Array[]): Manner => ({
  writer: (socket) => (sent) => {
    for (const bytes of bytesOf(sent)) socket.write(bytes);
  },
});

export const inChunksOf = (chunkBytes: number): Manner => ({
  writer: (socket) => {
    socket.write(control(messageTypes.setChunkSize, ...encodeSetChunkSize(chunkBytes)));
    return (sent) => socket.write(chunksOf(sent, { chunkStreamId: usualChunkStream(sent), chunkBytes }));
  },
});

export const onStreams = (chunkStreamOf: (sent: Sent) => number, streamId = 1): Manner =>
  writing((sent) => [chunksOf(sent, { chunkStreamId: chunkStreamOf(sent), streamId })]);

/** Before each message. */
export const before = (...bytes: readonly Uint8Array[]): Manner => writing((sent) => [...bytes, usual(sent)]);

export const inHalves: Manner = writing((sent) => {
  const bytes = usual(sent);
  return [bytes.subarray(0, 1), bytes.subarray(1)];
});

const cutChunks = (bytes: Buffer): readonly Buffer[] => {
  const first = headerBytes + usualBytes;
  const others = Math.max(0, Math.ceil((bytes.length - first) / (1 + usualBytes)));
  return [
    bytes.subarray(0, first),
    ...Array.from({ length: others }, (_, n) =>
      bytes.subarray(first).subarray(n * (1 + usualBytes), (n + 1) * (1 + usualBytes)),
    ),
  ];
};

/** Chunks of audio between those of a picture. */
export const interleaved: Manner = {
  writer: (socket) => {
    let video: readonly Buffer[] = [];
    return (sent) => {
      const chunks = cutChunks(usual(sent));
      const audio = sent.type === 'video' ? [] : chunks;
      for (let n = 0; n < Math.max(video.length, audio.length); n += 1)
        socket.write(Buffer.concat([video[n] ?? Buffer.of(), audio[n] ?? Buffer.of()]));
      video = sent.type === 'video' ? chunks : [];
    };
  },
};

interface Aggregating {
  readonly messages: number;
  /** Stamp of the first tag inside. */
  readonly fromMs: number;
  readonly backPointer: (bytes: number) => number;
}

export const inAggregates = ({ messages, fromMs, backPointer }: Aggregating): Manner => ({
  writer: (socket) => {
    let held: Sent[] = [];
    return (sent) => {
      held.push(sent);
      if (held.length < messages) return;
      const firstMs = held[0]?.timestampMs ?? 0;
      const tags = held.map(({ type, timestampMs, body }) => {
        const stampMs = (timestampMs - firstMs + fromMs) >>> 0;
        const head = [messageTypes[type], ...u24(body.length), ...u24(stampMs & 0xffffff), stampMs >>> 24, 0, 0, 0];
        return Uint8Array.of(...head, ...body, ...u32(backPointer(body.length + head.length)));
      });
      held = [];
      socket.write(
        chunksOf({ type: 'aggregate', timestampMs: firstMs, body: Buffer.concat(tags) }, { chunkStreamId: 7 }),
      );
    };
  },
});
