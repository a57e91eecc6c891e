import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, fingerprint, tcp, udp } from '../../../support/viewer/answers.js';
import {
  chromiumOffer,
  firefoxOffer,
  maxBundle,
  sectionsOf,
  withMedia,
  withoutLines,
} from '../../../support/viewer/offers.js';

const lines = (text: string): string => `${text.trim().replaceAll(/\s*\n\s*/g, '\r\n')}\r\n`;
const transport = `
  a=sendonly
  a=ice-ufrag:ufrg
  a=ice-pwd:pwdpwdpwdpwdpwdpwdpwdp
  a=fingerprint:sha-256 ${fingerprint}
  a=setup:passive
  a=rtcp-mux`;
const session = `
  v=0
  o=- 42 1 IN IP4 127.0.0.1
  s=-
  t=0 0`;
const candidates = `
  a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host
  a=candidate:2 1 tcp 1671430143 192.0.2.1 40000 typ host tcptype passive
  a=end-of-candidates`;
const video = (payloadType: number, rtx: number, name: string, format?: string) => `
  a=rtpmap:${payloadType} ${name}/90000
  a=rtcp-fb:${payloadType} nack
  a=rtcp-fb:${payloadType} nack pli
  a=rtcp-fb:${payloadType} ccm fir
  a=rtcp-fb:${payloadType} goog-remb${format === undefined ? '' : `\n  a=fmtp:${payloadType} ${format}`}
  a=rtpmap:${rtx} rtx/90000
  a=fmtp:${rtx} apt=${payloadType}`;
const h264 = (payloadType: number, rtx: number, profileLevelId: string) =>
  video(payloadType, rtx, 'H264', `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profileLevelId}`);
const av1 = (payloadType: number, rtx: number, profile: number) =>
  video(payloadType, rtx, 'AV1', `profile=${profile};level-idx=5;tier=0`);
const vp9 = (payloadType: number, rtx: number, profile: number) =>
  video(payloadType, rtx, 'VP9', `profile-id=${profile}`);
const head = (kind: string, formats: string) => `
  m=${kind} 40000 UDP/TLS/RTP/SAVPF ${formats}
  c=IN IP4 192.0.2.1`;
const opus = (payloadType: number) => `
  a=rtpmap:${payloadType} opus/48000/2
  a=fmtp:${payloadType} minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1
  a=msid:sluice audio
  a=ssrc:1111 cname:sluice`;
const ofVideo = `
  a=msid:sluice video
  a=ssrc-group:FID 2222 3333
  a=ssrc:2222 cname:sluice
  a=ssrc:3333 cname:sluice`;

const chromiumAnswer = lines(`${session}
  a=group:BUNDLE 0 1
  a=ice-lite${head('audio', '111')}
  a=mid:0${transport}
  a=rtcp-rsize${opus(111)}${candidates}${head('video', '108 109 102 103 116 117 41 42 45 46 47 48 98 99 100 101 35 36 37 38 96 97')}
  a=mid:1${transport}
  a=rtcp-rsize${h264(108, 109, '42e01f')}${h264(102, 103, '42001f')}${h264(116, 117, '4d001f')}${h264(41, 42, 'f4001f')}
  ${av1(45, 46, 0)}${av1(47, 48, 1)}${vp9(98, 99, 0)}${vp9(100, 101, 2)}${vp9(35, 36, 1)}${vp9(37, 38, 3)}${video(96, 97, 'VP8')}${ofVideo}`);

const firefoxAnswer = lines(`${session}
  a=group:BUNDLE 0 1
  a=ice-lite${head('audio', '109')}
  a=mid:0${transport}${opus(109)}${candidates}${head('video', '126 127 105 106 99 100 121 125 120 124')}
  a=mid:1${transport}
  a=rtcp-rsize${h264(126, 127, '42e01f')}${h264(105, 106, '42001f')}
  ${video(99, 100, 'AV1')}${video(121, 125, 'VP9')}${video(120, 124, 'VP8')}${ofVideo}`);

test('the answer to Chromium, to the letter', () => {
  const { sdp, audio, video } = answer(chromiumOffer);
  assert.equal(sdp, chromiumAnswer);
  assert.deepEqual(audio, { ssrc: 1111, payloadType: 111, rtx: null, encoding: 'Opus' });
  assert.deepEqual([video?.ssrc, video?.payloadType, video?.codec], [2222, 108, 'H264']);
  assert.deepEqual(video?.rtx, { ssrc: 3333, payloadType: 109 });
});

test('the answer to Firefox, to the letter', () => {
  const { sdp, audio, video } = answer(firefoxOffer);
  assert.equal(sdp, firefoxAnswer);
  assert.deepEqual(audio, { ssrc: 1111, payloadType: 109, rtx: null, encoding: 'Opus' });
  assert.deepEqual([video?.ssrc, video?.payloadType, video?.codec], [2222, 126, 'H264']);
  assert.deepEqual(video?.rtx, { ssrc: 3333, payloadType: 127 });
});

test('no number of a browser is taken for granted: other payload types and mids give the same answer with those', () => {
  const renumber = (sdp: string): string =>
    sdp
      .replace(
        /^(m=\w+ \d+ \S+ )(.*)$/gm,
        (_, start, formats) => start + formats.replace(/\d+/g, (n: string) => 127 - Number(n)),
      )
      .replace(/^(a=(?:rtpmap|fmtp|rtcp-fb):)(\d+)/gm, (_, start, n) => start + (127 - Number(n)))
      .replace(/ apt=(\d+)/g, (_, n) => ` apt=${127 - Number(n)}`)
      .replace(/^a=mid:(.*)$/gm, 'a=mid:m$1')
      .replace('BUNDLE 0 1', 'BUNDLE m0 m1');
  for (const [offer, golden, payloadType] of [
    [chromiumOffer, chromiumAnswer, 108],
    [firefoxOffer, firefoxAnswer, 126],
  ] as const) {
    const { sdp, video } = answer(renumber(offer));
    assert.equal(sdp, renumber(golden));
    assert.equal(video?.payloadType, 127 - payloadType);
  }
});

test('line ends, candidates and max-bundle make no other answer', () => {
  for (const [offer, golden] of [
    [chromiumOffer, chromiumAnswer],
    [firefoxOffer, firefoxAnswer],
  ] as const) {
    assert.equal(answer(offer.replaceAll('\r\n', '\n')).sdp, golden);
    assert.equal(answer(withoutLines(offer, /^a=(candidate|end-of-candidates)/)).sdp, golden);
  }
  assert.equal(answer(maxBundle(chromiumOffer)).sdp, chromiumAnswer);
});

const application =
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:data\r\na=sctp-port:5000\r\n';

test('a second video and an application m-line are refused in their places, out of the group', () => {
  const [, , video = ''] = sectionsOf(chromiumOffer);
  const second = video.replace('a=mid:1', 'a=mid:2');
  const offer = `${chromiumOffer}${application}${second}`.replace('BUNDLE 0 1', 'BUNDLE 0 1 data 2');
  const { sdp } = answer(offer);
  const formats = /^m=video 9 \S+ (.*)\r$/m.exec(second)?.[1];
  const refusals = `m=application 0 UDP/DTLS/SCTP webrtc-datachannel
    c=IN IP4 0.0.0.0
    a=mid:data
    a=inactive
    m=video 0 UDP/TLS/RTP/SAVPF ${formats}
    c=IN IP4 0.0.0.0
    a=mid:2
    a=inactive`;
  assert.equal(sdp, chromiumAnswer + lines(refusals));
});

test('the group begins with the first m-line that is served, which has the candidates', () => {
  const offer = withMedia(firefoxOffer, [1, 0]);
  const [session = '', video = '', audio = ''] = sectionsOf(answer(`${offer.replace('BUNDLE', 'BUNDLE data')}`).sdp);
  assert.match(session, /^a=group:BUNDLE 1 0\r$/m);
  assert.match(video, /^a=end-of-candidates\r$/m);
  assert.doesNotMatch(audio, /candidate/);
});

test('an offer of one kind alone is answered by that kind', () => {
  const encoding = answer(withMedia(chromiumOffer, [0]));
  assert.deepEqual([encoding.audio?.payloadType, encoding.video], [111, null]);
  assert.match(encoding.sdp, /^a=group:BUNDLE 0\r$/m);
  const frame = answer(withMedia(chromiumOffer, [1]));
  assert.deepEqual([frame.audio, frame.video?.payloadType], [null, 108]);
  assert.match(frame.sdp, /^a=group:BUNDLE 1\r$/m);
  assert.match(frame.sdp, /^a=end-of-candidates\r$/m);
});

test('video that the source lacks is refused by port 0', () => {
  const written = answer(chromiumOffer, { video: [] });
  assert.equal(written.video, null);
  assert.match(written.sdp, /^m=video 0 UDP\/TLS\/RTP\/SAVPF \d/m);
  assert.match(written.sdp, /^a=group:BUNDLE 0\r$/m);
  assert.equal(written.sdp.match(/^a=inactive\r$/gm)?.length, 1);
});

test('the m-line that tags the BUNDLE group stays as its transport, silent, when nothing is sent on it', () => {
  const written = answer(chromiumOffer, { sendAudio: false });
  assert.deepEqual([written.audio, written.video?.payloadType], [null, 108]);
  assert.match(written.sdp, /^m=audio 40000 /m);
  assert.match(written.sdp, /^a=group:BUNDLE 0 1\r$/m);
  assert.match(written.sdp, /^a=mid:0\r\na=inactive\r$/m);
  assert.deepEqual(written.sdp.match(/^a=ssrc:\d+/gm), ['a=ssrc:2222', 'a=ssrc:3333']);
});

test('without a BUNDLE group one m-line is served, and two are not', () => {
  const alone = answer(withoutLines(withMedia(chromiumOffer, [1]), /^a=group/));
  assert.equal(alone.video?.payloadType, 108);
  assert.doesNotMatch(alone.sdp, /BUNDLE/);
});

test('an m-line outside the BUNDLE group is refused', () => {
  const { audio, video } = answer(chromiumOffer.replace('BUNDLE 0 1', 'BUNDLE 1'));
  assert.deepEqual([audio, video?.payloadType], [null, 108]);
});

test('feedback, reduced size and RTX are answered only as offered, transport-cc where it is of use', () => {
  const { sdp } = answer(withoutLines(chromiumOffer, /^a=(rtcp-rsize|rtcp-fb:\d+ (nack|goog-remb))/));
  assert.deepEqual(
    [...new Set(sdp.match(/rtcp-(fb:\d+ .*|rsize)/g)?.map((line) => line.replace(/\d+/, '')))],
    ['rtcp-fb: ccm fir'],
  );
  assert.doesNotMatch(sdp, /rtx|FID/, 'RTX answers NACKs');
  const withoutRtx = answer(withoutLines(chromiumOffer, /^a=fmtp:\d+ apt=108/));
  assert.equal(withoutRtx.video?.rtx, null);
  assert.match(withoutRtx.sdp, /^m=video \d+ \S+ 108 102 103 /m);
  for (const offer of [chromiumOffer, firefoxOffer])
    assert.doesNotMatch(answer(offer).sdp, /transport-cc|extmap|rtcp-mux-only/);
});

test('ice2 is answered where it is offered', () => {
  assert.match(
    answer(chromiumOffer.replaceAll('a=ice-options:trickle', 'a=ice-options:ice2 trickle')).sdp,
    /^a=ice-options:ice2\r$/m,
  );
});

test('the address of an m-line is that of the first UDP candidate, in its family', () => {
  const v6 = { ...udp, address: '2001:db8::1', port: 5 };
  const rows = [
    [[v6, udp], 'm=audio 5 ', 'c=IN IP6 2001:db8::1'],
    [[tcp, udp], 'm=audio 40000 ', 'c=IN IP4 192.0.2.1'],
    [[tcp], 'm=audio 9 ', 'c=IN IP4 0.0.0.0'],
  ] as const;
  for (const [candidates, mLine, connection] of rows) {
    const { sdp } = answer(chromiumOffer, { candidates });
    assert.ok(sdp.includes(mLine) && sdp.includes(`\r\n${connection}\r\n`));
    assert.equal(sdp.match(/^a=candidate:/gm)?.length, candidates.length);
  }
});

test('an offer by an active client is answered too', () => {
  assert.equal(answer(chromiumOffer.replaceAll('setup:actpass', 'setup:active')).sdp, chromiumAnswer);
});
