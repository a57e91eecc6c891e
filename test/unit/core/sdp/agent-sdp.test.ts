import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAgentSdp } from '../../../../src/core/sdp/agent-sdp.js';

const ours = readFileSync('config/rtmp_agent.sdp', 'utf8');

test('the file of the reference lists H.264 and AAC of nine rates, with v=0 and without', () => {
  const rates = [48_000, 8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100];
  const expected = {
    video: ['H264'],
    audio: rates.map((sampleRateHz) => ({ codec: 'AAC', sampleRateHz })),
    recordsVideo: true,
  };
  assert.deepEqual(parseAgentSdp(ours), expected);
  assert.deepEqual(parseAgentSdp(ours.replace('v=0\n', '').replaceAll('\n', '\r\n')), expected);
});

test('a section that is taken out, or a type that the m-line does not list, is not taken', () => {
  const audioAlone = ours.slice(0, ours.indexOf('m=video')) + ours.slice(ours.indexOf('m=audio'));
  assert.deepEqual(parseAgentSdp(audioAlone).video, []);
  const without = parseAgentSdp(ours.replace('103 96 97', '103 96')).audio;
  assert.equal(
    without.some(({ sampleRateHz }) => sampleRateHz === 11_025),
    false,
  );
});

test('video is recorded where its own section says a=sendonly', () => {
  assert.equal(parseAgentSdp(ours.replace('a=sendonly\n', '')).recordsVideo, false);
  assert.equal(
    parseAgentSdp(ours.replace('a=sendonly', 'a=recvonly').replace(/recvonly\n?$/, 'sendonly')).recordsVideo,
    false,
  );
});

const wrong: readonly (readonly [string, RegExp])[] = [
  ['', /lists no codec|it is empty/],
  ['m=video 0 RTP/AVP 95\n', /lists no codec/],
  ['no sdp', /no "type=value"/],
  ['m=video 0 RTP/AVP 95\na=rtpmap:95 H264\n', /a=rtpmap:95 H264 is no/],
  ['m=video 0 RTP/AVP 95\na=rtpmap:95 THEORA/90000\n', /THEORA is no codec of video .* h264/],
  ['m=audio 0 RTP/AVP 96\na=rtpmap:96 constructor/8000\n', /constructor is no codec of audio/],
];
for (const [text, why] of wrong) {
  test(`${JSON.stringify(text)} is refused in words`, () => {
    assert.throws(() => parseAgentSdp(text), { name: 'WireError', message: why });
  });
}
