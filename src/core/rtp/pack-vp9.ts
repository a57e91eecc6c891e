/**
 * VP9 of one layer into RTP payloads (RFC 9628), in flexible mode: each frame names the one before it as what it is
 * predicted from. That is true of any stream in a chain, and asks for no more than receivers must have anyway; libwebrtc
 * drops frames of the other mode that lack layer indices.
 */
import { equalParts } from './equal-parts.js';
import type { RtpHistory } from './rtp-history.js';

const bits = { pictureId: 0x80, predicted: 0x40, flexible: 0x10, begins: 0x08, ends: 0x04, structure: 0x02 } as const;
const longPictureId = 0x80;
/** P_DIFF 1, and no other reference. */
const oneFrameBack = 1 << 1;
/** One spatial layer whose size follows, no description of a GOP. */
const oneLayerWithSize = 0x10;

export interface Vp9Frame {
  /** A frame or a superframe, never empty. */
  readonly data: Uint8Array;
  /** Null of all but keyframes. */
  readonly keySize: { readonly width: number; readonly height: number } | null;
  readonly rtpTs: number;
  /** Counts the frames: 0 to 32,767, then 0 again. */
  readonly pictureId: number;
  /** Limit of a payload; at least 16: half of that still takes the longest descriptor. */
  readonly packetBytes: number;
}

/** Writes the packets of one frame into the history; the last one has the marker. */
export function packVp9Frame(history: RtpHistory, frame: Vp9Frame): void {
  const { keySize, rtpTs, pictureId } = frame;
  const flags = bits.pictureId | bits.flexible | (keySize === null ? bits.predicted : 0);
  const pictureIds = [longPictureId | (pictureId >> 8), pictureId & 0xff, ...(keySize === null ? [oneFrameBack] : [])];
  const descriptorBytes = 1 + pictureIds.length;
  // The scalability structure ends the descriptor of the first packet: cut as part of the data, it keeps all parts equal.
  const data = keySize === null ? frame.data : withStructure(frame.data, keySize);
  for (const part of equalParts(0, data.length, frame.packetBytes - descriptorBytes)) {
    const payload = history.append({
      payloadBytes: descriptorBytes + part.to - part.from,
      rtpTs,
      marker: part.isLast,
      startsGop: keySize !== null && part.isFirst,
    });
    const structure = keySize !== null && part.isFirst ? bits.structure : 0;
    payload[0] = flags | structure | (part.isFirst ? bits.begins : 0) | (part.isLast ? bits.ends : 0);
    payload.set(pictureIds, 1);
    payload.set(data.subarray(part.from, part.to), descriptorBytes);
  }
}

function withStructure(data: Uint8Array, { width, height }: NonNullable<Vp9Frame['keySize']>): Uint8Array {
  const structure = [oneLayerWithSize, width >> 8, width & 0xff, height >> 8, height & 0xff];
  const both = new Uint8Array(structure.length + data.length);
  both.set(structure);
  both.set(data, structure.length);
  return both;
}
