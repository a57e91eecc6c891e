/** Both fan-outs over packets that another thread writes, and writes over, at full speed meanwhile. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createPacketView } from '../../../src/core/rtp/packet-view.js';
import { markOf } from '../../support/rtp/marked-packets.js';
import type { FromPacketWriter } from '../../support/rtp/packet-writer.js';
import { openRtpReceiver, randomSrtpKeys } from '../../support/rtp/rtp-receiver.js';

const packets = 1_500_000;

for (const [kind, profile] of [
  ['js', 'AEAD_AES_128_GCM'],
  ['native', 'AEAD_AES_128_GCM'],
  ['native', 'AES_CM_128_HMAC_SHA1_80'],
] as const) {
  test(`${kind}, ${profile}: what was written over under way is not sent, and what is sent is whole`, async (t) => {
    const [audio, video] = [createPacketView(), createPacketView()];
    const fanout = createFanout(kind, { audio, video });
    const keys = randomSrtpKeys(profile);
    const receiver = await openRtpReceiver(keys);
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const writer = new Worker(new URL('../../support/rtp/packet-writer.js', import.meta.url), {
      workerData: { maxBytes: 40_000, maxPackets: 200, packets },
    });
    t.after(async () => {
      fanout.close();
      socket.close();
      receiver.close();
      await writer.terminate();
    });
    let isOver = false;
    writer.on('message', (message: FromPacketWriter) => {
      if (message.kind === 'over') isOver = true;
      else video.attach(message.memory, message.first);
    });
    await once(writer, 'message');
    const subscriber = fanout.add({
      onBlocked: () => {},
      keys,
      numbers: new SessionNumbers(),
      audio: null,
      video: { ssrc: 7, payloadType: 102, rtx: null },
      twcc: null,
      send(datagram) {
        socket.send(datagram, receiver.port, '127.0.0.1');
        return true;
      },
      route: () => ({
        localAddress: '127.0.0.1',
        localPort: socket.address().port,
        address: '127.0.0.1',
        port: receiver.port,
      }),
    });
    const track = subscriber.video ?? assert.fail('no video');
    let lost = 0;
    const sent = (): number => track.counts.packets;
    while (!isOver && sent() < 20_000) {
      video.refresh();
      // From the oldest: the one that the writer comes to next.
      track.seek(video.first);
      const due = Math.min(20, video.end - video.first);
      const before = sent();
      assert.equal(track.serve(due), true);
      if (sent() - before < due) lost += 1;
      await new Promise(setImmediate);
    }
    assert.ok(lost > 0, 'the writer was too slow for this test to show anything');
    const received = await receiver.packets(sent());
    assert.ok(received.length > 500, `${received.length} packets`);
    const [first] = received;
    for (const [n, { payload, timestamp, sequence }] of received.entries()) {
      assert.equal(timestamp, (markOf(payload) * 3000) >>> 0);
      assert.equal(sequence, ((first?.sequence ?? 0) + n) % 0x1_0000);
    }
  });
}
