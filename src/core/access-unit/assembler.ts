/** From a source's messages to whole pictures of one codec, by what the bitstream says. */
import type { SourceCodec } from '../codec/video-codecs.js';
import { createAv1, createVp9 } from './frame-assembler.js';
import { h264 } from './h264.js';
import { h265 } from './h265.js';
import { NalAssembler } from './nal-assembler.js';
import type { Assembler } from './picture.js';

export function createAssembler(codec: SourceCodec): Assembler {
  switch (codec) {
    case 'H264':
      return new NalAssembler('H264', h264);
    case 'HEVC':
      return new NalAssembler('HEVC', h265);
    case 'AV1':
      return createAv1();
    case 'VP9':
      return createVp9();
  }
}
