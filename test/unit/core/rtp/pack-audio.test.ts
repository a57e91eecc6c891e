import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packAudio } from '../../../../src/core/rtp/pack-audio.js';
import { createRtpHistory } from '../../../../src/core/rtp/rtp-history.js';

test('each packet of audio is one payload as it is, without the marker, and begins no GOP', () => {
  const history = createRtpHistory({ maxBytes: 1000, maxPackets: 10 });
  const packets = [Uint8Array.of(0xfc, 1, 2, 3), Uint8Array.of(0xfc)];
  for (const [n, packet] of packets.entries()) packAudio(history, packet, 4_294_967_000 + n);
  assert.deepEqual([history.payload(0), history.payload(1)], packets);
  assert.deepEqual([history.rtpTs(0), history.rtpTs(1)], [4_294_967_000, 4_294_967_001]);
  assert.deepEqual([history.marker(0), history.marker(1), history.gopStart], [false, false, null]);
});
