/** FLV audio tag bodies: Adobe's FLV 10.1 section E.4.2, and Enhanced RTMP v2 section Enhanced Audio. */
import { createByteReader } from '../bytes/byte-reader.js';
import { describeFourCc, readPrefix, readTracks } from './enhanced.js';

export type AudioTag =
  /** AudioSpecificConfig, never empty. */
  | { readonly kind: 'config'; readonly data: Uint8Array }
  /** One raw AAC access unit, never empty. */
  | { readonly kind: 'frame'; readonly data: Uint8Array }
  /** `codec`: a name that a person reads. */
  | { readonly kind: 'unsupported'; readonly codec: string }
  /** Nothing to play: an empty body (silence), the end of a sequence, a track that is not the default one. */
  | { readonly kind: 'ignored' };

/** SoundFormat 9 is ExHeader. */
const formats = { enhanced: 9, aac: 10 } as const;
/** The same numbers in AACPacketType and in AudioPacketType of Enhanced RTMP. */
const packets = { config: 0, frame: 1, multitrack: 5 } as const;

const formatNames: Readonly<Record<number, string>> = {
  0: 'linear PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'linear PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711 A-law',
  8: 'G.711 mu-law',
  11: 'Speex',
  13: 'Opus',
  14: 'MP3',
  15: 'device-specific sound',
};

const fourCcNames = new Map([
  ['Opus', 'Opus'],
  ['ac-3', 'AC-3'],
  ['ec-3', 'E-AC-3'],
  ['fLaC', 'FLAC'],
  ['.mp3', 'MP3'],
]);

const ignored: AudioTag = { kind: 'ignored' };

/** Reads the body of one RTMP audio message; `data` is a view of it. Throws WireError when it ends early. */
export function parseAudioTag(body: Uint8Array): AudioTag {
  const first = body[0];
  if (first === undefined) return ignored;
  const format = first >> 4;
  if (format === formats.enhanced) return parseEnhanced(body);
  if (format !== formats.aac) {
    return { kind: 'unsupported', codec: formatNames[format] ?? `FLV sound format ${format}` };
  }
  const reader = createByteReader(body, 'flv.audio');
  reader.u8();
  return toTag(reader.u8(), reader.bytes(reader.remaining));
}

function parseEnhanced(body: Uint8Array): AudioTag {
  const reader = createByteReader(body, 'flv.audio');
  // Sound is counted in samples: an offset of less than a millisecond is of no use to it.
  const prefix = readPrefix(reader);
  const { packetType, tracks } = readTracks(reader, prefix.packetType, packets.multitrack);
  const track = tracks.find(({ trackId }) => trackId === 0);
  if (track === undefined) return ignored;
  const { fourCc, data } = track;
  if (fourCc !== 'mp4a') return { kind: 'unsupported', codec: fourCcNames.get(fourCc) ?? describeFourCc(fourCc) };
  return toTag(packetType, data);
}

function toTag(packetType: number, data: Uint8Array): AudioTag {
  if (data.length === 0) return ignored;
  if (packetType === packets.config) return { kind: 'config', data };
  return packetType === packets.frame ? { kind: 'frame', data } : ignored;
}
