/** A viewer that sends rubbish, repeats itself and asks for everything again (docs/reliability.md S7): its answers are bounded. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { createDistributor } from '../../../actors/fanout/distributor.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createReportWriter } from '../../../src/core/rtcp/sender-report.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { createSrtpSender } from '../../../src/core/srtp/srtp.js';
import { afterwards, join, openStage } from '../../support/fanout/endpoint-stage.js';
import { appendMarked } from '../../support/rtp/marked-packets.js';
import { writeNack, writePli } from '../../support/rtp/rtcp-writer.js';

const videoSsrc = 0x2222;
const packetsPerFrame = 9;
const frameMs = 33;
const frames = 75;
const gopFrames = 30;

for (const kind of ['js', 'native'] as const) {
  test(`${kind}: 10,000 bad, repeated and greedy RTCP packets cost at most three times the media, and end nothing`, async () => {
    const stage = await openStage({ fanout: kind });
    let media = 0;
    const guest = await join(stage, 'viewer', {
      onMedia(datagram) {
        if ((datagram[1] ?? 0) < 192 || (datagram[1] ?? 0) > 223) media += 1;
      },
    });
    const { client, transport, credentials } = guest;
    afterwards(guest);
    const histories = {
      audio: createRtpHistory({ maxBytes: 65_536, maxPackets: 512 }),
      video: createRtpHistory({ maxBytes: 4_194_304, maxPackets: 4096 }),
    };
    const fanout = createFanout(kind, histories);
    const distributor = createDistributor({
      audioHistory: histories.audio,
      audioClockHz: 48_000,
      videoHistory: histories.video,
      nowMs: () => performance.now(),
      wallMs: Date.now,
      fanout,
      joinPaceMs: 30,
      isSourceVideo: true,
      catchUp: 'gop',
      writeReport: createReportWriter('sluice'),
      rtpTimeAt: () => 0,
      hasRoom: () => true,
    });
    const keys = stage.keys.get('viewer') ?? assert.fail('no keys');
    const subscription = distributor.join(
      {
        keys,
        numbers: new SessionNumbers(),
        send: transport.send,
        route: transport.route,
        audio: null,
        twcc: null,
        video: { ssrc: videoSsrc, payloadType: 102, rtx: null },
      },
      null,
    );
    const ours = client.dtls.extractSessionKeys(16, 12);
    const srtcp = createSrtpSender('AEAD_AES_128_GCM', ours.localKey, ours.localSalt);
    let index = 0;
    const sealed = (packet: Buffer): Buffer => {
      index += 1;
      return srtcp.protectRtcp(packet, index);
    };
    const replayed = sealed(writePli(videoSsrc));
    const isRtcp = Buffer.from([0x81, 205]);
    let handled = 0;
    const hostile = (n: number): Buffer => {
      if (n % 4 === 0) return Buffer.concat([isRtcp, randomBytes(60)]);
      if (n % 4 === 1) return replayed;
      // All packets there can be, seventeen at a time.
      return sealed(n % 16 === 2 ? writePli(videoSsrc) : writeNack(videoSsrc, (n * 17) & 0xffff, 0xffff));
    };
    for (let frame = 0, sent = 0; frame < frames; frame += 1) {
      const isKey = frame % gopFrames === 0;
      for (let n = 0; n < packetsPerFrame; n += 1) appendMarked(histories.video, 1000, isKey && n === 0);
      distributor.published('video');
      for (const end = ((frame + 1) * 10_000) / frames; sent < end; sent += 1) client.send(hostile(sent));
      await delay(frameMs);
      for (; handled < stage.rtcp.length; handled += 1) {
        subscription.receiveRtcp(stage.rtcp[handled] ?? Buffer.alloc(0), 0);
      }
    }
    await client.check(credentials);
    const published = frames * packetsPerFrame;
    // Fifty in a quarter of a second are opened, authentic or not.
    assert.ok(handled > 50 && handled < 1000, `${handled} came`);
    assert.ok(media >= published, `${media} of ${published} packets`);
    assert.ok(media <= 3 * published + gopFrames * packetsPerFrame, `${media} packets for ${published}`);
    assert.ok(subscription.stats.packetsResent <= 2 * published);
    assert.equal(stage.ended.size, 0);
    distributor.close();
    await stage.endpoint.close();
  });
}
