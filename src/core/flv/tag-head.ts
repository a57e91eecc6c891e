/**
 * What stands before the data of an FLV tag. Tags of one track with one head are of one kind: the same codec, the same sort of
 * packet, keyframe or not (FLV 10.1 section E.4; Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader).
 */

const exHeader = { video: 0x80, audioFormat: 9 } as const;
/** Codecs whose second byte says what sort of packet follows: AVC and its kin, AAC. */
const videoWithPacketType: ReadonlySet<number> = new Set([7, 12, 13]);
const aac = 10;
/** Packet types of Enhanced RTMP whose data follow the FourCC at once: all frames but those of many tracks, and ModEx. */
const framePackets = { video: new Set([1, 3]), audio: new Set([1]) } as const;

/** Null where the first bytes do not say it, or the tag holds no frame that can be played. */
export function tagHead(track: 'audio' | 'video', body: Uint8Array): number | null {
  const first = body[0];
  const second = body[1];
  if (first === undefined || second === undefined) return null;
  const isEnhanced = track === 'video' ? (first & exHeader.video) !== 0 : first >> 4 === exHeader.audioFormat;
  if (isEnhanced) return framePackets[track].has(first & 15) ? withFourCc(first, body) : null;
  if (track === 'video') return videoWithPacketType.has(first & 15) ? first * 256 + second : null;
  return first >> 4 === aac ? first * 256 + second : first * 256;
}

/** A number of 40 bits. */
function withFourCc(first: number, body: Uint8Array): number | null {
  if (body.length < 5) return null;
  const [, a = 0, b = 0, c = 0, d = 0] = body;
  return first * 2 ** 32 + (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d);
}
