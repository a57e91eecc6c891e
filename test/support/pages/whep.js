// A bare WHEP viewer, written without the product's own client, so that a fault of that one cannot hide here.
import { createReception } from './reception.js';

const video = document.getElementById('video');
let connection;
let session;
const states = [];

window.reception = createReception(video, () => connection);
window.states = states;

/** Plays; gives the ms from the offer's POST to the first shown picture. `kinds`: what is asked for. */
window.play = async (endpoint, kinds = ['video', 'audio']) => {
  connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  connection.onconnectionstatechange = () => states.push(connection.connectionState);
  const stream = new MediaStream();
  connection.ontrack = ({ track, transceiver }) => {
    stream.addTrack(track);
    const { transport } = transceiver.receiver;
    transport.onstatechange = () => states.push(`dtls ${transport.state}`);
  };
  video.srcObject = stream;
  for (const kind of kinds) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const postedMs = performance.now();
  const shown = new Promise((resolve) => {
    if (kinds.includes('video')) video.requestVideoFrameCallback(resolve);
    else video.onplaying = () => resolve(performance.now());
  });
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: connection.localDescription.sdp,
  });
  if (response.status !== 201) throw new Error(`WHEP answered ${response.status}: ${await response.text()}`);
  session = new URL(response.headers.get('Location'), response.url).href;
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  await video.play();
  return { firstPictureMs: (await shown) - postedMs, session };
};

window.leave = async () => {
  const response = await fetch(session, { method: 'DELETE' });
  connection.close();
  return response.status;
};
