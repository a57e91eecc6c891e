import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packAudio } from '../../../../src/core/rtp/pack-audio.js';
import { createPacketLog } from '../../../../src/core/rtp/packet-log.js';

test('each packet of audio is one payload as it is, without the marker, and begins no GOP', () => {
  const log = createPacketLog({ maxBytes: 1000, maxPackets: 10 });
  const packets = [Uint8Array.of(0xfc, 1, 2, 3), Uint8Array.of(0xfc)];
  for (const [n, packet] of packets.entries()) packAudio(log, packet, 4_294_967_000 + n);
  assert.deepEqual([log.payload(0), log.payload(1)], packets);
  assert.deepEqual([log.rtpTs(0), log.rtpTs(1)], [4_294_967_000, 4_294_967_001]);
  assert.deepEqual([log.marker(0), log.marker(1), log.gopStart], [false, false, null]);
});
