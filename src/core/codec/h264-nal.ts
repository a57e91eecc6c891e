/** nal_unit_type, ITU-T H.264 table 7-1. */
export const nalTypes = { nonIdr: 1, partitionA: 2, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9 } as const;

/** The nal_unit_type of a NAL unit: 0 to 31, 0 (unspecified) for one without bytes. */
export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 31;
}
