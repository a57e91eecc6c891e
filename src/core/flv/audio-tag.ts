/** FLV audio tag bodies: Adobe's FLV 10.1 section E.4.2, and Enhanced RTMP v2 section Enhanced Audio. */
import { createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import type { ConfiguredCodec, FlvHeaderConfig, FrameHeaderCodec } from '../codec/audio-config.js';
import { defaultTrack, describeFourCc, readPrefix, readTracks, type TrackChoice } from './enhanced.js';

/** `data` is never empty, and a view of the message. */
export type AudioTag =
  /** AudioSpecificConfig, OpusHead, or FLAC's STREAMINFO. */
  | { readonly kind: 'config'; readonly codec: ConfiguredCodec; readonly data: Uint8Array }
  /** Frames of the codec: one of AAC, Opus, FLAC; one or more of the others. */
  | { readonly kind: 'frame'; readonly codec: ConfiguredCodec | FrameHeaderCodec; readonly data: Uint8Array }
  /** `config`: what the tag's own header says of them. */
  | {
      readonly kind: 'frame';
      readonly codec: FlvHeaderConfig['codec'];
      readonly config: FlvHeaderConfig;
      readonly data: Uint8Array;
    }
  /** `codec`: a name that a person reads. */
  | { readonly kind: 'unsupported'; readonly codec: string }
  /** Nothing to play: an empty body (silence), the end of a sequence, a track that is not the one to play. */
  | { readonly kind: 'ignored' };

/** AudioFormat; 9 is ExHeader. */
const formats = { mp3: 2, enhanced: 9, aac: 10, mp3At8kHz: 14 } as const;
/** The same numbers in AACPacketType and in AudioPacketType of Enhanced RTMP. */
const packets = { config: 0, frame: 1, multitrack: 5 } as const;
/** By SoundRate: 5.5, 11, 22 and 44 kHz. */
const ratesHz = [5512, 11_025, 22_050, 44_100] as const;

const fourCcs = new Map<string, ConfiguredCodec | FrameHeaderCodec>([
  ['mp4a', 'AAC'],
  ['Opus', 'Opus'],
  ['fLaC', 'FLAC'],
  ['ac-3', 'AC-3'],
  ['ec-3', 'E-AC-3'],
  ['.mp3', 'MP3'],
]);

const ignored: AudioTag = { kind: 'ignored' };

/** Reads the body of one RTMP audio message. Throws WireError when it ends early. */
export function parseAudioTag(body: Uint8Array, choice: TrackChoice = defaultTrack): AudioTag {
  const first = body[0];
  if (first === undefined) return ignored;
  const format = first >> 4;
  if (format === formats.enhanced) return parseEnhanced(body, choice);
  choice.unnamed();
  if (format === formats.aac) {
    const packetType = body[1];
    if (packetType === undefined) throw new WireError('flv.audio', 'AAC without a packet type');
    return toTag('AAC', packetType, body.subarray(2));
  }
  const config = readHeader(first);
  const data = body.subarray(1);
  // Its rate is often none of the four: the frames have it.
  if (format === formats.mp3 || format === formats.mp3At8kHz) return toTag('MP3', packets.frame, data);
  if (config === null) return { kind: 'unsupported', codec: describeFormat(format) };
  return data.length === 0 ? ignored : { kind: 'frame', codec: config.codec, config, data };
}

/** SoundFormat, SoundRate, SoundSize and SoundType; null for a format that does not speak for itself. */
function readHeader(first: number): FlvHeaderConfig | null {
  const sampleRateHz = ratesHz[(first >> 2) & 3] ?? 0;
  const bitsPerSample = (first & 2) === 0 ? 8 : 16;
  const channels = (first & 1) + 1;
  switch (first >> 4) {
    case 0: // In the byte order of the machine that made it: none with the other order is left.
    case 3:
      return { codec: 'PCM', bitsPerSample, sampleRateHz, channels };
    case 1:
      return { codec: 'ADPCM', sampleRateHz, channels };
    case 4:
      return { codec: 'Nellymoser', sampleRateHz: 16_000, channels: 1 };
    case 5:
      return { codec: 'Nellymoser', sampleRateHz: 8000, channels: 1 };
    case 6:
      return { codec: 'Nellymoser', sampleRateHz, channels: 1 };
    case 7:
      return { codec: 'PCMA', sampleRateHz: 8000, channels };
    case 8:
      return { codec: 'PCMU', sampleRateHz: 8000, channels };
    case 11:
      return { codec: 'Speex', sampleRateHz: 16_000, channels: 1 };
    default:
      return null;
  }
}

const describeFormat = (format: number): string =>
  format === 15 ? 'device-specific audio' : `FLV sound format ${format}`;

function parseEnhanced(body: Uint8Array, choice: TrackChoice): AudioTag {
  const reader = createByteReader(body, 'flv.audio');
  // Audio is counted in samples: an offset of less than a millisecond is of no use to it.
  const prefix = readPrefix(reader);
  const { packetType, tracks } = readTracks(reader, prefix.packetType, packets.multitrack);
  const track = choice.choose(tracks);
  if (track === null) return ignored;
  const codec = fourCcs.get(track.fourCc);
  if (codec === undefined) return { kind: 'unsupported', codec: describeFourCc(track.fourCc) };
  return toTag(codec, packetType, track.data);
}

function toTag(codec: ConfiguredCodec | FrameHeaderCodec, packetType: number, data: Uint8Array): AudioTag {
  if (data.length === 0) return ignored;
  if (packetType === packets.frame) return { kind: 'frame', codec, data };
  // What sources send before MP3, AC-3 and E-AC-3 says nothing that their frames do not.
  if (packetType !== packets.config || codec === 'MP3' || codec === 'AC-3' || codec === 'E-AC-3') return ignored;
  return { kind: 'config', codec, data };
}
