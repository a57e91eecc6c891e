import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createEncodings } from '../../../actors/viewers/encodings.js';
import { DepartedTotals } from '../../../actors/viewers/sent-totals.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { followed } from '../../../src/core/bandwidth/shared-estimate.js';
import { ofEachEncoding } from '../../../src/core/codec/audio-encoding.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { writeRemb } from '../../support/rtp/remb-writer.js';
import { randomSrtpKeys } from '../../support/rtp/rtp-receiver.js';
import { writeTwccFeedback } from '../../support/rtp/twcc-writer.js';

const settings = settingsSchema.parse({});
const videoSsrc = 0x2222;

test('a viewer that reports for eight seconds that it cannot receive the source is noticed, and moved it goes on without a gap', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const logs = { maxBytes: 65_536, maxPackets: 512 };
  const sourceHistory = createRtpHistory(logs);
  const renditionHistory = createRtpHistory(logs);
  const tooSlow: unknown[] = [];
  const undecoded: number[] = [];
  let now = 0;
  const adapted: (number | null)[] = [];
  let onRenditionFrame = (): void => {};
  const encodings = createEncodings({
    histories: { ...ofEachEncoding(() => createRtpHistory(logs)), video: sourceHistory },
    nowMs: () => now,
    wallMs: () => 0,
    rtpTimeAt: () => null,
    catchUp: 'gop',
    fanout: 'js',
    media: settings.media,
    hasRoom: () => true,
    openRendition(_spec, onAccessUnit) {
      onRenditionFrame = onAccessUnit;
      return {
        history: renditionHistory,
        adapt: (estimates) => adapted.push(estimates && followed(estimates, false)),
        close: () => {},
      };
    },
    sourceBps: () => 2_500_000,
    departed: new DepartedTotals(),
    log: () => {},
  });
  t.after(() => encodings.close());
  const keys = randomSrtpKeys('AEAD_AES_128_GCM');
  const sent: Uint8Array[] = [];
  const send = (datagram: Uint8Array): boolean => sent.push(datagram) > 0;
  const video = { ssrc: videoSsrc, payloadType: 102, rtx: null };
  const delivery = encodings.join(
    {
      keys,
      numbers: new SessionNumbers(),
      send,
      route: () => null,
      audio: null,
      video,
      twccId: 3,
      onTooSlow: (...kbps) => tooSlow.push(kbps),
      onUndecoded: () => undecoded.push(now),
      standing: null,
    },
    { kind: 'source' },
    'Opus',
  );
  const report = (bps: number): void => delivery.receiveRtcp(writeRemb(bps, videoSsrc), 0);

  report(1_000_000);
  t.mock.timers.tick(7000);
  assert.deepEqual(tooSlow, []);
  report(3_000_000);
  t.mock.timers.tick(7000);
  report(1_000_000);
  t.mock.timers.tick(8000);
  assert.deepEqual(tooSlow, [[1000, 2500]]);

  const wish = { width: null, height: null, bitrateKbps: 500, quality: null };
  sourceHistory.append({ payloadBytes: 10, rtpTs: 0, marker: true, startsGop: true });
  encodings.published('video');
  const isRtcp = (datagram: Uint8Array): boolean => (datagram[1] ?? 0) >= 200 && (datagram[1] ?? 0) <= 206;
  const before = sent.filter((datagram) => !isRtcp(datagram)).length;
  assert.equal(before, 1);
  delivery.move({ kind: 'rendition', codec: 'H264', isSingleNal: false, ...wish }, video);
  assert.deepEqual(encodings.renditions, [{ encoding: 'H264 *x* 500 *', viewers: 1 }]);
  report(400_000);
  t.mock.timers.tick(1000);
  assert.equal(adapted.at(-1), 400_000);

  // Where a rendition follows, packets are numbered, and what the viewer tells of them counts before what it says.
  const media = () => sent.filter((datagram) => !isRtcp(datagram)).map((datagram) => datagram[0]);
  // RTP time never runs back: a keyframe that is no later than what the viewer was sent is none for it.
  for (const rtpTs of [0xffff_f000, 0]) {
    renditionHistory.append({ payloadBytes: 10, rtpTs, marker: true, startsGop: true });
    onRenditionFrame();
    assert.deepEqual(media(), [0x80]);
  }
  renditionHistory.append({ payloadBytes: 10, rtpTs: 3000, marker: true, startsGop: true });
  onRenditionFrame();
  assert.deepEqual(media(), [0x80, 0x90]);
  const twcc = { firstSequence: 0, reference64ms: 0, deltas: [4] };
  delivery.receiveRtcp(writeTwccFeedback(videoSsrc, twcc), 0);
  assert.equal(delivery.stats.estimateKind, 'transport-cc');
  t.mock.timers.tick(1000);
  const most = (1.5 * 500_000) / 0.85;
  assert.equal(adapted.at(-1), most);

  delivery.move({ kind: 'source' }, video);
  assert.equal(delivery.stats.estimateKind, null);
  sourceHistory.append({ payloadBytes: 10, rtpTs: 6000, marker: true, startsGop: true });
  encodings.published('video');
  assert.ok(media().length > 2);
  assert.deepEqual(
    [...new Set(media().slice(2))],
    [0x80],
    'and are as they were when the video of the source passes again',
  );

  // Who goes on asking for keyframes and loses nothing does not decode them (test/README.md, Field rows, P11).
  const pli = Buffer.alloc(12);
  pli.set([0x81, 206, 0, 2]);
  pli.writeUInt32BE(videoSsrc, 8);
  for (let second = 0; second < 15; second += 1) {
    now += 1000;
    delivery.receiveRtcp(pli, 0);
    t.mock.timers.tick(1000);
  }
  assert.equal(undecoded.length, 1, 'once');
  assert.deepEqual([delivery.stats.keyRequests, delivery.stats.cannotDecode], [15, true]);
});
