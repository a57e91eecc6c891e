import type { RtpHistory } from './rtp-history.js';

/**
 * A frame of Opus (RFC 7587 4.2) or of G.711 (RFC 3551 4.5.14) is one RTP payload as it is. The marker bit stays clear: it
 * would begin a talkspurt (RFC 3551 4.1), and the audio of a stream never pauses.
 *
 * @param rtpTs RTP time of its first sample.
 */
export function packAudio(history: RtpHistory, data: Uint8Array, rtpTs: number): void {
  history.append({ payloadBytes: data.length, rtpTs, marker: false, startsGop: false }).set(data);
}
