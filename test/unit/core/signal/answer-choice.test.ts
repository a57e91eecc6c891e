import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import type { AnswerOptions } from '../../../../src/core/signal/sdp-answer.js';
import { parseOffer } from '../../../../src/core/signal/sdp-offer.js';
import { SluiceError } from '../../../../src/errors.js';
import { answer } from '../../../support/answers.js';
import { chromiumOffer, firefoxOffer, sectionsOf, withMedia, withoutLines } from '../../../support/offers.js';

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
    const { sdp, video } = answer(offer, { profileLevelId });
    assert.equal(/^m=video \d+ \S+ (.*)\r$/m.exec(sdp)?.[1], types, `${profileLevelId}`);
    assert.equal(String(video?.payloadType), types.split(' ')[0]);
  }
});

const sha1 = (sdp: string) => sdp.replaceAll(/sha-256 (\S{59})\S+/g, 'sha-1 $1');
const unacceptable: readonly [string, string, RegExp, Partial<AnswerOptions>?][] = [
  [
    'no H264 in mode 1 and no Opus',
    withoutLines(chromiumOffer, /^a=rtpmap:\d+ (H264|opus)/),
    /audio: no Opus; video: no H264 with packetization-mode=1/,
  ],
  ['only packetization-mode 0', withMedia(chromiumOffer.replaceAll('mode=1', 'mode=0'), [1]), /H264/],
  ['only what the source lacks', withMedia(chromiumOffer, [1]), /nothing that the stream has/, { sendVideo: false }],
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
