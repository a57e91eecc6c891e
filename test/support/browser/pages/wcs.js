// A viewer by the unmodified Flashphoner Web SDK.
import { createReception } from './reception.js';

const { Flashphoner } = window;
const events = [];
let session;
let stream;

window.events = events;
window.connect = (urlServer) =>
  new Promise((resolve, reject) => {
    Flashphoner.init({ preferredMediaProviders: ['WebRTC'] });
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
window.play = (name, constraints) =>
  new Promise((resolve) => {
    const display = document.getElementById('display');
    const { STREAM_EVENT, STREAM_STATUS } = Flashphoner.constants;
    stream = session.createStream({ name, display, ...(constraints === undefined ? {} : { constraints }) });
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
window.streamId = () => stream.id();
window.disconnect = () => session.disconnect();

/** The SDK's video element appears while it connects; its peer connection is caught at birth. */
let connection;
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...options) {
    super(...options);
    connection = this;
  }
};
window.startReception = () => {
  window.reception = createReception(document.querySelector('#display video'), () => connection);
};
