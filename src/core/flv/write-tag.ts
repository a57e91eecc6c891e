/**
 * Media of other protocols as FLV tags, the form in which a stream's data path takes it. No configuration is written for H.264:
 * its parameter sets stand before its keyframes, as they came.
 */
import { opusHeadFor } from '../codec/opus-config.js';

const avc = { keyframe: 0x17, interFrame: 0x27, nalUnits: 1 } as const;
const headBytes = 5;
const lengthBytes = 4;
/** ExHeader and AudioPacketType (Enhanced RTMP v2, ExAudioTagHeader). */
const opus = { sequenceStart: 0x90, codedFrames: 0x91, fourCc: [0x4f, 0x70, 0x75, 0x73] } as const;
/** SoundFormat, with 16 bits and one channel, as all write it. */
const g711 = { PCMA: 0x72, PCMU: 0x82 } as const;

export function writeH264Tag(nals: readonly Uint8Array[], isKeyframe: boolean): Uint8Array {
  const tag = new Uint8Array(nals.reduce((sum, nal) => sum + lengthBytes + nal.length, headBytes));
  const view = new DataView(tag.buffer);
  tag[0] = isKeyframe ? avc.keyframe : avc.interFrame;
  tag[1] = avc.nalUnits;
  let at = headBytes;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    tag.set(nal, at + lengthBytes);
    at += lengthBytes + nal.length;
  }
  return tag;
}

/** RTP says two channels of every Opus stream, whatever its packets hold (RFC 7587 7). */
export function writeOpusConfigTag(): Uint8Array {
  return Uint8Array.of(opus.sequenceStart, ...opus.fourCc, ...opusHeadFor(2).opusHead);
}

export const writeOpusTag = (packet: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(opus.codedFrames, ...opus.fourCc), packet]);

export const writeG711Tag = (codec: 'PCMA' | 'PCMU', samples: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(g711[codec]), samples]);
