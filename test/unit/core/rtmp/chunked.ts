/**
 * Another writer of chunks, for tests of the reader: it uses every header type, interleaves chunk streams and
 * follows or breaks the rule of repeated extended timestamps, as told.
 */
import type { Message } from '../../../../src/core/rtmp/message.js';

export interface ChunkingOptions {
  readonly chunkSizeBytes: number;
  /** Whether type 3 chunks repeat an extended timestamp. */
  readonly repeatExtended: boolean;
  /** Decides, as far as the messages leave it open: which chunk stream goes on, and which header type it uses. */
  readonly choices: readonly number[];
}

export interface Chunked {
  readonly bytes: Uint8Array;
  /** In the order of their last chunks. */
  readonly messages: readonly Message[];
}

interface Lane {
  readonly queue: Message[];
  previous: Message | null;
  delta: number;
  field: number;
  sent: number;
}

export function chunk(messages: readonly Message[], options: ChunkingOptions): Chunked {
  const lanes = new Map<number, Lane>();
  for (const message of messages) {
    const lane = lanes.get(message.chunkStreamId) ?? { queue: [], previous: null, delta: 0, field: 0, sent: 0 };
    lane.queue.push(message);
    lanes.set(message.chunkStreamId, lane);
  }
  const bytes: number[] = [];
  const done: Message[] = [];
  for (let step = 0; ; step += 1) {
    const waiting = [...lanes.values()].filter((lane) => lane.queue.length > 0);
    const choice = options.choices[step % options.choices.length] ?? 0;
    const lane = waiting[choice % waiting.length];
    const message = lane?.queue[0];
    if (lane === undefined || message === undefined) return { bytes: Uint8Array.from(bytes), messages: done };
    if (lane.sent === 0) bytes.push(...firstHeader(lane, message, choice, options));
    else bytes.push(...basicHeader(3, message.chunkStreamId), ...repeated(lane, options));
    const end = Math.min(message.body.length, lane.sent + options.chunkSizeBytes);
    bytes.push(...message.body.subarray(lane.sent, end));
    lane.sent = end;
    if (end < message.body.length) continue;
    lane.queue.shift();
    lane.previous = message;
    lane.sent = 0;
    done.push(message);
  }
}

function firstHeader(lane: Lane, message: Message, choice: number, options: ChunkingOptions): number[] {
  const { previous } = lane;
  const delta = previous === null ? 0 : (message.timestampMs - previous.timestampMs) >>> 0;
  const types = [0];
  if (previous !== null && previous.streamId === message.streamId) {
    types.push(1);
    if (previous.body.length === message.body.length && previous.typeId === message.typeId) {
      types.push(2);
      if (delta === lane.delta) types.push(3);
    }
  }
  const type = types[Math.floor(choice / 7) % types.length] ?? 0;
  if (type === 3) return [...basicHeader(3, message.chunkStreamId), ...repeated(lane, options)];
  lane.field = type === 0 ? message.timestampMs : delta;
  lane.delta = lane.field;
  const extended = lane.field >= 0xffffff;
  return [
    ...basicHeader(type, message.chunkStreamId),
    ...bigEndian(extended ? 0xffffff : lane.field, 3),
    ...(type < 2 ? [...bigEndian(message.body.length, 3), message.typeId] : []),
    ...(type === 0 ? bigEndian(message.streamId, 4).reverse() : []),
    ...(extended ? bigEndian(lane.field, 4) : []),
  ];
}

function repeated(lane: Lane, { repeatExtended }: ChunkingOptions): number[] {
  return repeatExtended && lane.field >= 0xffffff ? bigEndian(lane.field, 4) : [];
}

function basicHeader(type: number, id: number): number[] {
  if (id < 64) return [(type << 6) | id];
  if (id < 320) return [type << 6, id - 64];
  return [(type << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8];
}

function bigEndian(value: number, length: number): number[] {
  return Array.from({ length }, (_, index) => Math.floor(value / 256 ** (length - 1 - index)) % 256);
}

/** Cuts bytes into pieces of the sizes given, round and round. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** A body of bytes that no timestamp in these tests looks like. */
export function bodyOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0xa0 + ((seed + index * 7) % 64));
}
