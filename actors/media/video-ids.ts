/** FFmpeg's numbers of the codecs that sources send. */
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  type AVCodecID,
} from 'node-av/constants';
import type { SourceCodec } from '../../src/core/codec/video-codecs.js';

export const videoIds = {
  H264: AV_CODEC_ID_H264,
  HEVC: AV_CODEC_ID_HEVC,
  AV1: AV_CODEC_ID_AV1,
  VP9: AV_CODEC_ID_VP9,
} as const;

/** Null for any other. */
export function codecOf(id: AVCodecID): SourceCodec | null {
  const codecs: readonly SourceCodec[] = ['H264', 'HEVC', 'AV1', 'VP9'];
  return codecs.find((codec) => videoIds[codec] === id) ?? null;
}
