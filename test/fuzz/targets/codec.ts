/** Headers and frames of codecs, as they stand in FLV tags. */

import { createAssembler } from '../../../src/core/access-unit/assembler.js';
import { h264 } from '../../../src/core/access-unit/h264.js';
import { NalFraming } from '../../../src/core/access-unit/nal-framing.js';
import type { Picture } from '../../../src/core/access-unit/picture.js';
import { parseAudioSpecificConfig } from '../../../src/core/codec/aac-config.js';
import { readAc3Header } from '../../../src/core/codec/ac3-header.js';
import { isAdts, splitAdts } from '../../../src/core/codec/adts.js';
import { parseFlacConfig } from '../../../src/core/codec/flac-config.js';
import { readSliceHead } from '../../../src/core/codec/h264-slice.js';
import { parseSps } from '../../../src/core/codec/h264-sps.js';
import { parseH265Sps } from '../../../src/core/codec/h265-sps.js';
import { readMp3Header } from '../../../src/core/codec/mp3-header.js';
import { parseOpusHead } from '../../../src/core/codec/opus-config.js';
import { readOpusPacket } from '../../../src/core/codec/opus-packet.js';
import type { SourceCodec } from '../../../src/core/codec/video-codecs.js';
import { parseVp9Header } from '../../../src/core/codec/vp9-header.js';
import { createPicturePacker } from '../../../src/core/rtp/pack-picture.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { h265Samples } from '../../unit/core/codec/enhanced-samples.js';
import { bytesOf, h264Samples } from '../../unit/core/codec/h264-samples.js';
import { bodiesOf } from './flv.js';
import { type FuzzTarget, orRefused } from './target.js';

const records: Readonly<Record<SourceCodec, Uint8Array>> = {
  H264: bytesOf(h264Samples[0]?.record ?? ''),
  HEVC: h265Samples[0]?.record ?? new Uint8Array(),
  AV1: new Uint8Array(),
  VP9: new Uint8Array(),
};

/** A keyframe, read and packed; the first byte says how small the packets are. */
const packed = (codec: SourceCodec): FuzzTarget => ({
  run([packet = 0, ...rest]) {
    const assembler = createAssembler(codec);
    if (records[codec].length > 0) assembler.configure(records[codec]);
    const pack = createPicturePacker(createRtpHistory({ maxBytes: 1_048_576, maxPackets: 4096 }));
    const message = { data: Uint8Array.from(rest), isKeyframe: true, compositionTimeMs: 0 };
    for (const picture of [...assembler.receive(message, () => 0), ...assembler.flush()]) {
      pack(picture, { rtpTs: 0, packetBytes: 64 + packet });
    }
  },
});

const nalSizes = [1, 2, 3, 4] as const;
const sliceFields = {
  frameNumBits: 4,
  orderBits: 6,
  hasOrderDeltas: false,
  framesOnly: false,
  separatePlanes: false,
} as const;
const codecs = ['H264', 'HEVC', 'AV1', 'VP9'] as const;
const mostMessages = 64;

/**
 * Messages of one codec, each behind its length and a byte that says whether it is a sequence header and what the container says of
 * it: received, glanced at, and given up at the end. Every picture is one of what came.
 */
function assemble(data: Uint8Array): void {
  const assembler = createAssembler(codecs[(data[0] ?? 0) & 3] ?? 'H264');
  let mediaMs = 0;
  let messages = 0;
  for (const body of bodiesOf(data.subarray(1))) {
    const [head = 0, ...bytes] = body;
    messages += 1;
    if (messages > mostMessages) break;
    if ((head & 0x80) !== 0) {
      orRefused(() => assembler.configure(Uint8Array.from(bytes)));
      continue;
    }
    const message = { data: Uint8Array.from(bytes), isKeyframe: (head & 1) !== 0, compositionTimeMs: head >> 2 };
    orRefused(() => assembler.glance(message));
    const pictures = orRefused(() => assembler.receive(message, () => (mediaMs += 40))) ?? [];
    if ((head & 2) !== 0) assembler.newSession();
    for (const picture of pictures) judgePicture(picture, mediaMs);
  }
  for (const picture of assembler.flush()) judgePicture(picture, mediaMs);
  if (assembler.isHolding) throw new Error('it holds a picture that was given up');
}

function judgePicture({ data, format, mediaMs }: Picture, latestMs: number): void {
  if (data.length === 0) throw new Error('a picture without bytes');
  if (mediaMs > latestMs + 64 * 200) throw new Error(`a picture of ${mediaMs} ms at ${latestMs} ms`);
  if (format.info.width < 1 || format.info.height < 1) throw new Error('a picture without a size');
}

export const codecTargets = {
  avcC: { run: (data) => createAssembler('H264').configure(data) },
  sps: { run: parseSps },
  slice: { run: (data) => readSliceHead(data, () => sliceFields) },
  nals: {
    run: ([size = 0, ...data]) => new NalFraming(nalSizes[size % 4] ?? null, h264.isUnit).read(Uint8Array.from(data)),
  },
  h264: packed('H264'),
  hvcC: { run: (data) => createAssembler('HEVC').configure(data) },
  h265sps: { run: parseH265Sps },
  h265: packed('HEVC'),
  av1C: { run: (data) => createAssembler('AV1').configure(data) },
  av1: packed('AV1'),
  vp9header: { run: parseVp9Header },
  vp9: packed('VP9'),
  accessUnit: { run: assemble },
  asc: { run: parseAudioSpecificConfig },
  adts: { run: (data) => isAdts(data) && splitAdts(data) },
  opusHead: { run: parseOpusHead },
  opus: { run: readOpusPacket },
  flac: { run: parseFlacConfig },
  mp3: { run: readMp3Header },
  ac3: { run: readAc3Header },
} satisfies Record<string, FuzzTarget>;
