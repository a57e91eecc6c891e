import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Offer } from '../../../../src/core/sdp/offer.js';
import { parseOffer } from '../../../../src/core/sdp/parse-offer.js';
import { chromiumOffer, firefoxOffer, maxBundle, sectionsOf, withoutLines } from '../../../support/viewer/offers.js';

const fingerprint = {
  algorithm: 'sha-256',
  value: '00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:10:21:32:43:54:65:76:87:98:A9:BA:CB:DC:ED:FE:0F',
};
const common = { bundle: ['0', '1'], iceOptions: ['trickle'], fingerprint, setup: 'actpass' };
const browsers = [
  {
    name: 'Chromium',
    sdp: chromiumOffer,
    transport: { ...common, iceUfrag: 'FAKE', icePwd: 'fakepasswordfakepassword' },
    formats: [8, 34],
    opus: [111, { minptime: '10', useinbandfec: '1' }],
    h264: {
      102: '42001f',
      104: '42001f',
      108: '42e01f',
      114: '42e01f',
      116: '4d001f',
      39: '4d001f',
      41: 'f4001f',
      43: 'f4001f',
    },
    mode1: [102, 108, 116, 41],
    feedback: ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'],
    reducedSize: [true, true],
    mid: [4, 4],
    names: 'VP8 VP9 VP9 VP9 VP9 H264',
  },
  {
    name: 'Firefox',
    sdp: firefoxOffer,
    transport: { ...common, iceUfrag: 'fake0000', icePwd: 'fakepasswordfakepasswordfakepass' },
    formats: [5, 17],
    opus: [109, { maxplaybackrate: '48000', stereo: '1', useinbandfec: '1' }],
    h264: { 126: '42e01f', 97: '42e01f', 105: '42001f', 103: '42001f' },
    mode1: [126, 105],
    feedback: ['nack', 'nack pli', 'ccm fir', 'goog-remb', 'transport-cc'],
    reducedSize: [false, true],
    mid: [3, 3],
    names: 'VP8 VP9 H264 H264 H264 H264',
  },
] as const;

for (const browser of browsers) {
  const offer = parseOffer(browser.sdp);
  const { media, ...transport } = offer;
  const [audio, video] = media;

  test(`${browser.name}'s offer: transport, groups and m-lines are read`, () => {
    assert.deepEqual(transport, browser.transport);
    assert.deepEqual(
      media.map(({ kind, mid }) => [kind, mid]),
      [
        ['audio', '0'],
        ['video', '1'],
      ],
    );
    assert.deepEqual(
      media.map(({ formats }) => formats.length),
      browser.formats,
    );
    assert.deepEqual(
      media.map(({ codecs }) => codecs.length + codecs.filter((codec) => codec.rtxPayloadType !== null).length),
      browser.formats,
      'each has its rtpmap, and each of RTX is for one of the others',
    );
    assert.deepEqual(
      media.map(({ rtcpReducedSize }) => rtcpReducedSize),
      browser.reducedSize,
    );
    assert.deepEqual(
      media.map(({ extensions }) => extensions['urn:ietf:params:rtp-hdrext:sdes:mid']),
      browser.mid,
    );
    for (const { protocol, direction, refused, rtcpMux } of media) {
      assert.deepEqual([protocol, direction, refused, rtcpMux], ['UDP/TLS/RTP/SAVPF', 'recvonly', false, true]);
    }
  });

  test(`${browser.name}'s offer: codecs are read with what belongs to each`, () => {
    const [payloadType, parameters] = browser.opus;
    const opus = audio?.codecs.find(({ name }) => name === 'opus');
    const feedback = ['transport-cc'];
    const kind = { name: 'opus', clockRateHz: 48_000, channels: 2, rtxPayloadType: null };
    assert.deepEqual(opus, { payloadType, ...kind, parameters, feedback });
    const h264 = video?.codecs.filter(({ name }) => name === 'H264') ?? [];
    const profiles = h264.map((codec) => [codec.payloadType, codec.parameters['profile-level-id']]);
    assert.deepEqual(Object.fromEntries(profiles), browser.h264);
    const mode1 = h264.filter((codec) => codec.parameters['packetization-mode'] === '1');
    assert.deepEqual(
      mode1.map((codec) => codec.payloadType),
      browser.mode1,
    );
    assert.ok(h264.every((codec) => codec.clockRateHz === 90_000 && codec.channels === 1));
    for (const codec of h264) assert.deepEqual(codec.feedback, browser.feedback);
    assert.ok(
      video?.codecs
        .map(({ name }) => name)
        .join(' ')
        .startsWith(browser.names),
      'in the order of the m-line',
    );
  });

  test(`${browser.name}'s offer: line ends, empty lines and a cut last line end do not matter`, () => {
    const unix = browser.sdp.replaceAll('\r\n', '\n');
    for (const same of [
      unix,
      unix.trimEnd(),
      browser.sdp.trimEnd(),
      unix.replaceAll('\n', '\n\n'),
      `${browser.sdp}\r\n`,
    ]) {
      assert.deepEqual(parseOffer(same), offer);
    }
  });

  test(`${browser.name}'s offer: it may come without candidates, as it is sent at once`, () => {
    assert.deepEqual(parseOffer(withoutLines(browser.sdp, /^a=(candidate|end-of-candidates|rtcp:)/)), offer);
  });

  test(`${browser.name}'s offer: the order of attributes does not matter`, () => {
    const shuffled = sectionsOf(browser.sdp).map((section) => {
      const [head = '', ...lines] = section.trimEnd().split('\r\n');
      const fixed = lines.filter((line) => !line.startsWith('a='));
      return [head, ...fixed, ...lines.filter((line) => line.startsWith('a=')).reverse()].join('\r\n');
    });
    const sorted = ({ media, ...rest }: Offer) => ({
      ...rest,
      media: media.map((section) => ({
        ...section,
        codecs: section.codecs.map((codec) => ({ ...codec, feedback: codec.feedback.toSorted() })),
      })),
    });
    assert.deepEqual(sorted(parseOffer(shuffled.join('\r\n'))), sorted(offer));
  });

  test(`${browser.name}'s offer: with max-bundle, port 0 is no refusal and the group's transport is shared`, () => {
    assert.deepEqual(parseOffer(maxBundle(browser.sdp)), {
      ...offer,
      media: [audio, { ...video, rtcpReducedSize: browser.reducedSize[0] }],
    });
  });

  test(`${browser.name}'s offer crosses a thread boundary as it is`, () => {
    assert.deepEqual(structuredClone(offer), offer);
  });
}
