/** Packets whose every byte tells which one it is, so that a mixture of two is seen. */
import assert from 'node:assert/strict';
import type { RtpHistory } from '../../../src/core/rtp/rtp-history.js';

/** `payloadBytes`: at least 8. */
export function appendMarked(history: RtpHistory, payloadBytes: number, startsGop: boolean): void {
  const packet = history.end;
  const payload = history.append({ payloadBytes, rtpTs: (packet * 3000) >>> 0, marker: packet % 3 === 0, startsGop });
  payload.fill(packet % 251, 4);
  new DataView(payload.buffer, payload.byteOffset).setUint32(0, packet);
}

/** The number of the packet; fails for a payload that is not of one packet. */
export function markOf(payload: Uint8Array): number {
  const packet = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  assert.ok(
    payload.subarray(4).every((byte) => byte === packet % 251),
    `packet ${packet} is of one piece`,
  );
  return packet;
}
