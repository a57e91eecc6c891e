/** What the first viewer of an idle stream sets off: a GOP of 4 s that was kept as it came becomes packets. */

import { createDemuxer } from '../../../actors/stream/demuxer.js';
import { IdleGop } from '../../../actors/stream/idle-gop.js';
import { createVideoPath } from '../../../actors/stream/video-path.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { rtpTime } from '../../../src/core/rtp/rtp-time.js';
import { newLine } from '../../../src/core/timeline/stream-timeline.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const gopFrames = 120;
const bitrateKbps = 5000;
const maxBytes = 16_777_216;
/** By then V8 has compiled what runs often; before, it does so meanwhile. */
const rounds = { cold: 20, all: 200, warm: 40 } as const;

/** 1080p30: its headers, and one GOP. */
function encodeGop(): readonly FlvTag[] {
  const size = ['-f', 'lavfi', '-i', `testsrc2=size=1920x1080:rate=30:duration=${gopFrames / 30}`];
  const coder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(gopFrames), '-pix_fmt', 'yuv420p'];
  const rate = ['-b:v', `${bitrateKbps}k`, '-minrate', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`];
  return encodeFlv([...size, ...coder, ...rate, '-bufsize', `${bitrateKbps}k`, '-x264-params', 'nal-hrd=cbr']);
}

/** A stream that has seen one of each kind of tag, and has kept a GOP since. */
function openIdle(tags: readonly FlvTag[]) {
  const history = createRtpHistory({ maxBytes, maxPackets: 65_536 });
  const nowMs = (): number => performance.now();
  const never = (): never => {
    throw new Error('nobody asks for it here');
  };
  const video = createVideoPath({
    history,
    settings: { ...settingsSchema.parse({}).media, gopCacheBytes: maxBytes },
    rtpTime: (mediaMs) => rtpTime(mediaMs, 90_000, 0),
    decodes: async () => true,
    openThread: never,
    log: () => {},
    onInfo: () => {},
    onUnit: () => {},
    onAccessUnit: () => {},
    onChange: () => {},
    onUsed: () => {},
    onUnusable: never,
  });
  const demuxer = createDemuxer({
    spec: { hasAudio: false, hasVideo: true },
    line: newLine(),
    rtmp: { maxTrackOffsetMs: 1500 },
    video,
    audio: { receive: never, describe: never },
    knowledge: { heard: never, promiseVideo: () => {} },
    health: { announced: () => {}, came: never, unusable: never, paced: () => {} },
    post: () => {},
    nowMs,
    wallMs: nowMs,
    log: () => {},
  });
  const gop = new IdleGop({
    maxBytes,
    isIdle: () => video.isSettled,
    glance: (message) => demuxer.glance(message),
    pass: (message, arrivedMs) => gop.passed(message, demuxer.receive(message, arrivedMs)),
    onLeft: () => {},
    onFlush: video.expect,
    onGap: video.forgetGop,
    onDropped: () => {},
  });
  // The first round shows the kinds, the second is kept.
  for (let round = 0; round < 2; round += 1) {
    for (const { track, timestampMs, body } of tags) {
      if (track === 'video') gop.receive({ track, timestampMs: timestampMs + round * 4000, body }, nowMs());
    }
  }
  return { gop, history };
}

export function measureWaking() {
  const tags = encodeGop();
  const tookMs: number[] = [];
  let packets = 0;
  let keptBytes = 0;
  for (let round = 0; round < rounds.all; round += 1) {
    const { gop, history } = openIdle(tags);
    keptBytes = gop.heldBytes;
    const startMs = performance.now();
    gop.flush();
    tookMs.push(performance.now() - startMs);
    packets = history.end - (history.gopStart ?? history.end);
  }
  const [firstMs = 0, ...later] = tookMs;
  return {
    keptBytes,
    packets,
    firstMs,
    medianMs: medianOf(later.slice(0, rounds.cold - 1)),
    warmMs: medianOf(later.slice(-rounds.warm)),
  };
}

const medianOf = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0;
