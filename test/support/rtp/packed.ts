/** What packetisers left in a RTP history. */
import assert from 'node:assert/strict';
import { createRtpHistory, type RtpHistory } from '../../../src/core/rtp/rtp-history.js';

export const newLog = (): RtpHistory => createRtpHistory({ maxBytes: 4_000_000, maxPackets: 8192 });

export const payloadsOf = (history: RtpHistory, from = history.first): readonly Uint8Array[] =>
  Array.from({ length: history.end - from }, (_, n) => history.payload(from + n));

export const markersOf = (history: RtpHistory): readonly boolean[] =>
  payloadsOf(history).map((_, n) => history.marker(history.first + n));

/** All equal but the last, which is not larger, and none beyond the limit: one call of segmentation offload takes them. */
export function assertEven(payloads: readonly Uint8Array[], packetBytes: number): void {
  const [first = 0, ...others] = payloads.map(({ length }) => length);
  const last = others.pop() ?? 0;
  const lengths = payloads.map(({ length }) => length).join(' ');
  assert.ok(others.every((length) => length === first) && last <= first && first <= packetBytes, lengths);
}

/** One frame stands in the history from `from` on: its time, its one marker at the end, where a viewer may begin. */
export function assertOneFrame(history: RtpHistory, from: number, rtpTs: number, startsGop: boolean): void {
  const packets = Array.from({ length: history.end - from }, (_, n) => from + n);
  assert.ok(packets.length > 0);
  assert.deepEqual(
    packets.filter((packet) => history.marker(packet)),
    [history.end - 1],
  );
  assert.ok(packets.every((packet) => history.rtpTs(packet) === rtpTs));
  assert.equal(history.gopStart, startsGop ? from : null);
}
