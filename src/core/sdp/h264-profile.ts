/** Which H.264 profile a profile-level-id means (RFC 6184 8.1, table 5). */

/** profile_idc, the bits of profile-iop that count, their value, and the name. */
const profiles = [
  [0x42, 0x4f, 0x40, 'constrained-baseline'],
  [0x4d, 0x8f, 0x80, 'constrained-baseline'],
  [0x58, 0xcf, 0xc0, 'constrained-baseline'],
  [0x42, 0x4f, 0x00, 'baseline'],
  [0x58, 0xcf, 0x80, 'baseline'],
  [0x4d, 0xaf, 0x00, 'main'],
  [0x58, 0xcf, 0x00, 'extended'],
  [0x64, 0xff, 0x00, 'high'],
  [0x64, 0xff, 0x0c, 'constrained-high'],
] as const;

/** Without one, plain Baseline is meant (RFC 6184 8.1). */
const inferred = '42000a';

/**
 * The profile's name; for one that the table does not have, its bytes. The level is not part of it: both sides may
 * have their own (level-asymmetry-allowed).
 */
export function h264Profile(profileLevelId: string | undefined): string {
  const id = (profileLevelId ?? inferred).toLowerCase();
  if (!/^[0-9a-f]{6}$/.test(id)) return id;
  const idc = Number.parseInt(id.slice(0, 2), 16);
  const iop = Number.parseInt(id.slice(2, 4), 16);
  return profiles.find(([profile, mask, value]) => profile === idc && (iop & mask) === value)?.[3] ?? id.slice(0, 4);
}
