/** How the frames of each codec are read and packed: what the video path needs to know of a codec, and no more. */

import { parseAv1Config, parseAv1Sequence } from '../codec/av1-config.js';
import { obuTypes, splitObus } from '../codec/av1-obu.js';
import { type BFrames, configureBFrames, initialBFrames, withoutBFrames } from '../codec/b-frames.js';
import { parseH264Config } from '../codec/h264-config.js';
import { splitNals } from '../codec/h264-nal.js';
import { readSliceHead } from '../codec/h264-slice.js';
import { parseSps } from '../codec/h264-sps.js';
import { parseH265Config } from '../codec/h265-config.js';
import { parseH265Sps } from '../codec/h265-sps.js';
import type { MediaInfo } from '../codec/media-info.js';
import type { SourceCodec } from '../codec/video-codecs.js';
import type { VideoConfig } from '../codec/video-config.js';
import { parseVp9Header } from '../codec/vp9-header.js';
import { packAv1TemporalUnit } from './pack-av1.js';
import { packAccessUnit } from './pack-h264.js';
import { packH265AccessUnit } from './pack-h265.js';
import { packVp9Frame } from './pack-vp9.js';
import type { RtpHistory } from './rtp-history.js';

export interface Packing {
  readonly isKeyframe: boolean;
  readonly rtpTs: number;
  readonly packetBytes: number;
}

export interface ReadAccessUnit {
  /** Any of its slices is a B slice, as far as that can be seen. */
  readonly hasB: boolean;
  /** No other frame is predicted from it: leaving it out breaks nothing. */
  readonly isDisposable: boolean;
  pack(history: RtpHistory, packing: Packing): void;
}

export interface VideoFormat {
  /** What a decoder is opened with. */
  readonly config: VideoConfig;
  readonly info: NonNullable<MediaInfo['video']>;
  /** What the configuration says of reordering. */
  readonly bFrames: BFrames;
  /** Null: nothing to play in it. Throws WireError. */
  read(data: Uint8Array): ReadAccessUnit | null;
}

/** By the record of a sequence header; null when that does not say all, and a keyframe must. Throws WireError. */
export function openFormat(codec: SourceCodec, record: Uint8Array): VideoFormat | null {
  switch (codec) {
    case 'H264':
      return openH264(record);
    case 'HEVC':
      return openH265(record);
    case 'AV1':
      return openAv1(record, parseAv1Config(record).sequenceHeader);
    case 'VP9':
      return null;
  }
}

/** By a keyframe, for the codecs that say all in it. `record`: of the sequence header, if one came. Throws WireError. */
export function openFormatByKey(codec: SourceCodec, record: Uint8Array | null, data: Uint8Array): VideoFormat | null {
  if (codec === 'VP9') return openVp9(data);
  if (codec !== 'AV1') return null;
  const found = splitObus(data).find(({ type }) => type === obuTypes.sequenceHeader);
  return found === undefined ? null : openAv1(record, Uint8Array.of(...found.header, ...found.payload));
}

function openH264(record: Uint8Array): VideoFormat | null {
  const { sps, pps, nalLengthSize, profileLevelId } = parseH264Config(record);
  const [first] = sps;
  if (first === undefined) return null;
  const parsed = parseSps(first);
  const { width, height } = parsed;
  return {
    config: { codec: 'H264', extraData: record },
    info: { codec: 'H264', width, height, profileLevelId },
    bFrames: configureBFrames(parsed),
    read(data) {
      const nals = splitNals(data, nalLengthSize);
      if (nals.length === 0) return null;
      const slices = nals.flatMap((nal) => readSliceHead(nal) ?? []);
      return {
        hasB: slices.some(({ isB }) => isB),
        isDisposable: slices.length > 0 && slices.every(({ isB, isReference }) => isB && !isReference),
        pack: (history, packing) => packAccessUnit(history, { nals, parameterSets: { sps, pps }, ...packing }),
      };
    },
  };
}

function openH265(record: Uint8Array): VideoFormat | null {
  const { vps, sps, pps, nalLengthSize, profileIdc } = parseH265Config(record);
  const [first] = sps;
  if (first === undefined) return null;
  const { width, height, maxNumReorderPics } = parseH265Sps(first);
  return {
    config: { codec: 'HEVC', extraData: record },
    info: { codec: 'HEVC', width, height, profileIdc },
    bFrames: maxNumReorderPics === 0 ? withoutBFrames('the SPS states no reordering') : initialBFrames(),
    read(data) {
      const nals = splitNals(data, nalLengthSize);
      if (nals.length === 0) return null;
      return {
        ...plain,
        pack: (history, packing) => packH265AccessUnit(history, { nals, parameterSets: { vps, sps, pps }, ...packing }),
      };
    },
  };
}

function openAv1(record: Uint8Array | null, sequenceHeader: Uint8Array | null): VideoFormat | null {
  const [sequence] = sequenceHeader === null ? [] : splitObus(sequenceHeader);
  if (sequence === undefined) return null;
  const { width, height, profile } = parseAv1Sequence(sequence.payload);
  return {
    config: { codec: 'AV1', extraData: record ?? new Uint8Array() },
    info: { codec: 'AV1', width, height, profile },
    bFrames: withoutBFrames('AV1 is coded in the order in which it is shown'),
    read(data) {
      const obus = splitObus(data);
      if (obus.length === 0) return null;
      return {
        ...plain,
        pack: (history, packing) => packAv1TemporalUnit(history, { obus, sequenceHeader, ...packing }),
      };
    },
  };
}

function openVp9(keyframe: Uint8Array): VideoFormat | null {
  const { profile, size } = parseVp9Header(keyframe);
  if (size === null) return null;
  let pictureId = 0;
  return {
    config: { codec: 'VP9', extraData: new Uint8Array() },
    info: { codec: 'VP9', ...size, profile },
    bFrames: withoutBFrames('VP9 is coded in the order in which it is shown'),
    read(data) {
      if (data.length === 0) return null;
      return {
        ...plain,
        pack(history, { isKeyframe, rtpTs, packetBytes }) {
          const keySize = isKeyframe ? parseVp9Header(data).size : null;
          packVp9Frame(history, { data, keySize, rtpTs, packetBytes, pictureId });
          pictureId = (pictureId + 1) & 0x7fff;
        },
      };
    },
  };
}

/** Slices of these codecs are not looked into: composition times show reordering, and nothing is left out. */
const plain = { hasB: false, isDisposable: false } as const;
