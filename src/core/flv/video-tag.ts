/** FLV video tag bodies: Adobe's FLV 10.1 section E.4.3, and Enhanced RTMP v2 section Enhanced Video. */
import { type ByteReader, createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import type { SourceCodec } from '../codec/video-codecs.js';
import { defaultTrack, describeFourCc, readPrefix, readTracks, type TrackChoice } from './enhanced.js';

export type VideoTag =
  /** The record by which MP4 configures a decoder (avcC, hvcC, av1C, vpcC), never empty. */
  | { readonly kind: 'config'; readonly codec: SourceCodec; readonly data: Uint8Array }
  /**
   * One frame: length-prefixed NAL units (H264, HEVC), the OBUs of a temporal unit (AV1), a frame or superframe (VP9).
   * Presented `compositionTimeMs` after its decoding time: -8,388,608 to 8,388,607, with a fraction where the source
   * states nanoseconds.
   */
  | {
      readonly kind: 'frame';
      readonly codec: SourceCodec;
      readonly isKeyframe: boolean;
      readonly compositionTimeMs: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'end'; readonly codec: SourceCodec }
  /** `codec`: a name that a person reads. */
  | { readonly kind: 'unsupported'; readonly codec: string }
  /** Nothing to play: an empty body, a command, metadata, a track that is not the one to play. */
  | { readonly kind: 'ignored' };

const frameTypes = { key: 1, generatedKey: 4, command: 5 } as const;
/** Frame type and codec, AVCPacketType, composition time. */
const classicHeadBytes = 5;
/** AVCPacketType. */
const classicPackets = { config: 0, frame: 1, end: 2 } as const;
/** VideoPacketType of Enhanced RTMP. */
const packets = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  codedFramesX: 3,
  metadata: 4,
  multitrack: 6,
} as const;

/**
 * CodecID of the classic header. From before Enhanced RTMP, and found with sources to this day, are 12 and 13: all
 * that follows is as with AVC, also the composition time that AV1 has no use for.
 */
const classicCodecs: Readonly<Record<number, SourceCodec>> = { 7: 'H264', 12: 'HEVC', 13: 'AV1' };
const codecNames: Readonly<Record<number, string>> = {
  1: 'JPEG',
  2: 'Sorenson H.263',
  3: 'Screen Video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen Video 2',
  8: 'H.263',
  9: 'MPEG-4 part 2',
};

const fourCcCodecs: ReadonlyMap<string, SourceCodec> = new Map([
  ['avc1', 'H264'],
  ['hvc1', 'HEVC'],
  ['hev1', 'HEVC'],
  ['av01', 'AV1'],
  ['vp09', 'VP9'],
]);
const fourCcNames: ReadonlyMap<string, string> = new Map([
  ['vvc1', 'VVC'],
  ['vp08', 'VP8'],
]);

const ignored: VideoTag = { kind: 'ignored' };

/** Reads the body of one RTMP video message; `data` is a view of it. Throws WireError when it ends early. */
export function parseVideoTag(body: Uint8Array, choice: TrackChoice = defaultTrack): VideoTag {
  const first = body[0];
  if (first === undefined) return ignored;
  if ((first & 0x80) !== 0) return parseEnhanced(body, (first >> 4) & 7, choice);
  if (body[1] !== classicPackets.end) choice.unnamed();
  const frameType = first >> 4;
  const codecId = first & 15;
  if (frameType === frameTypes.command) return ignored;
  const codec = classicCodecs[codecId];
  if (codec === undefined) return { kind: 'unsupported', codec: codecNames[codecId] ?? `FLV video codec ${codecId}` };
  return parseClassic(body, codec, isKey(frameType));
}

function isKey(frameType: number): boolean {
  return frameType === frameTypes.key || frameType === frameTypes.generatedKey;
}

/** SI24: two's complement. */
function readS24(reader: ByteReader): number {
  return (reader.u24() << 8) >> 8;
}

/** Read byte by byte: a reader costs more than all else that is done with a frame that waits. */
function parseClassic(body: Uint8Array, codec: SourceCodec, isKeyframe: boolean): VideoTag {
  const packetType = body[1];
  if (packetType === classicPackets.end) return { kind: 'end', codec };
  if (packetType === undefined || body.length < classicHeadBytes) {
    throw new WireError('flv.video', `${body.length} bytes of a header of ${classicHeadBytes}`);
  }
  if (body.length === classicHeadBytes) return ignored;
  const data = body.subarray(classicHeadBytes);
  if (packetType === classicPackets.config) return { kind: 'config', codec, data };
  if (packetType !== classicPackets.frame) return ignored;
  const compositionTimeMs = (((body[2] ?? 0) << 24) | ((body[3] ?? 0) << 16) | ((body[4] ?? 0) << 8)) >> 8;
  return { kind: 'frame', codec, isKeyframe, compositionTimeMs, data };
}

function parseEnhanced(body: Uint8Array, frameType: number, choice: TrackChoice): VideoTag {
  const reader = createByteReader(body, 'flv.video');
  const prefix = readPrefix(reader);
  // Metadata takes no notice of the frame type; behind a command stands no FourCC.
  if (prefix.packetType !== packets.metadata && frameType === frameTypes.command) return ignored;
  const { packetType, tracks } = readTracks(reader, prefix.packetType, packets.multitrack);
  const track = choice.choose(tracks);
  if (track === null || packetType === packets.metadata) return ignored;
  const { fourCc, data } = track;
  const codec = fourCcCodecs.get(fourCc);
  if (codec === undefined) return { kind: 'unsupported', codec: fourCcNames.get(fourCc) ?? describeFourCc(fourCc) };
  const isKeyframe = isKey(frameType);
  switch (packetType) {
    case packets.sequenceStart:
      return data.length === 0 ? ignored : { kind: 'config', codec, data };
    case packets.sequenceEnd:
      return { kind: 'end', codec };
    case packets.codedFramesX:
      return { kind: 'frame', codec, isKeyframe, compositionTimeMs: prefix.offsetMs, data };
    case packets.codedFrames: {
      const coded = createByteReader(data, 'flv.video');
      // AV1 and VP9 are coded in the order of presentation: no composition time stands before them.
      const isReordered = codec === 'H264' || codec === 'HEVC';
      const compositionTimeMs = (isReordered ? readS24(coded) : 0) + prefix.offsetMs;
      return { kind: 'frame', codec, isKeyframe, compositionTimeMs, data: coded.bytes(coded.remaining) };
    }
    default:
      return ignored;
  }
}
