/** Viewers that share a rendition, and one of them that cannot follow it, or says so. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createEncodings } from '../../../actors/viewers/encodings.js';
import { DepartedTotals } from '../../../actors/viewers/sent-totals.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { type Estimates, followed } from '../../../src/core/bandwidth/shared-estimate.js';
import { ofEachEncoding } from '../../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../../src/core/codec/video-encoding.js';
import { createRtpHistory, type RtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { setAudienceStage } from '../../support/fanout/audience-stage.js';
import { appendMarked } from '../../support/rtp/marked-packets.js';
import { writeRemb } from '../../support/rtp/remb-writer.js';
import { randomSrtpKeys } from '../../support/rtp/rtp-receiver.js';
import { until } from '../../support/until.js';
import { assertNoGap } from '../../support/viewer/stream-viewer.js';

const { media } = settingsSchema.parse({});
const videoSsrc = 0x2222;
const track = { ssrc: videoSsrc, payloadType: 102, rtx: null };
const shared = {
  kind: 'rendition',
  codec: 'H264',
  isSingleNal: false,
  width: null,
  height: null,
  bitrateKbps: 2000,
  quality: null,
} as const;

interface Opened {
  readonly history: RtpHistory;
  readonly onAccessUnit: () => void;
  estimates: Estimates | null;
  isClosed: boolean;
}

interface Made {
  readonly history: RtpHistory;
  readonly onAccessUnit: () => void;
  bps: number | null;
}

/** Encodings whose renditions make a picture when told. */
function stageOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const logs = { maxBytes: 65_536, maxPackets: 512 };
  const opened = new Map<string, Opened>();
  const encodings = createEncodings({
    histories: { ...ofEachEncoding(() => createRtpHistory(logs)), video: createRtpHistory(logs) },
    nowMs: () => 0,
    wallMs: () => 0,
    rtpTimeAt: () => null,
    catchUp: 'gop',
    fanout: 'js',
    media,
    hasRoom: () => true,
    openRendition(spec, onAccessUnit) {
      const one: Opened = { history: createRtpHistory(logs), onAccessUnit, estimates: null, isClosed: false };
      opened.set(encodingKey({ kind: 'rendition', ...spec }), one);
      return {
        history: one.history,
        adapt(estimates) {
          one.estimates = estimates;
        },
        close() {
          one.isClosed = true;
        },
      };
    },
    sourceBps: () => 2_500_000,
    departed: new DepartedTotals(),
    log: () => {},
  });
  t.after(() => encodings.close());
  const join = () => {
    const keys = randomSrtpKeys('AEAD_AES_128_GCM');
    const slow: (readonly number[])[] = [];
    const common = { keys, numbers: new SessionNumbers(), route: () => null, audio: null, video: track, twccId: null };
    const tell = {
      send: () => true,
      onTooSlow: (...kbps: number[]) => slow.push(kbps),
      onUndecoded: () => {},
      standing: null,
    };
    const delivery = encodings.join({ ...common, ...tell }, shared, 'Opus');
    const say = (bps: number): void => {
      delivery.receiveRtcp(writeRemb(bps, videoSsrc), 0);
    };
    return { delivery, say, slow };
  };
  return { encodings, opened, join };
}

test('one that says it can take little lowers the others within a share, and is found too slow; they are not', (t) => {
  const { opened, join } = stageOf(t);
  const [first, second, liar] = [join(), join(), join()];
  first.say(3_000_000);
  second.say(3_000_000);
  liar.say(20_000);
  t.mock.timers.tick(1000);
  const { estimates } = opened.get(encodingKey(shared)) ?? assert.fail();
  assert.ok(estimates !== null && followed(estimates, false) >= 0.69 * 3_000_000);
  t.mock.timers.tick(8000);
  assert.deepEqual([first.slow, second.slow], [[], []]);
  assert.equal(liar.slow.length, 1);
  assert.deepEqual(liar.slow[0]?.map(Math.round), [20, 2100]);
});

test('alone it is followed all the way', (t) => {
  const { opened, join } = stageOf(t);
  const only = join();
  only.say(400_000);
  t.mock.timers.tick(10_000);
  const { estimates } = opened.get(encodingKey(shared)) ?? assert.fail();
  assert.ok(estimates !== null);
  assert.ok(Math.abs(followed(estimates, false) - 400_000) < 1000);
  assert.deepEqual(only.slow, []);
});

test('a lower step is one for all who cannot follow, and taken when it has a picture', (t) => {
  const { encodings, opened, join } = stageOf(t);
  join();
  const steps: VideoEncoding[] = [];
  const ask = (): void => encodings.prepareLower(shared, 'Opus', (step) => steps.push(step));
  ask();
  ask();
  const [, [key, lower] = assert.fail()] = [...opened];
  assert.equal(opened.size, 2, key);
  assert.equal(key, 'H264 *x* 1000 * lower');
  assert.deepEqual(steps, [], 'it has no picture yet');
  lower.history.append({ payloadBytes: 10, rtpTs: 0, marker: true, startsGop: true });
  lower.onAccessUnit();
  assert.equal(steps.length, 2);
  ask();
  assert.deepEqual([...new Set(steps.map(encodingKey))], [key]);
  assert.equal(steps.length, 3, 'at once');
});

test('a lower step that gets no picture is given up, and nobody is moved', (t) => {
  const { encodings, opened, join } = stageOf(t);
  join();
  encodings.prepareLower(shared, 'Opus', () => assert.fail('there is no picture'));
  t.mock.timers.tick(6000);
  assert.deepEqual(
    [...opened.values()].map(({ isClosed }) => isClosed),
    [false, true],
  );
});

test('a viewer that keeps saying so is moved without a gap; it stays with the step, and the others where they are', async (t) => {
  const made = new Map<string, Made>();
  const stage = setAudienceStage(t, {
    perShard: 100,
    maxShards: 0,
    openRendition(spec, history, onFrame) {
      const frame = { codec: 'VP8', data: new Uint8Array(), isKeyframe: true, pts90k: 0 } as const;
      const one: Made = { history, onAccessUnit: () => onFrame(frame), bps: null };
      made.set(spec.isLowerStep === true ? 'lower' : 'full', one);
      const stats = { bitrateKbps: 0, encodeMeanMs: null, skipped: 0, behind: 0, decodeErrors: 0, failure: null };
      return {
        configure: () => {},
        push: () => {},
        adapt: (bps) => void Object.assign(one, { bps }),
        close: () => {},
        stats,
        trouble: null,
      };
    },
  });
  const shows = setInterval(() => {
    for (const { history, onAccessUnit } of made.values()) {
      appendMarked(history, 1100, true);
      onAccessUnit();
    }
  }, 100);
  t.after(() => clearInterval(shows));
  const [first, second, liar] = await Promise.all(['first', 'second', 'liar'].map((id) => stage.enter(id)));
  for (const one of [first, second, liar]) await one?.whenVideo(1);
  first?.remb(3_000_000);
  second?.remb(3_000_000);
  liar?.remb(50_000);
  const lowered = () => stage.events.filter(({ kind }) => kind === 'viewer.lowered');
  await until('it is lowered', () => lowered().length > 0, 20_000);
  assert.ok((made.get('full')?.bps ?? 0) > 2_000_000, 'the others keep what they have');
  const before = liar?.video().length ?? 0;
  await liar?.whenVideo(before + 10);
  assertNoGap(liar?.video() ?? []);
  liar?.remb(50_000);
  await until('the step follows it', () => (made.get('lower')?.bps ?? Number.POSITIVE_INFINITY) < 60_000);
  assert.deepEqual(
    lowered().map((event) => ('viewerId' in event ? event.viewerId : '')),
    ['liar'],
  );
  const { renditions } = await stage.audience.stats();
  assert.deepEqual(
    renditions.map(({ encoding, viewers }) => [encoding.endsWith('lower'), viewers]),
    [
      [false, 2],
      [true, 1],
    ],
  );
});
