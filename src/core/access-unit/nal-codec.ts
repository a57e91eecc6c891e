/** Types only: what the assembler asks of a codec whose pictures are NAL units. */
import type { BFrames } from '../codec/b-frames.js';
import type { MediaInfo } from '../codec/media-info.js';
import type { LengthBytes } from './nal-framing.js';

export type SetKind = 'vps' | 'sps' | 'pps';

/** `parent`: of the set that it refers to, an SPS's VPS or a PPS's SPS; null: none. */
export interface SetIds {
  readonly id: number;
  readonly parent: number | null;
}

export interface SliceFacts {
  /** The first slice of a picture: first_mb_in_slice 0, first_slice_segment_in_pic_flag. */
  readonly isFirst: boolean;
  /** first_mb_in_slice; null where slices come in order by the standard. */
  readonly firstMb: number | null;
  readonly ppsId: number;
  /** Decoding can begin with the picture whatever came before (IDR; H.265 also CRA and BLA). */
  readonly isEntry: boolean;
  readonly isB: boolean;
  readonly isIntra: boolean;
  /** Other pictures are predicted from it. */
  readonly isReference: boolean;
  /** Null where only `isFirst` tells pictures apart. */
  readonly picture: PictureMark | null;
}

/** The same for all slices of a frame or field (H.264 7.4.1.2.4). */
export interface PictureMark {
  readonly frameNum: number;
  /** Null for a frame; else whether it is the bottom field. */
  readonly isBottomField: boolean | null;
  readonly idrId: number | null;
  readonly order: number | null;
}

/** Where a NAL unit stands in an access unit: in the picture, before it, behind it; `none`: of no use to a decoder. */
export type NalPlace = 'slice' | 'before' | 'behind' | 'none';

export interface ActiveSets {
  readonly vps: readonly Uint8Array[];
  /** The one that slices name, and those that say the same under other ids: some sources change ids with each group. */
  readonly sps: readonly [Uint8Array, ...Uint8Array[]];
  /** All that refer to them. */
  readonly pps: readonly Uint8Array[];
}

/** What parameter sets say of the pictures. */
export interface SetFacts {
  readonly info: NonNullable<MediaInfo['video']>;
  /** A decoder configuration record that announces lengths of 4 bytes. */
  readonly extraData: Uint8Array;
  readonly bFrames: BFrames;
  /** How many frames may come before one that is shown earlier; null: the SPS does not say. */
  readonly reorderFrames: number | null;
}

export interface RecordFacts {
  /** Null: the record does not say. */
  readonly lengthBytes: LengthBytes | null;
  readonly sets: readonly Uint8Array[];
}

/** What a parsed SPS of either codec has. */
export interface Identified {
  readonly spsId: number;
}

export interface NalCodec<Sps extends Identified> {
  /** A sequence header. Throws WireError. */
  readRecord(record: Uint8Array): RecordFacts;
  placeOf(nal: Uint8Array): NalPlace;
  /** The unit begins as those that sources send do; false also where that is only unlikely. */
  isUnit(nal: Uint8Array): boolean;
  setKindOf(nal: Uint8Array): SetKind | null;
  /** Throws WireError. */
  readIds(kind: SetKind, nal: Uint8Array): SetIds;
  /** Throws WireError. */
  readSps(nal: Uint8Array): Sps;
  /** By a look at a slice: it is the first of its picture. */
  isFirst(nal: Uint8Array): boolean;
  /** By a look at a slice: decoding can begin with its picture whatever came before. */
  isEntry(nal: Uint8Array): boolean;
  /** Throws WireError. */
  readSlice(nal: Uint8Array, spsOf: (ppsId: number) => Sps | null): SliceFacts;
  /** Pictures until all is right when decoding begins here, by a recovery point SEI; null for any other unit. */
  recoveryOf(nal: Uint8Array): number | null;
  describe(sps: Sps, active: ActiveSets): SetFacts;
}
