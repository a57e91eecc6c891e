/**
 * Media of another implementation (werift) that is the client in DTLS, as pion's answers are, and names no SSRC: what it sends, with
 * one packet in twenty lost on the way, comes out as whole pictures.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useH264, useNACK, useOPUS, usePLI } from 'werift';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import type { MediaMessage } from '../../../src/core/rtmp/media-message.js';
import { pullFrom } from '../../support/source/pulling.js';
import { within } from '../../support/until.js';

const frames = 100;
const fps = 50;
const packetsOfFrame = 3;
const passedPercent = 95;
const underWay = 20;
const keySlice = 0x65;
const slice = 0x41;

/** A picture of so many slices, each a packet; the first of them all is a keyframe. */
function packetsOf(n: number): readonly RtpPacket[] {
  return Array.from({ length: packetsOfFrame }, (_, at) => {
    const payload = Buffer.alloc(200, 1 + (n % 200));
    payload[0] = n === 0 ? keySlice : slice;
    payload[1] = at;
    const header = new RtpHeader({
      payloadType: 96,
      sequenceNumber: (65_500 + n * packetsOfFrame + at) & 0xffff,
      timestamp: (0xffff_ff00 + (n * 90_000) / fps) >>> 0,
      marker: at === packetsOfFrame - 1,
    });
    return new RtpPacket(header, payload);
  });
}

/** A WHEP endpoint of which each session is a connection of werift; gives its address, and what to send by. */
async function serve(t: TestContext, alter = (sdp: string): string => sdp) {
  const connections: RTCPeerConnection[] = [];
  const track = new MediaStreamTrack({ kind: 'video' });
  let asked = (): void => {};
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  let connected = (): void => {};
  const isConnected = new Promise<void>((resolve) => (connected = resolve));
  const server = createServer(async (request, response) => {
    const offer = await text(request);
    if (request.method !== 'POST') {
      response.end();
      return;
    }
    const connection = new RTCPeerConnection({
      codecs: {
        video: [useH264({ payloadType: 96, rtcpFeedback: [useNACK(), usePLI()] })],
        audio: [useOPUS({ payloadType: 111 })],
      },
      iceServers: [],
      iceAdditionalHostAddresses: ['127.0.0.1'],
    });
    connections.push(connection);
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') connected();
    });
    connection.addTransceiver(track, { direction: 'sendonly' });
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription(await connection.createAnswer());
    const sdp = (connection.localDescription?.sdp ?? '').replace(/^a=ssrc.*\r\n/gm, '');
    assert.match(sdp, /^a=setup:active\r$/m);
    asked();
    response.writeHead(201, { Location: '/session/1' }).end(alter(sdp));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await Promise.all(connections.map((connection) => connection.close()));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : assert.fail('no TCP port');
  return {
    uri: `http://127.0.0.1:${port}/whep/cam`,
    track,
    isAsked,
    isConnected,
    /** From now on packets are lost on their way. */
    lose() {
      // By its code this is what gets through, in percent.
      for (const { config } of connections.flatMap(({ dtlsTransports }) => dtlsTransports)) {
        config.debug = { outboundPacketLoss: passedPercent };
      }
    },
  };
}

test('a server that is the client in DTLS and names no SSRC is received whole, each loss repaired by NACK', async (t) => {
  const server = await serve(t);
  const messages: MediaMessage[] = [];
  let wake = (): void => {};
  const { pull, seen } = pullFrom(t, server.uri, {
    onMedia(message) {
      if (message.track === 'video') messages.push(message);
      wake();
    },
  });
  pull.start();
  await seen(/^CONNECTED$/);
  await server.isConnected;
  // werift sends none again of which 128 have followed.
  for (let n = 0; messages.length < frames; n += 1) {
    for (const packet of packetsOf(n)) server.track.writeRtp(packet);
    if (n === 5) server.lose();
    if (n - messages.length > underWay)
      await within('a picture', new Promise<void>((resolve) => (wake = resolve)), 5000);
  }
  const tags = messages.map(({ body }) => parseVideoTag(body));
  assert.ok(tags.every((tag) => tag.kind === 'frame' && tag.data.length === packetsOfFrame * 204));
  const steps = messages.slice(1).map(({ timestampMs }, n) => timestampMs - (messages[n]?.timestampMs ?? 0));
  assert.deepEqual([...new Set(steps)], [1000 / fps]);
  assert.equal(pull.stats.skippedMessages, 0);
});

test('a server whose certificate is not that of its answer is not received, and dialled again', async (t) => {
  const server = await serve(t, (sdp) => sdp.replace(/^(a=fingerprint:sha-256 ..)(.*)\r$/gm, '$1:00$2'));
  const { pull, events, seen } = pullFrom(t, server.uri);
  pull.start();
  await seen(/^PENDING source\.protocol ICE or DTLS failed$/);
  assert.ok(!events.includes('CONNECTED'));
});

test('a link that is being made is left at once when the pull ends, and leaves nothing open', async (t) => {
  const server = await serve(t, (sdp) => sdp.replace(/^a=ice-pwd:.*\r$/gm, 'a=ice-pwd:0000000000000000000000\r'));
  const { pull, seen } = pullFrom(t, server.uri);
  pull.start();
  await server.isAsked;
  await pull.stop();
  await seen(/^PENDING$/);
});
