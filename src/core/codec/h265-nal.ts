/** nal_unit_type, ITU-T H.265 table 7-1. */
export const h265NalTypes = {
  blaWLp: 16,
  idrWRadl: 19,
  idrNLp: 20,
  cra: 21,
  lastIrap: 23,
  vps: 32,
  sps: 33,
  pps: 34,
  aud: 35,
  filler: 38,
  prefixSei: 39,
  suffixSei: 40,
} as const;

export const h265HeaderBytes = 2;

/** The nal_unit_type of a NAL unit: 0 to 63; 63 (unspecified) for one that has no whole header. */
export function h265NalType(nal: Uint8Array): number {
  return nal.length < h265HeaderBytes ? 63 : ((nal[0] ?? 0) >> 1) & 63;
}

/** Intra random access point: decoding can begin here. 22 and 23 are reserved for more of them. */
export function isIrap(type: number): boolean {
  return type >= h265NalTypes.blaWLp && type <= h265NalTypes.lastIrap;
}
