import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RtcpPacketConverter, RtcpSourceDescriptionPacket, RtcpSrPacket } from 'werift';
import { createReportWriter, ntpMiddle32 } from '../../../../src/core/rtcp/sender-report.js';

const report = { ssrc: 0xdead_beef, rtpTs: 0xffff_ffff, packets: 5, octets: 2 ** 32 + 7 };
const write = createReportWriter('sluice');
const ntpOf = (wallMs: number): readonly number[] => {
  const packet = new DataView(write(wallMs, report).buffer);
  return [packet.getUint32(8), packet.getUint32(12)];
};

test('another implementation reads the report and the CNAME', () => {
  for (const cname of ['sluice', 's', '', 'köln', 'x'.repeat(255)]) {
    const packet = createReportWriter(cname)(1500, report);
    assert.equal(packet.length % 4, 0);
    const [sender, description] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
    assert.ok(sender instanceof RtcpSrPacket && description instanceof RtcpSourceDescriptionPacket);
    const { ntpTimestamp, rtpTimestamp, packetCount, octetCount } = sender.senderInfo;
    assert.deepEqual([sender.ssrc, rtpTimestamp, packetCount, octetCount], [0xdead_beef, 0xffff_ffff, 5, 7]);
    assert.equal(ntpTimestamp, (2_208_988_801n << 32n) | 0x8000_0000n);
    const [chunk] = description.chunks;
    assert.deepEqual([chunk?.source, chunk?.items[0]?.type, chunk?.items[0]?.text], [0xdead_beef, 1, cname]);
  }
});

test('a list of items ends by a zero and at a 32-bit boundary', () => {
  assert.equal(
    Buffer.from(write(0, report).subarray(28)).toString('hex'),
    `81ca0004deadbeef0106${Buffer.from('sluice').toString('hex')}00000000`,
  );
});

test('a report has nothing of the one that was written before it', () => {
  const video = { ssrc: 7, rtpTs: 1, packets: 2, octets: 3 };
  const alone = Buffer.from(createReportWriter('sluice')(1500, video));
  write(0, report);
  assert.deepEqual(Buffer.from(write(1500, video)), alone);
});

test('NTP time begins in 1900, has an exact fraction, and wraps in 2036', () => {
  assert.deepEqual(ntpOf(0), [2_208_988_800, 0]);
  assert.deepEqual(ntpOf(1_700_000_000_250), [3_908_988_800, 2 ** 30]);
  assert.deepEqual(ntpOf(1_700_000_000_000.5), [3_908_988_800, Math.floor(2 ** 32 / 2000)]);
  assert.deepEqual(ntpOf(1_700_000_000_999.999)[0], 3_908_988_800);
  assert.deepEqual(ntpOf((2 ** 32 - 2_208_988_800) * 1000), [0, 0]);
});

test('the middle 32 bits are those of the report, and run on by 65,536 a second', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), (wallMs) => {
      const [seconds = 0, fraction = 0] = ntpOf(wallMs);
      assert.equal(ntpMiddle32(wallMs), ((seconds % 65_536) * 65_536 + Math.floor(fraction / 65_536)) >>> 0);
    }),
  );
  assert.equal((ntpMiddle32(1_700_000_003_500) - ntpMiddle32(1_700_000_000_000)) >>> 0, 3.5 * 65_536);
});

test('a CNAME over 255 bytes is refused', () => {
  assert.throws(() => createReportWriter('ö'.repeat(128)), RangeError);
});
