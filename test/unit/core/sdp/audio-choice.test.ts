/** In which form a viewer hears the audio: from its offer and what the source sends to the lines of the answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../../../support/viewer/answers.js';
import { chromiumOffer, firefoxOffer, withMedia, withoutLines } from '../../../support/viewer/offers.js';

/** The audio m-line offers these formats alone; attributes of others stay behind, as pages leave them. */
const offering = (sdp: string, formats: string): string => sdp.replace(/^(m=audio \d+ \S+) .*$/m, `$1 ${formats}`);
const opus = '111';

for (const [what, offer, source, encoding, payloadType] of [
  ['Opus of all that Chromium offers', chromiumOffer, 'AAC', 'Opus', 111],
  ['Opus although the source sends G.711', chromiumOffer, 'PCMA', 'Opus', 111],
  ['Opus in Firefox although the source sends G.711', firefoxOffer, 'PCMU', 'Opus', 109],
  ['Opus that stands last', offering(chromiumOffer, `0 8 ${opus}`), 'PCMU', 'Opus', 111],
  ['the only law that is offered', offering(chromiumOffer, '0'), 'AAC', 'PCMU', 0],
  ['the other law where only that is offered', offering(chromiumOffer, '0'), 'PCMA', 'PCMU', 0],
  ['the law of the source', offering(chromiumOffer, '0 8'), 'PCMA', 'PCMA', 8],
  ['the law of the source, which stands last', offering(chromiumOffer, '8 0'), 'PCMU', 'PCMU', 0],
  ['the first law for a source of something else', offering(chromiumOffer, '8 0'), 'AAC', 'PCMA', 8],
  ['the first law where the source has no audio yet', offering(chromiumOffer, '0 8'), null, 'PCMU', 0],
  [
    'static types without an rtpmap',
    withoutLines(offering(chromiumOffer, '9 8 0'), /^a=rtpmap:[08] /),
    'PCMU',
    'PCMU',
    0,
  ],
  [
    'a law under a type of its own',
    offering(chromiumOffer, '100').replace('a=rtpmap:0 ', 'a=rtpmap:100 '),
    'AAC',
    'PCMU',
    100,
  ],
] as const) {
  test(`a viewer gets ${what}`, () => {
    const { sdp, audio } = answer(withMedia(offer, [0]), { sourceAudio: source });
    assert.deepEqual(audio, { ssrc: 1111, payloadType, rtx: null, encoding });
    assert.match(sdp, new RegExp(`^m=audio \\d+ \\S+ ${payloadType}\\r$`, 'm'));
    const name = { Opus: 'opus/48000/2', PCMA: 'PCMA/8000', PCMU: 'PCMU/8000' }[encoding];
    assert.ok(sdp.includes(`a=rtpmap:${payloadType} ${name}\r\n`));
    assert.equal(sdp.includes('a=fmtp:'), encoding === 'Opus');
  });
}

for (const [what, formats, rtpmap] of [
  ['G.711 of two channels', '0', 'a=rtpmap:0 PCMU/8000/2'],
  ['G.711 of 16 kHz', '0', 'a=rtpmap:0 PCMU/16000'],
  ['a static type that means something else here', '8', 'a=rtpmap:8 L8/8000'],
] as const) {
  test(`${what} is not sent`, () => {
    const [start] = rtpmap.split(' ');
    const offer = offering(chromiumOffer, formats).replace(new RegExp(`^${start} .*$`, 'm'), rtpmap);
    assert.equal(answer(offer).audio, null);
  });
}
