import type { PacketLog } from './packet-log.js';

/**
 * One Opus packet is one RTP payload as it is (RFC 7587 4.2). The marker bit stays clear: it would begin a talkspurt
 * (RFC 3551 4.1), and the sound of a stream never pauses.
 *
 * @param rtpTs RTP time of its first sample, at 48 kHz.
 */
export function packOpus(log: PacketLog, data: Uint8Array, rtpTs: number): void {
  log.append({ payloadBytes: data.length, rtpTs, marker: false, startsGop: false }).set(data);
}
