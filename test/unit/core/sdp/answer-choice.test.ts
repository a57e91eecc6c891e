import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import type { CodecProfile } from '../../../../src/core/codec/codec-profile.js';
import type { VideoCodec } from '../../../../src/core/codec/video-codecs.js';
import type { AnswerOptions } from '../../../../src/core/sdp/answer.js';
import { parseOffer } from '../../../../src/core/sdp/parse-offer.js';
import { isSingleNalType, videoTypeFor } from '../../../../src/core/sdp/video-choice.js';
import { SluiceError } from '../../../../src/errors.js';
import { answer } from '../../../support/viewer/answers.js';
import {
  chromiumOffer,
  firefoxOffer,
  gstreamerOffer,
  sectionsOf,
  withMedia,
  withoutLines,
} from '../../../support/viewer/offers.js';

/** Types of codecs, without those that packets are sent again under. */
function typesOf(sdp: string): string | undefined {
  const formats = /^m=video \d+ \S+ (.*)\r$/m.exec(sdp)?.[1]?.split(' ');
  return formats?.filter((type) => !sdp.includes(`a=rtpmap:${type} rtx/`)).join(' ');
}

test('the H264 type of the source’s own profile goes first, else the one that every browser decodes', () => {
  const rows: readonly (readonly [string, string | null, string])[] = [
    [chromiumOffer, '42c01f', '108 102 116 41'],
    [chromiumOffer, '42e034', '108 102 116 41'],
    [chromiumOffer, '420028', '102 108 116 41'],
    [chromiumOffer, '4d401f', '116 108 102 41'],
    [chromiumOffer, '4D0029', '116 108 102 41'],
    [chromiumOffer, '640028', '108 102 116 41'],
    [chromiumOffer, 'f4001f', '41 108 102 116'],
    [chromiumOffer, null, '108 102 116 41'],
    [firefoxOffer, '4d401f', '126 105'],
    [firefoxOffer, '42001f', '105 126'],
  ];
  for (const [offer, profileLevelId, types] of rows) {
    const { sdp, video } = answer(offer, { video: [{ codec: 'H264', profileLevelId }] });
    assert.ok(typesOf(sdp)?.startsWith(`${types} `), `${profileLevelId}`);
    assert.equal(String(video?.payloadType), types.split(' ')[0]);
  }
});

const h264 = { codec: 'H264', profileLevelId: null } as const;
const vp8 = { codec: 'VP8' } as const;
/** As Chromium offers H265 where the machine decodes it, and as Safari does. */
const withH265 = (...formats: readonly string[]): string =>
  formats.reduce(
    (sdp, format, n) =>
      sdp
        .replace(/^(m=video 9 \S+) /m, `$1 ${51 + n} `)
        .replace(/^(a=rtpmap:96 )/m, `a=rtpmap:${51 + n} H265/90000\r\na=fmtp:${51 + n} ${format}\r\n$1`),
    chromiumOffer,
  );
const main = 'level-id=93;tx-mode=SRST';
const main10 = 'level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST';

/** The offer, the forms that can be sent, and which of them goes first, under which type. */
const cases: readonly (readonly [string, string, readonly CodecProfile[], VideoCodec, number])[] = [
  ['AV1 as it is', chromiumOffer, [{ codec: 'AV1', profile: 0 }, h264, vp8], 'AV1', 45],
  ['AV1 of the High profile', chromiumOffer, [{ codec: 'AV1', profile: 1 }, h264, vp8], 'AV1', 47],
  ['AV1 that nobody takes', chromiumOffer, [{ codec: 'AV1', profile: 2 }, h264, vp8], 'H264', 108],
  ['AV1 in Firefox', firefoxOffer, [{ codec: 'AV1', profile: 0 }, h264, vp8], 'AV1', 99],
  ['VP9 as it is', chromiumOffer, [{ codec: 'VP9', profile: 0 }, h264, vp8], 'VP9', 98],
  ['VP9 of 10 bits', chromiumOffer, [{ codec: 'VP9', profile: 2 }, h264, vp8], 'VP9', 100],
  ['VP9 of 10 bits in Firefox', firefoxOffer, [{ codec: 'VP9', profile: 2 }, h264, vp8], 'H264', 126],
  ['HEVC where none is offered', chromiumOffer, [{ codec: 'HEVC', profileIdc: 1 }, h264, vp8], 'H264', 108],
  ['HEVC where Main is offered', withH265(main), [{ codec: 'HEVC', profileIdc: 1 }, h264, vp8], 'HEVC', 51],
  ['HEVC of 10 bits where Main is offered', withH265(main), [{ codec: 'HEVC', profileIdc: 2 }, h264], 'H264', 108],
  ['HEVC of 10 bits', withH265(main, main10), [{ codec: 'HEVC', profileIdc: 2 }, h264], 'HEVC', 52],
  ['Main to a decoder of Main 10', withH265(main10), [{ codec: 'HEVC', profileIdc: 1 }, h264], 'HEVC', 51],
  ['HEVC in several streams', withH265('tx-mode=MRST'), [{ codec: 'HEVC', profileIdc: 1 }, h264], 'H264', 108],
  [
    'no H264',
    withoutLines(firefoxOffer, /^a=rtpmap:\d+ H264/),
    [{ codec: 'HEVC', profileIdc: 1 }, h264, vp8],
    'VP8',
    120,
  ],
  ['a wish, which only renditions meet', chromiumOffer, [h264, vp8], 'H264', 108],
];

for (const [what, offer, video, codec, payloadType] of cases) {
  test(`the encoding that is sent first: ${what}`, () => {
    const written = answer(offer, { video }).video;
    assert.deepEqual([written?.codec, written?.payloadType], [codec, payloadType]);
    assert.equal(written?.payloadTypes[codec], payloadType);
  });
}

test('what is not sent now is listed too, so that another encoding can follow without a new offer', () => {
  const { sdp, video } = answer(withH265(main, main10), { video: [{ codec: 'VP9', profile: 0 }, h264, vp8] });
  assert.equal(typesOf(sdp), '98 100 35 37 108 102 116 41 96 51 52 45 47');
  assert.deepEqual(video?.payloadTypes, { VP9: 98, H264: 108, VP8: 96, HEVC: 51, AV1: 45 });
  const types = video?.types ?? [];
  const later: readonly (readonly [CodecProfile, number | undefined])[] = [
    [{ codec: 'HEVC', profileIdc: 1 }, 51],
    [{ codec: 'HEVC', profileIdc: 2 }, 52],
    [{ codec: 'HEVC', profileIdc: 4 }, undefined],
    [{ codec: 'AV1', profile: 1 }, 47],
    [{ codec: 'VP9', profile: 3 }, 37],
    [{ codec: 'H264', profileLevelId: '640028' }, 108],
    [vp8, 96],
  ];
  for (const [sent, expected] of later) assert.equal(videoTypeFor(types, sent)?.offered.payloadType, expected);
});

test('an encoding that the viewer does not take stays behind those that it does', () => {
  const { sdp } = answer(withH265(main), { video: [{ codec: 'HEVC', profileIdc: 2 }, h264] });
  assert.equal(typesOf(sdp), '108 102 116 41 51 45 47 98 100 35 37 96');
});

const source = { codec: 'H264', profileLevelId: '640028' } as const;

test('GStreamer, which states neither the packetization mode nor the channels of Opus, takes H264 as it is and Opus', () => {
  const { sdp, audio, video, refused } = answer(gstreamerOffer, { video: [source] });
  assert.deepEqual([audio?.payloadType, audio?.encoding, video?.payloadType, refused], [111, 'Opus', 103, []]);
  assert.match(sdp, /^a=rtpmap:111 opus\/48000\/2\r$/m);
  assert.match(sdp, /^a=fmtp:103 packetization-mode=1\r$/m);
  assert.ok(videoTypeFor(video?.types ?? [], source) !== null);
  const said = gstreamerOffer.replace(
    'a=mid:video1',
    'a=fmtp:103 profile-level-id=42e01f;level-asymmetry-allowed=1\r\na=mid:video1',
  );
  assert.match(
    answer(said, { video: [source] }).sdp,
    /^a=fmtp:103 packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=42e01f\r$/m,
  );
  const mono = gstreamerOffer.replace('OPUS/48000', 'opus/48000/1');
  assert.equal(answer(mono, { video: [source] }).audio?.encoding, 'Opus');
});

test('H264 in packetization mode 0 alone takes what we make of it, not what the source sends', () => {
  const mode0 = chromiumOffer.replaceAll('packetization-mode=1', 'packetization-mode=0');
  const { sdp, video } = answer(mode0, { video: [source, h264, vp8] });
  assert.equal(video?.codec, 'H264');
  assert.match(sdp, /packetization-mode=0/);
  const types = video?.types ?? [];
  assert.equal(videoTypeFor(types, source), null);
  const made = videoTypeFor(types, h264) ?? assert.fail();
  assert.ok(isSingleNalType(made));
  assert.ok(!answer(chromiumOffer, { video: [source] }).video?.types.some(isSingleNalType));
});

test('an m-line that is refused beside one that is served is told', () => {
  const { video, refused } = answer(withoutLines(chromiumOffer, /^a=rtpmap:\d+ (H264|VP8)/), {
    video: [source, h264, vp8],
  });
  assert.equal(video, null);
  assert.deepEqual(refused, ['video: no H264, VP8']);
});

const sha1 = (sdp: string) => sdp.replaceAll(/sha-256 (\S{59})\S+/g, 'sha-1 $1');
const unacceptable: readonly [string, string, RegExp, Partial<AnswerOptions>?][] = [
  [
    'no H264 in mode 1, and neither Opus nor G.711',
    withoutLines(chromiumOffer, /^a=rtpmap:\d+ (H264|opus)/).replaceAll(/ PCM[AU]\//g, ' L8/'),
    /audio: no Opus or G\.711; video: no H264/,
  ],
  [
    'none of what can be made',
    withMedia(withoutLines(chromiumOffer, /^a=rtpmap:\d+ (H264|VP8)/), [1]),
    /video: no H265, H264, VP8/,
    { video: [{ codec: 'HEVC', profileIdc: 1 }, h264, vp8] },
  ],
  ['only packetization-mode 0', withMedia(chromiumOffer.replaceAll('mode=1', 'mode=0'), [1]), /H264/],
  ['only what the source lacks', withMedia(chromiumOffer, [1]), /nothing that the stream has/, { video: [] }],
  ['no m-line', 'v=0', /nothing/],
  ['sendonly everywhere', chromiumOffer.replaceAll('recvonly', 'sendonly'), /sendonly/],
  ['inactive everywhere', firefoxOffer.replaceAll(/^a=recvonly/gm, 'a=inactive'), /inactive/],
  ['every m-line refused', chromiumOffer.replaceAll(/^(m=\w+) 9/gm, '$1 0'), /port 0/],
  ['no ICE user fragment', withoutLines(chromiumOffer, /^a=ice-ufrag/), /ice-ufrag/],
  ['no ICE password', withoutLines(chromiumOffer, /^a=ice-pwd/), /ice-pwd/],
  ['no fingerprint', withoutLines(firefoxOffer, /^a=fingerprint/), /fingerprint/],
  ['a fingerprint by sha-1', sha1(chromiumOffer), /sha-256/],
  ['a passive client', chromiumOffer.replaceAll('setup:actpass', 'setup:passive'), /passive/],
  ['a client on hold', chromiumOffer.replaceAll('setup:actpass', 'setup:holdconn'), /holdconn/],
  ['no rtcp-mux', withoutLines(chromiumOffer, /^a=rtcp-mux/), /rtcp-mux/],
  ['no BUNDLE for its two m-lines', withoutLines(chromiumOffer, /^a=group/), /BUNDLE/],
  ['media in the clear', chromiumOffer.replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/XYZ'), /protocol/],
];

for (const [what, offer, detail, options] of unacceptable) {
  test(`an offer with ${what} is unacceptable, and the error says so`, () => {
    assert.throws(
      () => answer(offer, options),
      (error) => error instanceof SluiceError && error.code === 'offer.unacceptable' && detail.test(error.detail),
    );
  });
}

test('whatever is read of an offer, the answer has its m-lines in order and mid, or the offer is unacceptable', () => {
  const all = [chromiumOffer, firefoxOffer].flatMap((sdp) => sdp.split('\r\n'));
  const check = (sdp: string): void => {
    try {
      const offer = parseOffer(sdp);
      const written = answer(sdp);
      const [, ...media] = sectionsOf(written.sdp);
      assert.deepEqual(
        media.map((section) => /^m=(\S+)/.exec(section)?.[1]),
        offer.media.map(({ kind }) => kind),
      );
      assert.deepEqual(
        media.map((section) => /^a=mid:(.*)\r$/m.exec(section)?.[1] ?? ''),
        offer.media.map(({ mid }) => mid),
      );
      assert.ok(written.audio !== null || written.video !== null);
      assert.ok(written.sdp.split('\r\n').every((line) => line === '' || /^[a-z]=[^\r\n]*$/.test(line)));
    } catch (error) {
      assert.ok(
        error instanceof WireError || (error instanceof SluiceError && error.code === 'offer.unacceptable'),
        String(error),
      );
    }
  };
  const without = fc.array(fc.nat(all.length), { maxLength: 40 });
  fc.assert(
    fc.property(fc.constantFrom(chromiumOffer, firefoxOffer), without, (sdp, gone) => {
      check(
        sdp
          .split('\r\n')
          .filter((_, n) => n === 0 || !gone.includes(n))
          .join('\r\n'),
      );
    }),
    { numRuns: 300 },
  );
});
