// Plays ?endpoint= by the client that the server at ?client= gives.
import { createReception } from './reception.js';

const parameters = new URLSearchParams(location.search);
const video = document.getElementById('video');
const { MseClient } = await import(`${parameters.get('client')}/mse-client.js`);
const client = new MseClient({ endpoint: parameters.get('endpoint'), video });
const beganMs = performance.now();
let firstFrameMs = null;
video.requestVideoFrameCallback(() => {
  firstFrameMs = performance.now() - beganMs;
});
const { frameAgeMs } = createReception(video, () => null);
window.player = {
  frameAgeMs,
  report: () => ({
    phase: client.state.phase,
    reason: client.state.reason ?? '',
    firstFrameMs,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    audioBytes: video.webkitAudioDecodedByteCount ?? 0,
    width: video.videoWidth,
    height: video.videoHeight,
    playedS: video.currentTime,
    bufferedMs:
      video.buffered.length === 0 ? 0 : (video.buffered.end(video.buffered.length - 1) - video.currentTime) * 1000,
    ranges: video.buffered.length,
  }),
};
client.start();
