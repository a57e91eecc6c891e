/** FLV tag bodies, and what the actor reads of their data. */
import { parseAudioSpecificConfig } from '../../../src/core/codec/aac-config.js';
import { parseH264Config } from '../../../src/core/codec/h264-config.js';
import { splitNals } from '../../../src/core/codec/h264-nal.js';
import { readSliceHead } from '../../../src/core/codec/h264-slice.js';
import { parseSps } from '../../../src/core/codec/h264-sps.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { promisesVideo } from '../../../src/core/flv/script-tag.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { packAccessUnit } from '../../../src/core/rtp/pack-h264.js';
import { createPacketLog } from '../../../src/core/rtp/packet-log.js';
import type { FuzzTarget } from './target.js';

function readConfig(data: Uint8Array): void {
  for (const sps of parseH264Config(data).sps) parseSps(sps);
}

/** As a picture goes: cut into NAL units, looked at, packed. */
function readPicture(data: Uint8Array, nalLengthSize: 1 | 2 | 4, packetBytes: number): void {
  const nals = splitNals(data, nalLengthSize);
  for (const nal of nals) readSliceHead(nal);
  const log = createPacketLog({ maxBytes: 1_048_576, maxPackets: 4096 });
  packAccessUnit(log, { nals, keyFrame: true, rtpTs: 0, parameterSets: { sps: [], pps: [] }, packetBytes });
}

function readVideo(body: Uint8Array): void {
  const tag = parseVideoTag(body);
  if (tag.kind === 'config') readConfig(tag.data);
  if (tag.kind === 'frame') readPicture(tag.data, 4, 1200);
}

function readAudio(body: Uint8Array): void {
  const tag = parseAudioTag(body);
  if (tag.kind === 'config') parseAudioSpecificConfig(tag.data);
}

const fourCcs = ['avc1', 'hvc1', 'av01', 'vp09', 'Opus', 'mp4a', 'fLaC', 'ac-3', 'ec-3', '.mp3'];

export const flvTargets = {
  video: { run: readVideo, words: fourCcs },
  audio: { run: readAudio, words: fourCcs },
  script: { run: promisesVideo, words: ['onMetaData', '@setDataFrame', 'videocodecid', 'hasVideo', 'width'] },
  avcC: { run: readConfig },
  sps: { run: parseSps },
  slice: { run: readSliceHead },
  nal: {
    run: ([size = 0, packet = 0, ...data]) => readPicture(Uint8Array.from(data), nalSizes[size % 3] ?? 4, 3 + packet),
  },
  asc: { run: parseAudioSpecificConfig },
} satisfies Record<string, FuzzTarget>;

const nalSizes = [1, 2, 4] as const;
