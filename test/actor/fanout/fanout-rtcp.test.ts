/** RTCP to a viewer: both fan-outs under the same tests, to the byte what TypeScript's SRTCP makes of it. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createSrtpSender, maxRtcpIndex } from '../../../src/core/srtp/srtp.js';
import { implementations, profiles, setUp } from '../../support/fanout/fanout-stage.js';
import { writeNack, writePli } from '../../support/rtp/rtcp-writer.js';

for (const { name, create } of implementations) {
  for (const profile of profiles) {
    test(`${name}, ${profile}: RTCP is protected under indices that run on, up to the last there is`, async (t) => {
      const { fanout, add } = await setUp(t, create);
      const { options } = await add(profile);
      const sink = createSocket('udp4');
      sink.bind(0, '127.0.0.1');
      await once(sink, 'listening');
      t.after(() => sink.close());
      const came: string[] = [];
      sink.on('message', (datagram: Buffer) => came.push(datagram.toString('hex')));
      const route = options.route();
      assert.ok(route !== null);
      const { port } = sink.address();
      const sender = createSocket('udp4');
      t.after(() => sender.close());
      const numbers = new SessionNumbers();
      const subscriber = fanout.add({
        ...options,
        numbers,
        route: () => ({ ...route, port }),
        send(datagram) {
          sender.send(datagram, port, '127.0.0.1');
          return true;
        },
      });
      const packets = [writePli(7), writeNack(8, 1), Buffer.from([0x80, 201, 0, 1, 1, 2, 3, 4]), writePli(9)];
      const theirs = createSrtpSender(profile, options.keys.localKey, options.keys.localSalt);
      const sealed = packets.map((packet, n) => Buffer.from(theirs.protectRtcp(packet, n + 1)).toString('hex'));
      for (const packet of packets) assert.equal(subscriber.sendRtcp(packet), true);
      while (came.length < packets.length) await once(sink, 'message');
      // Sent by one socket, in order.
      assert.deepEqual(came, sealed);
      assert.equal(numbers.rtcpIndex, packets.length);
      numbers.rtcpIndex = maxRtcpIndex - 1;
      assert.deepEqual([subscriber.sendRtcp(writePli(7)), subscriber.sendRtcp(writePli(7))], [true, false]);
      assert.equal(numbers.rtcpIndex, maxRtcpIndex);
    });
  }
}
