/** Viewers of one stream hear it in different forms, each on its own clock, on the stream's own thread and on a further one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AudioEncoding } from '../../../src/core/codec/audio-encoding.js';
import { setAudienceStage } from '../../support/fanout/audience-stage.js';
import { markOf } from '../../support/rtp/marked-packets.js';
import { until } from '../../support/until.js';
import { chromiumOffer } from '../../support/viewer/offers.js';
import type { StreamViewer } from '../../support/viewer/stream-viewer.js';

const offering = (formats: string): string => chromiumOffer.replace(/^(m=audio \d+ \S+) .*$/m, `$1 ${formats}`);
const ntpEpochMs = 2_208_988_800_000;
const clockHz: Readonly<Record<AudioEncoding, number>> = { Opus: 48_000, PCMA: 8000, PCMU: 8000 };

for (const fanout of ['native', 'js'] as const) {
  test(`${fanout}: each hears its own encoding under its own type, and gets the time by that encoding's clock`, async (t) => {
    const stage = setAudienceStage(t, { perShard: 3, maxShards: 1, fanout });
    stage.show(3, true);
    const guests: { encoding: AudioEncoding; type: number; guest: StreamViewer }[] = [];
    // Three for the stream's own thread, and three for a further one.
    for (const [encoding, type, formats] of [
      ['Opus', 111, '111 0 8'],
      ['PCMU', 0, '0 8'],
      ['PCMA', 8, '8'],
      ['PCMA', 8, '8'],
      ['PCMU', 0, '0'],
      ['Opus', 111, '8 111'],
    ] as const) {
      guests.push({
        encoding,
        type,
        guest: await stage.enter(`viewer ${guests.length}`, { offerSdp: offering(formats) }),
      });
    }
    assert.equal(new Set(guests.map(({ guest }) => guest.port)).size, 2);
    const [opus, mu, a] = [5, 7, 9];
    stage.sing('Opus', opus);
    stage.sing('PCMU', mu);
    stage.sing('PCMA', a);
    stage.show(2);
    const counts = { Opus: opus, PCMU: mu, PCMA: a };
    for (const { encoding, type, guest } of guests) {
      await guest.whenVideo(5);
      const packets = await until(`${encoding} whole`, () =>
        guest.audio().length >= counts[encoding] ? guest.audio() : undefined,
      );
      assert.deepEqual(
        packets.map(({ payload, payloadType }) => [markOf(payload), payloadType]),
        Array.from({ length: counts[encoding] }, (_, n) => [n, type]),
      );
      const [report] = await until('a report', () =>
        guest.senderReports('audio').length > 0 ? guest.senderReports('audio') : undefined,
      );
      const mediaMs = (report?.ntpMs ?? 0) - ntpEpochMs - stage.lagMs;
      const expected = stage.offsets.audio + (mediaMs * clockHz[encoding]) / 1000;
      const offMs = (((report?.rtpTs ?? 0) - expected) | 0) / (clockHz[encoding] / 1000);
      assert.ok(Math.abs(offMs) < 1, `the report of ${encoding} is ${offMs} ms off`);
    }
    const { viewers } = await stage.audience.stats();
    assert.deepEqual(
      viewers.map(({ viewerId, audioCodec }) => [viewerId, audioCodec]).sort(),
      guests.map(({ encoding }, n) => [`viewer ${n}`, encoding]),
    );
  });
}

test('an encoding is wanted from its first viewer to its last', async (t) => {
  const stage = setAudienceStage(t, { perShard: 10, maxShards: 0 });
  stage.show(3, true);
  await stage.enter('a', { offerSdp: offering('0') });
  await stage.enter('b', { offerSdp: offering('8') });
  const last = (): readonly AudioEncoding[] => stage.wanted.at(-1) ?? [];
  // Once their video is on its way.
  await until('both are wanted', () => [...last()].sort().join() === 'PCMA,PCMU');
  await stage.enter('c', { offerSdp: offering('0') });
  await stage.audience.leave('a', 'viewer');
  assert.deepEqual([...last()].sort(), ['PCMA', 'PCMU']);
  await stage.audience.leave('c', 'viewer');
  assert.deepEqual(last(), ['PCMA']);
  await stage.audience.leave('b', 'viewer');
  assert.deepEqual(last(), []);
});

test('a viewer that takes no encoding of the audio that can be made sees the video, and the statistics say so', async (t) => {
  const stage = setAudienceStage(t, { perShard: 10, maxShards: 0 });
  stage.show(3, true);
  // The m-line that is refused carries no transport: the video's own has to be the tagged one.
  const [session = '', audio = '', video = ''] = offering('9').split(/^(?=m=)/m);
  const guest = await stage.enter('deaf', { offerSdp: `${session.replace('BUNDLE 0 1', 'BUNDLE 1')}${audio}${video}` });
  await guest.whenVideo(3);
  const { viewers } = await stage.audience.stats();
  assert.deepEqual(
    viewers.map(({ viewerId, audioCodec, connected }) => [viewerId, audioCodec, connected]),
    [['deaf', null, true]],
  );
  assert.deepEqual(stage.wanted, []);
});
