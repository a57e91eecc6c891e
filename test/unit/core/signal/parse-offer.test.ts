import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { type Offer, parseOffer } from '../../../../src/core/signal/sdp-offer.js';
import { chromiumOffer, firefoxOffer, maxBundle, sectionsOf, withoutLines } from '../../../support/offers.js';

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
    names: 'VP8 rtx VP9 rtx VP9 rtx VP9 rtx VP9 rtx H264 rtx',
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
    names: 'VP8 rtx VP9 rtx H264 rtx H264 rtx H264 rtx H264 rtx',
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
      media.map(({ codecs }) => codecs.length),
      browser.formats,
      'each has its rtpmap',
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
    assert.deepEqual(opus, { payloadType, name: 'opus', clockRateHz: 48_000, channels: 2, parameters, feedback });
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

const mLine = 'm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n';
const small = (...lines: string[]): string => ['v=0', mLine.trimEnd(), ...lines, ''].join('\r\n');
const codecsOf = (...lines: string[]) => parseOffer(small(...lines)).media[0]?.codecs ?? [];

test('port 0 without bundle-only is a refusal', () => {
  assert.equal(parseOffer(small().replace('video 9', 'video 0')).media[0]?.refused, true);
});

test('names are read in whatever letter case, and keys become lower case', () => {
  const [codec] = codecsOf(
    'a=RTPMAP:96 h264/90000',
    'a=FMTP:96 Packetization-Mode=1;PROFILE-level-id=42E01F',
    'a=rtcp-fb:96 NACK  PLI',
  );
  assert.deepEqual(codec, {
    ...{ payloadType: 96, name: 'h264', clockRateHz: 90_000, channels: 1 },
    ...{ parameters: { 'packetization-mode': '1', 'profile-level-id': '42E01F' }, feedback: ['nack pli'] },
  });
  const offer = parseOffer(
    small(`a=FINGERPRINT:SHA-256 ${fingerprint.value.toLowerCase()}`, 'a=Setup:ACTIVE', 'a=RECVONLY'),
  );
  assert.deepEqual([offer.fingerprint, offer.setup, offer.media[0]?.direction], [fingerprint, 'active', 'recvonly']);
});

test('several fmtp lines for one payload type add up', () => {
  const [codec] = codecsOf('a=fmtp:96 a=1; b=2 ;c', 'a=rtpmap:96 H264/90000', 'a=fmtp:96 b=3;d=x=y');
  assert.deepEqual(codec?.parameters, { a: '1', b: '3', c: '', d: 'x=y' });
});

test('attributes of codecs that a page took out are passed over, and so is a format without rtpmap', () => {
  const codecs = codecsOf(
    'a=fmtp:97 apt=96',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:99 apt=98',
    'a=rtpmap:98 VP9/90000',
    'a=rtcp-fb:98 nack',
  );
  assert.deepEqual(
    codecs.map(({ payloadType, parameters }) => [payloadType, parameters]),
    [[97, { apt: '96' }]],
  );
});

test('feedback for all formats is each codec’s, once', () => {
  const codecs = codecsOf(
    'a=rtcp-fb:* nack',
    'a=rtpmap:96 H264/90000',
    'a=rtpmap:97 VP8/90000',
    'a=rtcp-fb:97 nack',
    'a=rtcp-fb:97 ccm fir',
  );
  assert.deepEqual(
    codecs.map(({ feedback }) => feedback),
    [['nack'], ['nack', 'ccm fir']],
  );
});

test('what stands with the m-line goes before what stands with the session', () => {
  const attributes = (word: string, setup: string) => [
    `a=ice-ufrag:${word}`,
    `a=ice-pwd:${word}pwd`,
    `a=setup:${setup}`,
  ];
  const sdp = ['v=0', ...attributes('session', 'passive'), 'a=inactive', 'a=extmap:1 urn:a', mLine.trimEnd()];
  const ofSession = parseOffer(sdp.join('\n'));
  const { iceUfrag, icePwd, setup, media } = parseOffer(
    [...sdp, ...attributes('media', 'active'), 'a=sendrecv', 'a=extmap:2/sendonly urn:b x'].join('\n'),
  );
  assert.deepEqual(
    [ofSession.iceUfrag, ofSession.setup, ofSession.media[0]?.direction],
    ['session', 'passive', 'inactive'],
  );
  assert.deepEqual([iceUfrag, icePwd, setup, media[0]?.direction], ['media', 'mediapwd', 'active', 'sendrecv']);
  assert.deepEqual(media[0]?.extensions, { 'urn:a': 1, 'urn:b': 2 });
});

test('the transport is that of the BUNDLE group, not of an m-line that is refused or stands outside', () => {
  const sections = [
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'm=audio 0 UDP/TLS/RTP/SAVPF 0',
    mLine.trimEnd(),
  ];
  const lines = sections.flatMap((line, n) => [line, `a=mid:${n}`, `a=ice-ufrag:ufrag${n}`]);
  assert.equal(parseOffer(['v=0', 'a=group:LS 0 1', 'a=group:BUNDLE 1 2', ...lines].join('\n')).iceUfrag, 'ufrag2');
  assert.equal(parseOffer(['v=0', ...lines].join('\n')).iceUfrag, 'ufrag2');
});

test('of several fingerprints the sha-256 one is taken; another alone is told as it is', () => {
  const sha1 = `a=fingerprint:sha-1 ${fingerprint.value.slice(0, 59)}`;
  assert.deepEqual(parseOffer(small(sha1, `a=fingerprint:sha-256 ${fingerprint.value}`)).fingerprint, fingerprint);
  assert.equal(parseOffer(small(sha1)).fingerprint.algorithm, 'sha-1');
});

test('what is missing is empty, and an offer without a=setup is active', () => {
  const { media, ...rest } = parseOffer(small());
  const empty = { bundle: [], iceUfrag: '', icePwd: '', iceOptions: [], fingerprint: { algorithm: '', value: '' } };
  assert.deepEqual(rest, { ...empty, setup: 'active' });
  assert.deepEqual([media[0]?.mid, media[0]?.direction, media[0]?.rtcpMux], ['', 'sendrecv', false]);
  assert.deepEqual(parseOffer('v=0').media, []);
});

test('a key that names the prototype is a key like others', () => {
  const [codec] = codecsOf('a=rtpmap:96 H264/90000', 'a=fmtp:96 __proto__=1;constructor=2');
  assert.deepEqual(Object.entries(codec?.parameters ?? {}), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
  assert.equal(Object.hasOwn(Object.prototype, '1'), false);
});

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
