import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { keepCandidates, readAnswer } from '../../../../src/core/sdp/read-answer.js';

const answer = (...lines: readonly string[]): string => ['v=0', 's=-', ...lines, ''].join('\r\n');
const candidates = [
  'a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host',
  'a=candidate:2 1 UDP 2130706431 2001:db8::1 5000 typ host generation 0',
  'a=candidate:3 1 tcp 1 192.0.2.1 5001 typ host tcptype passive',
  'a=candidate:4 1 udp 1 0a1b.local 5000 typ host',
  'a=candidate:5 2 udp 1 192.0.2.1 5002 typ host',
];

test('the tracks that will be sent are read, and the candidates that UDP can reach', () => {
  const sdp = answer(
    ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=sendonly', 'a=ssrc:7 cname:x', ...candidates],
    ...[
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=ssrc-group:FID 8 9',
      'a=ssrc:8 cname:x',
      'a=ssrc:9 cname:x',
      ...candidates,
    ],
  );
  assert.deepEqual(readAnswer(sdp), {
    tracks: [
      { kind: 'audio', ssrcs: [7] },
      { kind: 'video', ssrcs: [8, 9] },
    ],
    candidates: [
      { address: '192.0.2.1', port: 5000 },
      { address: '2001:db8::1', port: 5000 },
    ],
  });
});

test('a track that is refused or inactive is none', () => {
  const sdp = answer('m=audio 0 UDP/TLS/RTP/SAVPF 111', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=inactive');
  assert.deepEqual(readAnswer(sdp), { tracks: [], candidates: [] });
});

test('all candidates but those that are kept are left out, and nothing else', () => {
  const kept = keepCandidates(answer('m=audio 9 x 1', ...candidates, 'a=mid:0'), [
    { address: '192.0.2.1', port: 5000 },
  ]);
  assert.equal(kept, answer('m=audio 9 x 1', candidates[0] ?? '', 'a=mid:0'));
});

test('what is no SDP is no answer', () => {
  assert.throws(() => readAnswer('<html>'), WireError);
});

test('no more candidates are read than make sense', () => {
  const many = Array.from({ length: 40 }, (_, n) => `a=candidate:1 1 udp 1 192.0.2.1 ${5000 + n} typ host`);
  assert.equal(readAnswer(answer('m=audio 9 x 1', ...many)).candidates.length, 32);
});
