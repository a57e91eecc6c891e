import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseRtcp } from '../../../../src/core/rtcp/compound.js';
import { block, bytes, cases, info, pli, receiverReport, remb, sourceDescription } from './rtcp-cases.js';

for (const [name, packet, items] of cases) {
  test(`${name} is read alone (reduced size) and among others`, () => {
    assert.deepEqual(parseRtcp(packet), items);
    const compound = Buffer.concat([receiverReport, sourceDescription, packet, pli]);
    const [report, ...others] = parseRtcp(compound);
    assert.deepEqual(report, { kind: 'receiverReport', blocks: [block] });
    assert.deepEqual(others, [...items, { kind: 'pli', mediaSsrc: 0x1111_1111 }]);
  });

  test(`${name} that is cut off anywhere gives WireError`, () => {
    for (let length = 0; length < packet.length; length += 1) {
      assert.throws(() => parseRtcp(packet.subarray(0, length)), WireError, `${length} bytes`);
    }
  });
}

test('what another implementation writes is read', () => {
  const senderInfo = new RtcpSenderInfo({ ntpTimestamp: 1n, rtpTimestamp: 2, packetCount: 3, octetCount: 4 });
  const reports = [new RtcpReceiverInfo(info)];
  const feedback = { senderSsrc: 9, mediaSourceSsrc: 0x1111_1111 };
  const packets = [
    new RtcpSrPacket({ ssrc: 9, senderInfo, reports }).serialize(),
    new RtcpRrPacket({ ssrc: 9, reports }).serialize(),
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ ...feedback, lost: [65_534, 65_535, 3, 900] }),
    }).serialize(),
    new RtcpPayloadSpecificFeedback({
      feedback: new PictureLossIndication({ ...feedback, mediaSsrc: 0x1111_1111 }),
    }).serialize(),
  ];
  assert.deepEqual(parseRtcp(Buffer.concat(packets)), [
    { kind: 'receiverReport', blocks: [block] },
    { kind: 'receiverReport', blocks: [block] },
    { kind: 'nack', mediaSsrc: 0x1111_1111, sequences: [65_534, 65_535, 3, 900] },
    { kind: 'pli', mediaSsrc: 0x1111_1111 },
  ]);
  const estimate = ReceiverEstimatedMaxBitrate.deSerialize(Buffer.from(remb.subarray(4)));
  assert.deepEqual(parseRtcp(remb), [{ kind: 'remb', bitrateBps: Number(estimate.bitrate) }]);
});

test('packets that came twice make the count of lost ones negative', () => {
  const packet = Uint8Array.from(receiverReport);
  packet.set([0xff, 0xff, 0xfe], 13);
  const [item] = parseRtcp(packet);
  assert.equal(item?.kind === 'receiverReport' ? item.blocks[0]?.cumulativeLost : null, -2);
});

test('the largest exponent of an estimate is a number all the same', () => {
  const packet = Uint8Array.from(remb);
  packet.set([0xff, 0xff, 0xff], 17);
  assert.deepEqual(parseRtcp(packet), [{ kind: 'remb', bitrateBps: 0x3_ffff * 2 ** 63 }]);
});

test('padding is no part of what is asked for', () => {
  const padded = bytes('a1 cd 0005 deadbeef 11111111 00640000 00000000 00000008');
  assert.deepEqual(parseRtcp(padded), [{ kind: 'nack', mediaSsrc: 0x1111_1111, sequences: [100] }]);
  for (const count of [0, 3, 20, 24, 255]) {
    padded.set([count], padded.length - 1);
    assert.throws(() => parseRtcp(padded), WireError, `${count}`);
  }
});

test('bytes of another version, or more than a packet can have, give WireError', () => {
  assert.throws(() => parseRtcp(bytes('41 ce 0002 deadbeef 11111111')), WireError);
  const many = Buffer.concat(Array.from({ length: 171 }, () => pli));
  assert.throws(() => parseRtcp(many), WireError);
  assert.equal(parseRtcp(many.subarray(0, 170 * 12)).length, 170);
});

test('random bytes and damaged packets give items or WireError, never anything else', () => {
  const read = (packet: Uint8Array): void => {
    try {
      for (const item of parseRtcp(packet))
        assert.ok(item.kind !== 'nack' || item.sequences.length <= packet.length * 17);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  };
  const whole = Buffer.concat(cases.map(([, packet]) => packet));
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read));
  fc.assert(
    fc.property(damage, fc.nat(whole.length), (changes, from) => {
      const packet = Uint8Array.from(whole);
      for (const [at, value] of changes) packet[at] = value;
      read(packet.subarray(from));
      read(packet);
    }),
    { numRuns: 2000 },
  );
});
