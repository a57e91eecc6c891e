import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../../../support/viewer/answers.js';
import { chromiumOffer, firefoxOffer, sectionsOf, withMedia, withoutLines } from '../../../support/viewer/offers.js';

const uri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const take = (offer: string, options: Parameters<typeof answer>[1] = {}) =>
  answer(offer, { takesTwcc: true, ...options });
/** Of each m-line: what it says of transport-wide numbers. */
const said = (sdp: string): readonly (readonly string[])[] =>
  sectionsOf(sdp)
    .slice(1)
    .map((section) => section.match(/^a=(extmap:.*|rtcp-fb:\d+ transport-cc)(?=\r$)/gm) ?? []);

test('the extension is taken under the number of each browser, with feedback for every type that is taken', () => {
  const chromium = take(chromiumOffer);
  assert.equal(chromium.twccId, 3);
  const types = [108, 102, 116, 41, 45, 47, 98, 100, 35, 37, 96];
  assert.deepEqual(said(chromium.sdp), [
    [`a=extmap:3 ${uri}`, 'a=rtcp-fb:111 transport-cc'],
    [`a=extmap:3 ${uri}`, ...types.map((type) => `a=rtcp-fb:${type} transport-cc`)],
  ]);
  const firefox = take(firefoxOffer);
  assert.equal(firefox.twccId, 7);
  assert.deepEqual(said(firefox.sdp), [
    [`a=extmap:7 ${uri}`, 'a=rtcp-fb:109 transport-cc'],
    [`a=extmap:7 ${uri}`, ...[126, 105, 99, 121, 120].map((type) => `a=rtcp-fb:${type} transport-cc`)],
  ]);
});

test('all else of the answer is as without it, REMB too', () => {
  const isOther = /^a=(extmap|rtcp-fb:\d+ transport-cc)/;
  for (const offer of [chromiumOffer, firefoxOffer]) {
    assert.equal(withoutLines(take(offer).sdp, isOther), answer(offer).sdp);
    assert.match(take(offer).sdp, /^a=rtcp-fb:\d+ goog-remb\r$/m);
  }
});

const inMedia = (offer: string, at: number, change: (section: string) => string): string =>
  sectionsOf(offer)
    .map((section, n) => (n === at + 1 ? change(section) : section))
    .join('');
const withoutExtension = (section: string): string => withoutLines(section, /^a=extmap:\d+ http:\/\/www\.ietf/);

const refused: readonly (readonly [string, string])[] = [
  ['it is offered nowhere', withoutExtension(chromiumOffer)],
  ['the audio does not offer it', inMedia(chromiumOffer, 0, withoutExtension)],
  ['the video does not offer it', inMedia(chromiumOffer, 1, withoutExtension)],
  [
    'its two numbers differ',
    inMedia(chromiumOffer, 1, (section) => section.replace(`extmap:3 ${uri}`, `extmap:9 ${uri}`)),
  ],
  ['it has a number of the two-byte form', chromiumOffer.replaceAll(`extmap:3 ${uri}`, `extmap:15 ${uri}`)],
  ['the audio offers no feedback', chromiumOffer.replace('a=rtcp-fb:111 transport-cc\r\n', '')],
  ['the video offers no feedback', withoutLines(chromiumOffer, /^a=rtcp-fb:108 transport-cc/)],
];
for (const [why, offer] of refused) {
  test(`it is not taken where ${why}`, () => {
    const { sdp, twccId } = take(offer);
    assert.equal(twccId, null);
    assert.deepEqual(said(sdp).flat(), []);
  });
}

test('video alone needs no audio that offers it, and an m-line that only carries the transport says nothing', () => {
  assert.equal(take(withMedia(chromiumOffer, [1])).twccId, 3);
  const silent = take(inMedia(chromiumOffer, 0, withoutExtension), { sendAudio: false });
  assert.equal(silent.twccId, 3);
  assert.deepEqual(said(silent.sdp)[0], []);
});

test('feedback that is offered for every format counts', () => {
  const offer = withoutLines(chromiumOffer, /^a=rtcp-fb:\d+ transport-cc/)
    .replaceAll('a=rtpmap:111 ', 'a=rtcp-fb:* transport-cc\r\na=rtpmap:111 ')
    .replaceAll('a=rtpmap:96 ', 'a=rtcp-fb:* transport-cc\r\na=rtpmap:96 ');
  assert.equal(take(offer).twccId, 3);
  assert.match(take(offer).sdp, /^a=rtcp-fb:108 transport-cc\r$/m);
});
