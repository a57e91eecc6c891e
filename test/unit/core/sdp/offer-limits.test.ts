import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseOffer } from '../../../../src/core/sdp/parse-offer.js';
import { chromiumOffer, firefoxOffer } from '../../../support/viewer/offers.js';

const mLine = 'm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n';
const small = (...lines: string[]): string => ['v=0', mLine.trimEnd(), ...lines, ''].join('\r\n');
const many = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n));
const refused: readonly [string, string, RegExp][] = [
  ['nothing at all', '', /empty/],
  ['another text', 'hello', /begin with v=0/],
  ['another version', 'v=1\r\n', /begin with v=0/],
  ['a line without type', 'v=0\nmedia\n', /line 2/],
  ['more than 128 KiB', `v=0\n${'a'.repeat(131_072)}`, /longer/],
  ['too many lines', ['v=0', ...many(4096, () => 'a=x')].join('\n'), /4096 lines/],
  ['too many m-lines', ['v=0', ...many(33, () => mLine.trimEnd())].join('\n'), /32 m-lines/],
  ['a carriage return inside a line', 'v=0\r\ns=a\rb\r\n', /control/],
  ['a null byte', 'v=0\ns=\0\n', /control/],
  ['an m-line without a port', 'v=0\nm=video\n', /port/],
  ['a port beyond 65535', 'v=0\nm=video 65536 UDP/TLS/RTP/SAVPF 96\n', /port/],
  ['an m-line without formats', 'v=0\nm=video 9 UDP/TLS/RTP/SAVPF\n', /no format/],
  ['a payload type beyond 127', 'v=0\nm=video 9 UDP/TLS/RTP/SAVPF 128\n', /payload type/],
  ['a format that is no number', 'v=0\nm=video 9 UDP/TLS/RTP/SAVPF x\n', /payload type/],
  [
    'too many payload types',
    `v=0\nm=video 9 UDP/TLS/RTP/SAVPF ${many(129, (n) => String(n % 128)).join(' ')}\n`,
    /128 formats/,
  ],
  ['too many formats', `v=0\nm=application 9 UDP/DTLS/SCTP ${many(257, String).join(' ')}\n`, /256 formats/],
  ['an rtpmap without a clock', small('a=rtpmap:96 H264'), /rtpmap of payload type 96/],
  ['too many parameters', small(`a=fmtp:96 ${many(65, (n) => `k${n}=1`).join(';')}`), /64 parameters/],
  ['too many parameters on several lines', small(...many(65, (n) => `a=fmtp:96 k${n}=1`)), /64 parameters/],
  ['too many kinds of feedback', small(...many(33, (n) => `a=rtcp-fb:* x${n}`)), /32 kinds/],
  ['too many extensions', small(...many(65, (n) => `a=extmap:${n + 1} urn:${n}`)), /64 extensions/],
  ['an extension without a URI', small('a=extmap:1'), /extmap/],
  ['an extension numbered 0', small('a=extmap:0 urn:a'), /extmap/],
  ['a mid of two words', small('a=mid:a b'), /mid/],
  ['a mid twice', `${small('a=mid:0')}${mLine}a=mid:0\r\n`, /same mid/],
  ['a fingerprint that is no hex', small('a=fingerprint:sha-256 zz'), /fingerprint/],
  ['a fingerprint of another length', small('a=fingerprint:sha-256 00:11'), /fingerprint/],
  ['an ICE user fragment with a colon', small('a=ice-ufrag:a:b'), /ice-ufrag/],
  ['a password without end', small(`a=ice-pwd:${'x'.repeat(257)}`), /ice-pwd/],
  ['an unknown role', small('a=setup:both'), /setup/],
  ['too many words in a group', `v=0\na=group:BUNDLE ${many(65, String).join(' ')}\n`, /64 words/],
];

for (const [what, sdp, message] of refused) {
  test(`an offer with ${what} is a WireError that says so`, () => {
    assert.throws(
      () => parseOffer(sdp),
      (error) => error instanceof WireError && error.where === 'sdp.offer' && message.test(error.message),
    );
  });
}

test('random and damaged offers are read or give WireError, never anything else', () => {
  const read = (sdp: string): void => {
    try {
      parseOffer(sdp);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  };
  const lines = [chromiumOffer, firefoxOffer].flatMap((sdp) => sdp.split('\r\n'));
  const damage = fc.array(
    fc.tuple(fc.nat(7000), fc.constantFrom('', '\n', '\r', '=', ':', ' ', '/', '*', '0', '\0', 'é')),
    { maxLength: 6 },
  );
  fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => read(`v=0\n${text}`)));
  fc.assert(
    fc.property(fc.shuffledSubarray(lines), (some) => read(['v=0', ...some].join('\n'))),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.constantFrom(chromiumOffer, firefoxOffer), damage, (sdp, changes) => {
      read(changes.reduce((text, [at, put]) => text.slice(0, at) + put + text.slice(at + 1), sdp));
    }),
    { numRuns: 300 },
  );
});
