// A bare WHEP viewer, written without the product's own client, so that a fault of that one cannot hide here.
import { createLipSync } from './lip-sync.js';
import { createReception } from './reception.js';

const video = document.getElementById('video');
let connection;
let session;
let answer;
const states = [];

window.reception = createReception(video, () => connection);
window.lipSync = createLipSync(video, () => connection);
window.states = states;

/**
 * Plays; gives the ms from the offer's POST to the first shown frame. `kinds`: what is asked for. `dropped`: lines of the
 * answer that the browser does not get to see. `only`: the one codec of its kind that is offered ("video/VP8").  Where the test has hung up `relayedPort`, media goes by way of that port.
 */
window.play = async (endpoint, kinds = ['video', 'audio'], dropped = null, only = null) => {
  connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  connection.onconnectionstatechange = () => states.push(connection.connectionState);
  const stream = new MediaStream();
  connection.ontrack = ({ track, transceiver }) => {
    stream.addTrack(track);
    const { transport } = transceiver.receiver;
    transport.onstatechange = () => states.push(`dtls ${transport.state}`);
  };
  for (const kind of kinds) {
    const transceiver = connection.addTransceiver(kind, { direction: 'recvonly' });
    if (!only?.startsWith(`${kind}/`)) continue;
    const { codecs } = RTCRtpReceiver.getCapabilities(kind);
    transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === only));
  }
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
  const lines = (await response.text()).split('\r\n');
  const kept = dropped === null ? lines : lines.filter((line) => !new RegExp(dropped).test(line));
  answer = await relayed(kept.join('\r\n'));
  await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  // Only now: Chromium never plays a stream of audio alone that was empty when the element got it.
  video.srcObject = stream;
  await video.play();
  return { firstFrameMs: (await shown) - postedMs, session };
};

const relayed = async (sdp) => {
  const [line, start, address, port] = /^(a=candidate:\d+ 1 udp \d+) (\S+) (\d+)/m.exec(sdp) ?? [];
  if (window.relayedPort === undefined || line === undefined) return sdp;
  const relay = `${start} ${address} ${await window.relayedPort(address, Number(port))} typ host`;
  return sdp.replace(/(a=candidate:.*\r\n)+/, `${relay}\r\n`);
};

/** The attributes of the transport that an SDP or a fragment of one holds. */
const transportLines = (sdp) => sdp.split(/\r?\n/).filter((line) => /^a=(ice-ufrag|ice-pwd|candidate):/.test(line));

/** ICE restart by hand (RFC 9725 4.3.3). Gives the status of the PATCH. */
window.restartIce = async () => {
  connection.restartIce();
  const offer = await connection.createOffer();
  const mid = /a=mid:(.*)/.exec(offer.sdp)[1];
  const [ufrag, password] = transportLines(offer.sdp);
  const response = await fetch(session, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*' },
    body: `${ufrag}\r\n${password}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:${mid}\r\n`,
  });
  if (response.status !== 200) return response.status;
  const [newUfrag, newPassword, ...candidates] = transportLines(await response.text());
  answer = answer
    .replaceAll(/a=candidate:.*\r\n/g, '')
    .replaceAll(/a=ice-ufrag:.*\r\n/g, `${newUfrag}\r\n`)
    .replaceAll(/a=ice-pwd:.*\r\n/g, `${newPassword}\r\n`)
    .replace('a=end-of-candidates', `${candidates.join('\r\n')}\r\na=end-of-candidates`);
  await connection.setLocalDescription(offer);
  await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  return response.status;
};

/** The pair of candidates that carries the media now. */
window.selectedPair = async () => {
  const reports = await connection.getStats();
  const transport = [...reports.values()].find(({ type }) => type === 'transport');
  const pair = reports.get(transport.selectedCandidatePairId);
  const [local, remote] = [reports.get(pair.localCandidateId), reports.get(pair.remoteCandidateId)];
  return { protocol: remote.protocol, address: remote.address, port: remote.port, ufrag: local.usernameFragment };
};

window.leave = async () => {
  const response = await fetch(session, { method: 'DELETE' });
  connection.close();
  return response.status;
};
