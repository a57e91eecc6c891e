/** VP8 into RTP payloads (RFC 7741): each packet has the start bit, a picture id of 15 bits, and a part of one frame. */
import { equalParts } from './equal-parts.js';
import type { RtpHistory } from './rtp-history.js';

const extended = 0x80;
const startOfPartition = 0x10;
const hasPictureId = 0x80;
const longPictureId = 0x80;
const descriptorBytes = 4;

export interface Vp8Frame {
  /** Never empty. */
  readonly data: Uint8Array;
  readonly isKeyframe: boolean;
  readonly rtpTs: number;
  /** Counts the frames: 0 to 32,767, then 0 again. */
  readonly pictureId: number;
  /** Limit of a payload; at least 5. */
  readonly packetBytes: number;
}

/** Writes the packets of one frame into the history; the last one has the marker. */
export function packVp8Frame(history: RtpHistory, frame: Vp8Frame): void {
  const { data, rtpTs, pictureId } = frame;
  for (const part of equalParts(0, data.length, frame.packetBytes - descriptorBytes)) {
    const payload = history.append({
      payloadBytes: descriptorBytes + part.to - part.from,
      rtpTs,
      marker: part.isLast,
      startsGop: frame.isKeyframe && part.isFirst,
    });
    payload[0] = extended | (part.isFirst ? startOfPartition : 0);
    payload[1] = hasPictureId;
    payload[2] = longPictureId | (pictureId >> 8);
    payload[3] = pictureId & 0xff;
    payload.set(data.subarray(part.from, part.to), descriptorBytes);
  }
}
