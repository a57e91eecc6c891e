// A viewer by the unmodified Flashphoner Web SDK.
import { createReception } from './reception.js';

// `?sdk=-2.0.180` takes another version of the SDK, `?providers=MSE` its media providers; `?noWebRtc` is a browser without.
const query = new URLSearchParams(location.search);
if (query.has('noWebRtc')) for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) delete window[name];
await new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.src = `flashphoner${query.get('sdk') ?? ''}.js`;
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});
const { Flashphoner } = window;
const events = [];
let session;
let stream;

window.events = events;
window.connect = (urlServer) =>
  new Promise((resolve, reject) => {
    Flashphoner.init({ preferredMediaProviders: (query.get('providers') ?? 'WebRTC').split(',') });
    const { SESSION_STATUS } = Flashphoner.constants;
    session = Flashphoner.createSession({ urlServer });
    for (const status of Object.values(SESSION_STATUS)) session.on(status, () => events.push(`session ${status}`));
    session.on(SESSION_STATUS.ESTABLISHED, () => {
      events.push('session ESTABLISHED');
      resolve();
    });
    session.on(SESSION_STATUS.FAILED, () => reject(new Error('session FAILED')));
  });

/** Resolves with the first status that ends the waiting: PLAYING, FAILED or STOPPED, and its info. */
window.play = (name, constraints, options = {}) =>
  new Promise((resolve) => {
    const display = document.getElementById('display');
    const { CONNECTION_QUALITY, STREAM_EVENT, STREAM_STATUS } = Flashphoner.constants;
    stream = session.createStream({ name, display, ...(constraints === undefined ? {} : { constraints }), ...options });
    stream.on(CONNECTION_QUALITY.UPDATE, (quality) => events.push(`quality ${quality}`));
    for (const status of Object.values(STREAM_STATUS)) {
      stream.on(status, (of) => {
        events.push(`stream ${status} ${of.getInfo() ?? ''}`.trim());
        if (['PLAYING', 'FAILED', 'STOPPED'].includes(status)) resolve({ status, info: of.getInfo() ?? '' });
      });
    }
    stream.on(STREAM_EVENT, ({ type, payload }) => events.push(`event ${type} ${JSON.stringify(payload)}`));
    stream.play();
  });

/** True when the server has the stream. The SDK's promise resolves, or rejects, with the stream itself. */
window.available = (name) =>
  session
    .createStream({ name, display: document.getElementById('display') })
    .available()
    .then(
      () => true,
      () => false,
    );

window.stop = () => stream.stop();
/** What its video element has shown by Media Source Extensions. */
window.shown = () => {
  const video = document.querySelector('#display video');
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    frames: totalVideoFrames - droppedVideoFrames,
    audioBytes: video.webkitAudioDecodedByteCount,
    width: video.videoWidth,
    playedS: video.currentTime,
    behindS: video.buffered.length === 0 ? 0 : video.buffered.end(video.buffered.length - 1) - video.currentTime,
    ranges: video.buffered.length,
  };
};
window.streamId = () => stream.id();
window.resolution = () => stream.videoResolution();

/** The PNG's size, from the event that the SDK gives it with. */
window.snapshot = (name) =>
  new Promise((resolve, reject) => {
    const { STREAM_EVENT, STREAM_EVENT_TYPE, STREAM_STATUS } = Flashphoner.constants;
    const asked = session.createStream({ name, display: document.getElementById('display') });
    const take = async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      resolve([image.naturalWidth, image.naturalHeight]);
    };
    asked.on(STREAM_EVENT, ({ type, payload }) => {
      if (type === 'snapshotFailed') reject(new Error(payload.info));
      if (type === STREAM_EVENT_TYPE.SNAPSHOT_COMPLETED) void take(payload.snapshot);
    });
    // Older versions have no event for it.
    if (STREAM_EVENT_TYPE.SNAPSHOT_COMPLETED === undefined) {
      asked.on(STREAM_STATUS.SNAPSHOT_COMPLETE, (of) => void take(of.getInfo()));
    }
    asked.snapshot();
  });

/** Plays the stream so many times in one more session, each in a display of its own; resolves with how many are PLAYING. */
window.playMany = (urlServer, name, count) =>
  new Promise((resolve) => {
    const { SESSION_STATUS, STREAM_STATUS } = Flashphoner.constants;
    const outcomes = [];
    const settle = (status) => {
      outcomes.push(status);
      if (outcomes.length === count) resolve(outcomes.filter((outcome) => outcome === 'PLAYING').length);
    };
    Flashphoner.createSession({ urlServer }).on(SESSION_STATUS.ESTABLISHED, (many) => {
      for (let n = 0; n < count; n += 1) {
        const display = document.createElement('div');
        document.body.append(display);
        const one = many.createStream({ name, display });
        for (const status of [STREAM_STATUS.PLAYING, STREAM_STATUS.FAILED]) one.on(status, () => settle(status));
        one.play();
      }
    });
  });

/** "udp" or "tcp": how the media comes. */
window.mediaProtocol = async () => {
  const reports = [...(await connection.getStats()).values()];
  const pair = reports.find(({ type, nominated }) => type === 'candidate-pair' && nominated);
  return reports.find(({ id }) => id === pair?.remoteCandidateId)?.protocol;
};
window.disconnect = () => session.disconnect();

/** The SDK's video element appears while it connects; its peer connection is caught at birth. */
let connection;
const Native = window.RTCPeerConnection;
if (Native !== undefined) {
  window.RTCPeerConnection = class extends Native {
    constructor(...options) {
      super(...options);
      connection = this;
    }
  };
}
window.startReception = () => {
  window.reception = createReception(document.querySelector('#display video'), () => connection);
};
