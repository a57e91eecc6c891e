/** The stream that every bench of the fan-out sends: 2.5 Mbit/s, 30 frames per second, 9 packets of 1,200 bytes each. */
import type { RtpHistory } from '../../../src/core/rtp/rtp-history.js';

export const framesPerSecond = 30;
export const packetsPerFrame = 9;
/** Twelve bytes of RTP header and a GCM tag of sixteen make it 1,200. */
export const payloadBytes = 1172;
/** 100 kB. */
export const packetsPerKeyframe = 85;
const audioBytes = 160;
export const audioIntervalMs = 20;
export const rtpTicksPerFrame = 3000;

/** What a payload begins with: when the source had it (ns, CLOCK_MONOTONIC), and the packet's number in its log. */
function stamp(payload: Uint8Array, atNs: bigint, packet: number): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  view.setBigUint64(0, atNs);
  view.setUint32(8, packet);
}

export const readStamp = (payload: Buffer): { readonly atNs: bigint; readonly packet: number } => ({
  atNs: payload.readBigUInt64BE(0),
  packet: payload.readUInt32BE(8),
});

export function publishFrame(history: RtpHistory, frame: number, packets = packetsPerFrame, atNs = 0n): void {
  const rtpTs = (frame * rtpTicksPerFrame) >>> 0;
  const isKey = frame === 0 || packets > packetsPerFrame;
  for (let n = 0; n < packets; n += 1) {
    const { end } = history;
    stamp(history.append({ payloadBytes, rtpTs, marker: n === packets - 1, startsGop: isKey && n === 0 }), atNs, end);
  }
}

export function publishAudio(history: RtpHistory, count: number, atNs: bigint): void {
  const { end } = history;
  const rtpTs = (count * 960) >>> 0;
  stamp(history.append({ payloadBytes: audioBytes, rtpTs, marker: false, startsGop: false }), atNs, end);
}
