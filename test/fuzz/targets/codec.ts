/** Headers and frames of codecs, as they stand in FLV tags. */

import { parseAudioSpecificConfig } from '../../../src/core/codec/aac-config.js';
import { readAc3Header } from '../../../src/core/codec/ac3-header.js';
import { isAdts, splitAdts } from '../../../src/core/codec/adts.js';
import { parseFlacConfig } from '../../../src/core/codec/flac-config.js';
import { splitNals } from '../../../src/core/codec/h264-nal.js';
import { readSliceHead } from '../../../src/core/codec/h264-slice.js';
import { parseSps } from '../../../src/core/codec/h264-sps.js';
import { parseH265Sps } from '../../../src/core/codec/h265-sps.js';
import { readMp3Header } from '../../../src/core/codec/mp3-header.js';
import { parseOpusHead } from '../../../src/core/codec/opus-config.js';
import { readOpusPacket } from '../../../src/core/codec/opus-packet.js';
import { parseVp9Header } from '../../../src/core/codec/vp9-header.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { openFormat, openFormatByKey, type VideoFormat } from '../../../src/core/rtp/video-format.js';
import { h265Samples } from '../../unit/core/codec/enhanced-samples.js';
import { bytesOf, h264Samples } from '../../unit/core/codec/h264-samples.js';
import type { FuzzTarget } from './target.js';

const h264 = openFormat('H264', bytesOf(h264Samples[0]?.record ?? ''));
const h265 = openFormat('HEVC', h265Samples[0]?.record ?? new Uint8Array());

/** A keyframe, read and packed; the first byte says how small the packets are. */
const packed = (formatOf: (data: Uint8Array) => VideoFormat | null): FuzzTarget => ({
  run([packet = 0, ...rest]) {
    const data = Uint8Array.from(rest);
    const history = createRtpHistory({ maxBytes: 1_048_576, maxPackets: 4096 });
    formatOf(data)
      ?.read(data)
      ?.pack(history, { isKeyframe: true, rtpTs: 0, packetBytes: 64 + packet });
  },
});

const nalSizes = [1, 2, 4] as const;

export const codecTargets = {
  avcC: { run: (data) => openFormat('H264', data) },
  sps: { run: parseSps },
  slice: { run: readSliceHead },
  nals: { run: ([size = 0, ...data]) => splitNals(Uint8Array.from(data), nalSizes[size % 3] ?? 4) },
  h264: packed(() => h264),
  hvcC: { run: (data) => openFormat('HEVC', data) },
  h265sps: { run: parseH265Sps },
  h265: packed(() => h265),
  av1C: { run: (data) => openFormat('AV1', data) },
  av1: packed((data) => openFormatByKey('AV1', null, data)),
  vp9header: { run: parseVp9Header },
  vp9: packed((data) => openFormatByKey('VP9', null, data)),
  asc: { run: parseAudioSpecificConfig },
  adts: { run: (data) => isAdts(data) && splitAdts(data) },
  opusHead: { run: parseOpusHead },
  opus: { run: readOpusPacket },
  flac: { run: parseFlacConfig },
  mp3: { run: readMp3Header },
  ac3: { run: readAc3Header },
} satisfies Record<string, FuzzTarget>;
