// Plays ?source= by hls.js, which hls-js.js has put on the window.
import { createReception } from './reception.js';

const video = document.getElementById('video');
// By default it stays behind for good by as long as it was once held up (docs/hls.md).
const hls = new window.Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5, enableWorker: false });
const errors = [];
hls.on(window.Hls.Events.ERROR, (_, { details, fatal }) => errors.push(`${details}${fatal ? ' (fatal)' : ''}`));
hls.loadSource(new URLSearchParams(location.search).get('source'));
hls.attachMedia(video);
const { frameAgeMs } = createReception(video, () => null);
window.player = {
  frameAgeMs,
  report: () => ({
    errors,
    latencyS: hls.latency,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    audioBytes: video.webkitAudioDecodedByteCount ?? 0,
    playedS: video.currentTime,
  }),
};
