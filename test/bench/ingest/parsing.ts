/** How fast chunks are read into messages and these as FLV tags, and how fast the same bytes are copied. */
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { createChunkReader } from '../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../src/core/rtmp/chunk-writer.js';
import { encodeSetChunkSize, messageTypes } from '../../../src/core/rtmp/message.js';
import type { FlvTag } from '../../support/source/flv-file.js';

const rounds = 7;
const roundMs = 400;
/** As a socket gives them. */
const readBytes = 65_536;

/** The stream as a server sends it in chunks of this size, cut as a socket does. */
function chunked(chunkSizeBytes: number, source: readonly FlvTag[]): Buffer[] {
  const writer = createChunkWriter();
  const control = { typeId: messageTypes.setChunkSize, streamId: 0, timestampMs: 0, chunkStreamId: 2 };
  const parts = writer.write({ ...control, body: encodeSetChunkSize(chunkSizeBytes) });
  writer.setChunkSize(chunkSizeBytes);
  for (const { track, timestampMs, body } of source) {
    if (track === 'data') continue;
    parts.push(...writer.write({ typeId: messageTypes[track], streamId: 1, timestampMs, chunkStreamId: 4, body }));
  }
  const whole = Buffer.concat(parts);
  return Array.from({ length: Math.ceil(whole.length / readBytes) }, (_, n) =>
    Buffer.from(whole.subarray(n * readBytes, (n + 1) * readBytes)),
  );
}

function parse(reads: readonly Buffer[]): void {
  const reader = createChunkReader({ maxMessageBytes: 4_194_304 });
  for (const bytes of reads) {
    for (const { typeId, body } of reader.push(bytes)) {
      if (typeId === messageTypes.video) parseVideoTag(body);
      else if (typeId === messageTypes.audio) parseAudioTag(body);
    }
  }
}

/** Into memory of their own, as bodies of messages are. */
const copy = (reads: readonly Buffer[]): readonly Uint8Array[] => reads.map((bytes) => new Uint8Array(bytes));

/** Gbit/s of one round. */
function speed(work: (reads: readonly Buffer[]) => unknown, reads: readonly Buffer[]): number {
  const bits = reads.reduce((sum, { length }) => sum + length, 0) * 8;
  const startMs = performance.now();
  let turns = 0;
  for (; performance.now() - startMs < roundMs; turns += 1) work(reads);
  return (bits * turns) / (performance.now() - startMs) / 1e6;
}

const median = (figures: readonly number[]): number => [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? 0;

/** Rounds of both by turns, so that both have the same share of a busy machine. */
export function measureParsing(chunkSizeBytes: number, tags: readonly FlvTag[]) {
  const reads = chunked(chunkSizeBytes, tags);
  const parsed: number[] = [];
  const copied: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    parsed.push(speed(parse, reads));
    copied.push(speed(copy, reads));
  }
  return { chunkSizeBytes, parseGbps: median(parsed), copyGbps: median(copied) };
}
