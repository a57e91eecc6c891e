/** What packetisers left in a packet log. */
import assert from 'node:assert/strict';
import { createPacketLog, type PacketLog } from '../../../src/core/rtp/packet-log.js';

export const newLog = (): PacketLog => createPacketLog({ maxBytes: 4_000_000, maxPackets: 8192 });

export const payloadsOf = (log: PacketLog, from = log.first): readonly Uint8Array[] =>
  Array.from({ length: log.end - from }, (_, n) => log.payload(from + n));

export const markersOf = (log: PacketLog): readonly boolean[] =>
  payloadsOf(log).map((_, n) => log.marker(log.first + n));

/** All equal but the last, which is not larger, and none beyond the limit: one call of segmentation offload takes them. */
export function assertEven(payloads: readonly Uint8Array[], packetBytes: number): void {
  const [first = 0, ...others] = payloads.map(({ length }) => length);
  const last = others.pop() ?? 0;
  const lengths = payloads.map(({ length }) => length).join(' ');
  assert.ok(others.every((length) => length === first) && last <= first && first <= packetBytes, lengths);
}

/** One picture stands in the log from `from` on: its time, its one marker at the end, where a viewer may begin. */
export function assertOneFrame(log: PacketLog, from: number, rtpTs: number, startsGop: boolean): void {
  const packets = Array.from({ length: log.end - from }, (_, n) => from + n);
  assert.ok(packets.length > 0);
  assert.deepEqual(
    packets.filter((packet) => log.marker(packet)),
    [log.end - 1],
  );
  assert.ok(packets.every((packet) => log.rtpTs(packet) === rtpTs));
  assert.equal(log.gopStart, startsGop ? from : null);
}
