import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOffer } from '../../../../src/core/sdp/parse-offer.js';

const fingerprint = {
  algorithm: 'sha-256',
  value: '00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:10:21:32:43:54:65:76:87:98:A9:BA:CB:DC:ED:FE:0F',
};
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
    payloadType: 96,
    name: 'h264',
    clockRateHz: 90_000,
    channels: 1,
    parameters: { 'packetization-mode': '1', 'profile-level-id': '42E01F' },
    feedback: ['nack pli'],
    rtxPayloadType: null,
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
    'a=fmtp:97 profile-id=0',
    'a=rtpmap:97 VP9/90000',
    'a=fmtp:99 apt=98',
    'a=rtpmap:98 VP9/90000',
    'a=rtcp-fb:98 nack',
  );
  assert.deepEqual(
    codecs.map(({ payloadType, parameters }) => [payloadType, parameters]),
    [[97, { 'profile-id': '0' }]],
  );
});

test('a codec bears the payload type of RTX that is for it: the first one, and of its clock rate', () => {
  const rtxOf = (...rtpmaps: readonly string[]) => {
    const sdp = small(...rtpmaps, ...[97, 98, 99].map((type) => `a=fmtp:${type} apt=96`));
    const [media] = parseOffer(sdp.replace('96 97', '96 97 98 99')).media;
    return media?.codecs.map(({ payloadType, rtxPayloadType }) => [payloadType, rtxPayloadType]);
  };
  const codec = 'a=rtpmap:96 H264/90000';
  assert.deepEqual(rtxOf(codec, 'a=rtpmap:97 rtx/48000', 'a=rtpmap:99 RTX/90000', 'a=rtpmap:98 rtx/90000'), [[96, 98]]);
  assert.deepEqual(rtxOf(codec, 'a=rtpmap:97 rtx/48000'), [[96, null]]);
  assert.deepEqual(rtxOf('a=rtpmap:97 rtx/90000'), []);
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

test('of several fingerprints the sha-256 one is taken; another alone is given as it is', () => {
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
