/** H.264 from Annex B byte streams into the form of FLV and MP4 (ISO/IEC 14496-15 section 5). */
import { WireError } from '../../src/core/bytes/wire-error.js';
import { splitAnnexB } from '../../src/core/codec/annex-b.js';

const nalTypes = { sps: 7, pps: 8 } as const;
const nalType = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f;

/** The NAL units of an access unit, parameter sets left out, each behind a length of 4 bytes. */
export function fromAnnexB(stream: Uint8Array): Uint8Array {
  const nals = splitAnnexB(stream).filter((nal) => nalType(nal) !== nalTypes.sps && nalType(nal) !== nalTypes.pps);
  const out = Buffer.alloc(nals.reduce((size, nal) => size + 4 + nal.length, 0));
  let at = 0;
  for (const nal of nals) {
    out.writeUInt32BE(nal.length, at);
    out.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return out;
}

/** AVCDecoderConfigurationRecord out of an encoder's extra data. */
export function avcConfiguration(extraData: Uint8Array): Uint8Array {
  const nals = splitAnnexB(extraData);
  const sps = nals.find((nal) => nalType(nal) === nalTypes.sps);
  const pps = nals.find((nal) => nalType(nal) === nalTypes.pps);
  if (sps === undefined || pps === undefined) throw new WireError('h264.annexB', 'no SPS or no PPS');
  const sized = (nal: Uint8Array): Uint8Array => Uint8Array.of(nal.length >> 8, nal.length & 0xff, ...nal);
  // Version 1, profile, constraints, level; 4-byte lengths; one SPS, one PPS.
  return Uint8Array.of(1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1, ...sized(sps), 1, ...sized(pps));
}
