/**
 * What the headers of Enhanced RTMP v2 have in common for audio and video: ModEx packets, then one track or many
 * (sections Enhanced Audio and Enhanced Video, ExAudioTagHeader and ExVideoTagHeader).
 */
import type { ByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';

/** The same numbers for audio and video. */
const modExPacket = 7;
const timestampOffsetNano = 0;
const multitrackTypes = { oneTrack: 0, manyTracks: 1, manyTracksManyCodecs: 2 } as const;
const nsPerMs = 1_000_000;
/** A track is named by one byte. */
const maxTracks = 256;

export interface EnhancedPrefix {
  /** AudioPacketType or VideoPacketType behind the ModEx packets: 0 to 15. */
  readonly packetType: number;
  /** What TimestampOffsetNano adds to the time of this message, in ms: 0 or more, less than 1. */
  readonly offsetMs: number;
}

export interface EnhancedTrack {
  /** Four characters of one byte each, as they stand on the wire. */
  readonly fourCc: string;
  /** 0 for the default track, and where the message is not a multitrack one. */
  readonly trackId: number;
  /** A view of the message. */
  readonly data: Uint8Array;
}

export interface EnhancedTracks {
  /** The packet type that all the tracks have. */
  readonly packetType: number;
  readonly tracks: readonly EnhancedTrack[];
}

/** Which of several tracks is played. */
export interface TrackChoice {
  /** Null: none of them. */
  choose(tracks: readonly EnhancedTrack[]): EnhancedTrack | null;
  /** Media came that name no track: they are of number 0. */
  unnamed(): void;
}

/** The default one: number 0 (Enhanced RTMP v2, Multitrack Streaming). */
export const defaultTrack: TrackChoice = {
  choose: (tracks) => tracks.find(({ trackId }) => trackId === 0) ?? null,
  unnamed: () => {},
};

/** The lowest number of those that come: sources exist that have no track 0. */
export class LowestTrack implements TrackChoice {
  #trackId = maxTracks;

  /** `maxTracks`: none came so far. */
  get trackId(): number {
    return this.#trackId;
  }

  choose(tracks: readonly EnhancedTrack[]): EnhancedTrack | null {
    for (const { trackId } of tracks) this.#trackId = Math.min(this.#trackId, trackId);
    return tracks.find(({ trackId }) => trackId === this.#trackId) ?? null;
  }

  unnamed(): void {
    this.#trackId = 0;
  }

  /** What follows is of another session. */
  newSession(): void {
    this.#trackId = maxTracks;
  }
}

/** Reads the first byte and the ModEx packets behind it. */
export function readPrefix(reader: ByteReader): EnhancedPrefix {
  let packetType = reader.u8() & 15;
  let offsetMs = 0;
  while (packetType === modExPacket) {
    const shortSize = reader.u8() + 1;
    const data = reader.bytes(shortSize === 256 ? reader.u16() + 1 : shortSize);
    const types = reader.u8();
    if (types >> 4 === timestampOffsetNano) offsetMs = readNanoOffset(data);
    packetType = types & 15;
  }
  return { packetType, offsetMs };
}

/** Three bytes can say more than the 999,999 ns that are allowed; that, and fewer bytes, counts as no offset. */
function readNanoOffset(data: Uint8Array): number {
  const [high, middle, low] = data;
  if (high === undefined || middle === undefined || low === undefined) return 0;
  const offsetNs = high * 65_536 + middle * 256 + low;
  return offsetNs < nsPerMs ? offsetNs / nsPerMs : 0;
}

/** Reads the tracks behind a prefix. `multitrackPacket`: 5 for audio, 6 for frames. */
export function readTracks(reader: ByteReader, packetType: number, multitrackPacket: number): EnhancedTracks {
  if (packetType !== multitrackPacket) return { packetType, tracks: [readLast(reader, false)] };
  const types = reader.u8();
  const shared = types & 15;
  if (shared === multitrackPacket) throw new WireError('flv.enhanced', 'multitrack inside multitrack');
  switch (types >> 4) {
    case multitrackTypes.oneTrack:
      return { packetType: shared, tracks: [readLast(reader, true)] };
    case multitrackTypes.manyTracks:
      return { packetType: shared, tracks: readMany(reader, readFourCc(reader)) };
    case multitrackTypes.manyTracksManyCodecs:
      return { packetType: shared, tracks: readMany(reader, null) };
    default:
      throw new WireError('flv.enhanced', `multitrack type ${types >> 4}`);
  }
}

function readFourCc(reader: ByteReader): string {
  return String.fromCharCode(...reader.bytes(4));
}

/** A track that has the rest of the message. */
function readLast(reader: ByteReader, isNamed: boolean): EnhancedTrack {
  const fourCc = readFourCc(reader);
  const trackId = isNamed ? reader.u8() : 0;
  return { fourCc, trackId, data: reader.bytes(reader.remaining) };
}

/** Each track: its FourCC unless all share one, its id, the size of its data in 3 bytes, its data. */
function readMany(reader: ByteReader, sharedFourCc: string | null): EnhancedTrack[] {
  const tracks: EnhancedTrack[] = [];
  while (reader.remaining > 0) {
    if (tracks.length === maxTracks) throw new WireError('flv.enhanced', `more than ${maxTracks} tracks`);
    const fourCc = sharedFourCc ?? readFourCc(reader);
    const trackId = reader.u8();
    tracks.push({ fourCc, trackId, data: reader.bytes(reader.u24()) });
  }
  return tracks;
}

/** A FourCC that has no name here, fit for a log: a source may send any bytes as one. */
export function describeFourCc(fourCc: string): string {
  return /^[\x21-\x7e][\x20-\x7e]{3}$/.test(fourCc) ? `FourCC ${fourCc.trim()}` : 'an unreadable FourCC';
}
