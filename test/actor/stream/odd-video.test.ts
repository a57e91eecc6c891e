/** Sources that other readers forgive give the same packets as the plain one: H264 and HEVC, from tags to RTP. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createVideoPath } from '../../../actors/stream/video-path.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { joinNals, NalFraming } from '../../../src/core/access-unit/nal-framing.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { makeVideoTags } from '../../support/media/coded-video.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { deadVideo, oddVideo } from '../../support/source/odd-video.js';

const { media } = settingsSchema.parse({});

interface Packed {
  /** "time marker payload" of each packet. */
  readonly packets: readonly string[];
  readonly gopStarts: number;
  readonly sizes: readonly string[];
  readonly unusable: readonly string[];
  readonly kinds: readonly string[];
}

/** As the stream's actor works them off. */
function pack(tags: readonly FlvTag[]): Packed {
  const history = createRtpHistory({ maxBytes: 4_000_000, maxPackets: 8192 });
  const packets: string[] = [];
  const [sizes, unusable, kinds]: [string[], string[], string[]] = [[], [], []];
  let gopStarts = 0;
  let from = 0;
  const path = createVideoPath({
    history,
    settings: media,
    rtpTime: (mediaMs) => Math.round(mediaMs * 90) >>> 0,
    decodes: async () => true,
    openThread: () => new Promise(() => {}),
    log: (_level, event, fields = {}) => event === 'video.path' && kinds.push(String(fields.path)),
    onInfo: (info) => sizes.push(`${info?.width}x${info?.height}`),
    onUnit: () => {},
    onAccessUnit() {
      if (history.gopStart === from) gopStarts += 1;
      for (; from < history.end; from += 1) {
        const payload = Buffer.from(history.payload(from)).toString('hex');
        packets.push(`${history.rtpTs(from)} ${history.marker(from)} ${payload}`);
      }
    },
    onChange: () => {},
    onUsed: () => {},
    onUnusable: (code) => unusable.push(code),
  });
  for (const { timestampMs, body } of tags) path.receive(parseVideoTag(body), () => timestampMs);
  path.newSession();
  path.close();
  return { packets, gopStarts, sizes, unusable, kinds };
}

const making = { width: 320, height: 180, frames: 60, gop: 20 } as const;
const sources = [
  { codec: 'H264', making: { ...making, codec: 'H264', options: { 'x264-params': 'slices=4' } } },
  { codec: 'HEVC', making: { ...making, codec: 'HEVC' } },
] as const;
const plain = new Map<string, readonly FlvTag[]>();
before(async () => {
  for (const { codec, making: made } of sources) plain.set(codec, await makeVideoTags(made));
});

for (const { codec } of sources) {
  for (const [what, edit] of Object.entries(oddVideo)) {
    test(`${codec}, ${what}: the packets of the plain source`, () => {
      const tags = plain.get(codec) ?? [];
      const expected = pack(tags);
      assert.deepEqual([expected.gopStarts, expected.sizes, expected.kinds], [3, ['320x180'], ['pass']]);
      const got = pack(edit(tags));
      assert.deepEqual(got.packets.length, expected.packets.length);
      assert.deepEqual(got, expected);
    });
  }

  test(`${codec}, two pictures in a message: both are sent, one after the other`, () => {
    const tags = plain.get(codec) ?? [];
    const ofKind = (kind: string) => tags.filter(({ body }) => parseVideoTag(body).kind === kind);
    const frames = ofKind('frame');
    const pairs = frames.flatMap((tag, n) => {
      const next = frames[n + 1];
      const read = next === undefined ? null : parseVideoTag(next.body);
      if (n % 2 === 1 || read?.kind !== 'frame') return [];
      return [{ ...tag, body: Uint8Array.of(...tag.body, ...read.data) }];
    });
    const got = pack([...ofKind('config'), ...pairs]);
    const withoutTime = (packets: readonly string[]) => packets.map((packet) => packet.slice(packet.indexOf(' ')));
    assert.deepEqual(withoutTime(got.packets), withoutTime(pack(tags).packets));
    const times = got.packets.map((packet) => Number(packet.split(' ')[0]));
    assert.ok(times.every((time, n) => time >= (times[n - 1] ?? 0)));
    assert.equal(new Set(times).size, making.frames);
  });

  for (const [what, { code, edit }] of Object.entries(deadVideo)) {
    test(`${codec}, ${what}: ${code}`, () => {
      const tags = edit(plain.get(codec) ?? []);
      const { packets, unusable } = packOrNote(tags);
      assert.deepEqual([packets.length, [...new Set(unusable)]], [0, [code]]);
    });
  }
}

/** What the demuxer makes of what cannot be read is told as a reason too. */
function packOrNote(tags: readonly FlvTag[]): Pick<Packed, 'packets' | 'unusable'> {
  try {
    return pack(tags);
  } catch {
    return { packets: [], unusable: ['source.unreadableVideo'] };
  }
}

test('another size among the frames of one stream is the size of the stream from its first keyframe on', async () => {
  const [small, large] = await Promise.all(
    [320, 640].map((width) => makeVideoTags({ codec: 'H264', width, height: (width * 9) / 16, frames: 20, gop: 10 })),
  );
  const bring = oddVideo['no sequence header'] ?? ((tags: readonly FlvTag[]) => tags);
  const { sizes, packets } = pack([
    ...bring(small ?? []),
    ...bring(large ?? []).map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 1000 })),
  ]);
  assert.deepEqual(sizes, ['320x180', '640x360']);
  assert.ok(packets.length >= 40);
});

/** recovery_poc_cnt 0 (H.265 D.2.8): x265 refreshes by columns, and does not say where. */
const hevcRecovery = Uint8Array.of(0x4e, 0x01, 0x06, 0x01, 0x80, 0x80);
const lengthOf = (nal: Uint8Array): readonly number[] => [0, 0, nal.length >> 8, nal.length & 255];

/** Recovery points and nothing else: intra refresh, of which the source's first picture was missed (P2). */
for (const { codec, options, sei } of [
  { codec: 'H264', options: { 'x264-params': 'intra-refresh=1' }, sei: null },
  {
    codec: 'HEVC',
    options: { 'x265-params': 'log-level=none:keyint=900:bframes=0:pools=1:frame-threads=1' },
    sei: hevcRecovery,
  },
] as const) {
  test(`${codec}, recovery points and no picture that browsers begin with: it is encoded, and nothing else is begun with`, async () => {
    const tags = await makeVideoTags({
      codec,
      width: 320,
      height: 180,
      frames: 90,
      gop: sei === null ? 20 : 900,
      options,
    });
    const frames = tags.filter(({ body }) => parseVideoTag(body).kind === 'frame').slice(10);
    const marked = frames.map((tag, n) => {
      const read = parseVideoTag(tag.body);
      if (sei === null || n % 20 !== 15 || read.kind !== 'frame') return tag;
      const head = tag.body.subarray(0, tag.body.length - read.data.length);
      return { ...tag, body: Uint8Array.of(...head, ...lengthOf(sei), ...sei, ...read.data) };
    });
    const { kinds, gopStarts, unusable } = pack([
      ...tags.filter((tag) => parseVideoTag(tag.body).kind === 'config'),
      ...marked,
    ]);
    assert.deepEqual([kinds, gopStarts], [['pass', 'reencode'], 0]);
    // Until the first recovery point nothing can be begun with.
    assert.deepEqual([...new Set(unusable)], ['source.noKeyframe']);
    assert.ok(unusable.length < 40, `${unusable.length}`);
  });
}

test('a stream without any picture that decoding can begin with says so', () => {
  const tags = plain.get('H264') ?? [];
  const isKey = ({ body }: FlvTag): boolean => {
    const read = parseVideoTag(body);
    return read.kind === 'frame' && read.isKeyframe;
  };
  const { unusable, gopStarts } = pack(tags.filter((tag) => !isKey(tag)));
  assert.deepEqual([[...new Set(unusable)], gopStarts], [['source.noKeyframe'], 0]);
});

/** Slices last to first in each picture of H.264 (Baseline's arbitrary slice order), in one message or in one for each. */
const backwards = (tags: readonly FlvTag[], isApart: boolean): readonly FlvTag[] =>
  tags.flatMap((tag) => {
    const read = parseVideoTag(tag.body);
    if (read.kind !== 'frame') return [tag];
    const slices = new NalFraming(4, () => true).read(read.data).nals.filter(([first = 0]) => (first & 31) <= 5);
    const groups = isApart ? slices.toReversed().map((nal) => [nal]) : [slices.toReversed()];
    return groups.map((nals) => ({ ...tag, body: Uint8Array.of(...tag.body.subarray(0, 5), ...joinNals(nals)) }));
  });

test('slices in any order are put into that of their macroblocks, which alone browsers decode', async () => {
  const tags = await makeVideoTags({ ...making, codec: 'H264', options: { 'x264-params': 'slices=4' } });
  const plain = pack(tags);
  for (const isApart of [false, true]) {
    const { packets, unusable } = pack(backwards(tags, isApart));
    assert.deepEqual([packets, unusable], [plain.packets, []], isApart ? 'apart' : 'together');
  }
});
