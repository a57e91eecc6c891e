/** The stream that every bench of the fan-out sends: 2.5 Mbit/s, 30 frames a second, 9 packets of 1,200 bytes each. */
import type { PacketLog } from '../../../src/core/rtp/packet-log.js';

export const framesPerSecond = 30;
export const packetsPerFrame = 9;
/** Twelve bytes of RTP header and a GCM tag of sixteen make it 1,200. */
export const payloadBytes = 1172;
const rtpTicksPerFrame = 3000;

export function publishFrame(log: PacketLog, frame: number, packets = packetsPerFrame): void {
  for (let n = 0; n < packets; n += 1) {
    const rtpTs = (frame * rtpTicksPerFrame) >>> 0;
    log.append({ payloadBytes, rtpTs, marker: n === packets - 1, startsGop: frame === 0 && n === 0 });
  }
}
