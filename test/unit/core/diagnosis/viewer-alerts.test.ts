import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alert } from '../../../../src/core/diagnosis/check.js';
import { viewerAlerts } from '../../../../src/core/diagnosis/viewer-alerts.js';

test('viewers are told in words what concerns what they see, and nothing of what was found', () => {
  const found = viewerAlerts([
    alert('source.play', 'INGRESS_REFUSED', 'ECONNREFUSED 10.0.0.1:1935'),
    alert('video.bFrames', 'INGRESS_HAS_BFRAME', '30 %'),
    alert('viewers.ice', 'VIEWER_ICE_FAILED', '3 in the last ten minutes; offered were 10.0.0.2'),
    alert('audio.codec', 'INGRESS_NO_AUDIO', 'None has come so far'),
  ]);
  assert.deepEqual(
    found.map(({ code, status, deadTrack }) => [code, status, deadTrack]),
    [
      ['INGRESS_HAS_BFRAME', 'warning', null],
      ['INGRESS_NO_AUDIO', 'info', null],
    ],
  );
  assert.doesNotMatch(JSON.stringify(found), /10\.0\.0|30 %|None has come/);
});

test('a track that cannot be played is named as who watches names it', () => {
  const [video, audio] = viewerAlerts([
    alert('video.track', 'INGRESS_TRACK_UNREADABLE', 'source.unreadableVideo'),
    alert('audio.track', 'INGRESS_TRACK_UNREADABLE', 'source.unreadableAudio'),
  ]);
  assert.deepEqual([video?.deadTrack, audio?.deadTrack], ['video', 'audio']);
  assert.equal(video?.text, 'The picture of the source is damaged, and cannot be played');
  assert.equal(audio?.text, 'The sound of the source is damaged, and cannot be played');
});
