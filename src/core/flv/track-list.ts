/** The tracks of a source beside the one that is played (Enhanced RTMP v2, Multitrack Streaming). */
import { createByteReader } from '../bytes/byte-reader.js';
import { describeFourCc, readPrefix, readTracks } from './enhanced.js';

export interface OtherTrack {
  readonly kind: 'audio' | 'video';
  /** 1 to 255: the default track, number 0, is played where there is one. */
  readonly trackId: number;
  /** "hvc1", or words for what is no FourCC. */
  readonly codec: string;
}

const multitrackPackets = { audio: 5, video: 6 } as const;
const modExPacket = 7;
/** SoundFormat 9, or the highest bit of a video tag. */
const isEnhanced = { audio: (first: number) => first >> 4 === 9, video: (first: number) => (first & 0x80) !== 0 };

/** Those that the body of an RTMP audio or video message names; most name none. Throws WireError. */
export function listOtherTracks(kind: 'audio' | 'video', body: Uint8Array): readonly OtherTrack[] {
  const multitrack = multitrackPackets[kind];
  const first = body[0] ?? 0;
  const packetType = first & 15;
  if (!isEnhanced[kind](first) || (packetType !== multitrack && packetType !== modExPacket)) return [];
  const reader = createByteReader(body, 'flv.tracks');
  const prefix = readPrefix(reader);
  if (prefix.packetType !== multitrack) return [];
  return readTracks(reader, prefix.packetType, multitrack)
    .tracks.filter(({ trackId }) => trackId !== 0)
    .map(({ trackId, fourCc }) => ({ kind, trackId, codec: describeFourCc(fourCc) }));
}
