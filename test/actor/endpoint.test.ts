import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  type SrtpKeys,
  type ViewerTransport,
} from '../../actors/viewers/endpoint.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import {
  bindingRequest,
  type IceCredentials,
  iceCredentials,
  isClientHello,
  type MediaClient,
  type MediaClientOptions,
  makeCertificate,
  openMediaClient,
} from '../support/media-client.js';

const serverCertificate = await makeCertificate();
const viewerCertificate = await makeCertificate();
const fingerprint = { algorithm: 'sha-256', value: viewerCertificate.fingerprint };
const anyPort = { listen: ['127.0.0.1'], announce: [], portMin: 0, portMax: 0, sendQueueBytes: 1_000_000 };
const timeouts = { connectTimeoutMs: 15_000, silenceTimeoutMs: 30_000 };

/** An endpoint whose events are waited for, with a clock that moves only when told. */
async function openStage(webrtc: Partial<EndpointOptions['webrtc']> = {}) {
  let nowMs = 1000;
  const keys = new Map<string, SrtpKeys>();
  const connects: string[] = [];
  const rtcp: Uint8Array[] = [];
  const ended = new Map<string, ErrorCode | null>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const look of waiting) look();
  };
  const endpoint = await createEndpoint({
    webrtc: { ...anyPort, ...webrtc },
    viewers: timeouts,
    certificate: serverCertificate,
    nowMs: () => nowMs,
    log: () => {},
    events: {
      onConnected: (viewerId, agreed) => {
        keys.set(viewerId, agreed);
        connects.push(viewerId);
        changed();
      },
      onRtcp: (_viewerId, packet) => {
        rtcp.push(packet);
        changed();
      },
      onEnded: (viewerId, reason) => {
        ended.set(viewerId, reason);
        changed();
      },
    },
  });
  /** Waits for an event after which the condition holds. */
  const when = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const port = endpoint.candidates[0]?.port ?? 0;
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { endpoint, port, keys, connects, rtcp, ended, when, advance };
}

interface Guest {
  readonly client: MediaClient;
  readonly transport: ViewerTransport;
  readonly credentials: IceCredentials;
}

async function admit(
  endpoint: Endpoint,
  viewerId: string,
  options: Partial<MediaClientOptions> & { readonly fingerprint?: typeof fingerprint } = {},
): Promise<Guest> {
  const credentials = iceCredentials();
  const transport = endpoint.admit({ viewerId, ...credentials, fingerprint: options.fingerprint ?? fingerprint });
  const client = await openMediaClient({
    port: endpoint.candidates[0]?.port ?? 0,
    certificate: viewerCertificate,
    ...options,
  });
  return { client, transport, credentials };
}

async function join(stage: Awaited<ReturnType<typeof openStage>>, viewerId: string): Promise<Guest> {
  const guest = await admit(stage.endpoint, viewerId);
  await guest.client.check(guest.credentials);
  await Promise.all([guest.client.handshake(), stage.when(() => stage.keys.has(viewerId))]);
  return guest;
}

const afterwards = (...guests: readonly Pick<Guest, 'client'>[]): void =>
  after(() => {
    for (const { client } of guests) client.close();
  });

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** A plaintext record; `epoch` and body as an attacker likes them. */
function record(type: number, body: readonly number[], epoch = 0): Buffer {
  const header = Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 99, 0, body.length]);
  return Buffer.concat([header, Buffer.from(body)]);
}

/** One ClientHello record as two records, each with half of the message, as browsers send it. */
function splitHello(datagram: Buffer): readonly [Buffer, Buffer] {
  const message = datagram.subarray(25);
  const half = message.length >> 1;
  const fragment = (start: number, end: number): Buffer => {
    const header = Buffer.from(datagram.subarray(0, 25));
    header.writeUInt16BE(12 + end - start, 11);
    header.writeUIntBE(start, 19, 3);
    header.writeUIntBE(end - start, 22, 3);
    return Buffer.concat([header, message.subarray(start, end)]);
  };
  return [fragment(0, half), fragment(half, message.length)];
}

describe('endpoint', () => {
  test('connects a viewer, and both sides have the same keys', async () => {
    const stage = await openStage();
    const { client, transport, credentials } = await admit(stage.endpoint, 'a');
    after(() => client.close());
    assert.equal(transport.send(Buffer.from([0x80, 96])), false, 'nothing is sent to an address that proved nothing');
    assert.deepEqual(await client.check(credentials), ['127.0.0.1', client.port]);
    await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
    const agreed = stage.keys.get('a');
    const theirs = client.dtls.extractSessionKeys(16, 12);
    assert.equal(agreed?.profile, 'AEAD_AES_128_GCM');
    assert.equal(hex(agreed?.localKey), hex(theirs.remoteKey));
    assert.equal(hex(agreed?.localSalt), hex(theirs.remoteSalt));
    assert.equal(hex(agreed?.remoteKey), hex(theirs.localKey));
    assert.equal(hex(agreed?.remoteSalt), hex(theirs.localSalt));
    assert.deepEqual(stage.connects, ['a']);
    await stage.endpoint.close();
  });

  test('carries media to the viewer and its RTCP back, and says close_notify at the end', async () => {
    const stage = await openStage();
    const { client, transport } = await join(stage, 'a');
    after(() => client.close());
    client.send(Buffer.from([0x80, 200, 0, 1]));
    await stage.when(() => stage.rtcp.length > 0);
    assert.deepEqual([...(stage.rtcp[0] ?? [])], [0x80, 200, 0, 1]);
    const closed = client.dtls.onClose.asPromise();
    assert.equal(transport.send(Buffer.from([0x80, 96, 1, 2])), true);
    transport.close();
    await closed;
    assert.deepEqual(client.media.map(hex), ['80600102']);
    assert.equal(transport.send(Buffer.from([0x80, 96])), false);
    assert.equal(stage.ended.size, 0, 'an end that the owner asked for is not told');
    await stage.endpoint.close();
  });

  test('tells that the viewer left when it says close_notify', async () => {
    const stage = await openStage();
    const { client } = await join(stage, 'a');
    after(() => client.close());
    const { dtls } = client;
    const header = { type: 21, version: 0xfefd, epoch: 1, sequenceNumber: 77 };
    const body = dtls.cipher.cipher.encrypt(dtls.sessionType, Buffer.from([1, 0]), header);
    client.send(Buffer.concat([Buffer.from([21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 77, 0, body.length]), body]));
    await stage.when(() => stage.ended.has('a'));
    assert.equal(stage.ended.get('a'), null);
    await stage.endpoint.close();
  });

  test('refuses a viewer whose certificate is not the one of its offer', async () => {
    const stage = await openStage();
    const wrong = { algorithm: 'sha-256', value: serverCertificate.fingerprint };
    const { client, credentials } = await admit(stage.endpoint, 'a', { fingerprint: wrong });
    after(() => client.close());
    await client.check(credentials);
    client.dtls.connect().catch(() => {});
    await stage.when(() => stage.ended.has('a'));
    assert.equal(stage.ended.get('a'), 'viewer.fingerprint');
    assert.equal(stage.keys.size, 0);
    await stage.endpoint.close();
  });

  test('refuses a viewer that shows a certificate whose key it does not have', async () => {
    const stage = await openStage();
    const credentials = iceCredentials();
    stage.endpoint.admit({ viewerId: 'a', ...credentials, fingerprint });
    const thief = { ...viewerCertificate, keyPem: serverCertificate.keyPem };
    const client = await openMediaClient({ port: stage.port, certificate: thief });
    after(() => client.close());
    await client.check(credentials);
    client.dtls.connect().catch(() => {});
    await stage.when(() => stage.ended.has('a'));
    assert.equal(stage.ended.get('a'), 'viewer.dtls');
    await stage.endpoint.close();
  });

  for (const [name, shape] of [
    ['in two datagrams', splitHello],
    ['in two datagrams that swapped places', (datagram: Buffer) => [...splitHello(datagram)].reverse()],
    [
      'in two datagrams, each of them twice',
      (datagram: Buffer) => splitHello(datagram).flatMap((part) => [part, part]),
    ],
  ] as const) {
    test(`connects a viewer whose ClientHello comes ${name}`, async () => {
      const stage = await openStage();
      const { client, credentials } = await admit(stage.endpoint, 'a', {
        shape: (datagram) => (isClientHello(datagram) ? shape(datagram) : [datagram]),
      });
      after(() => client.close());
      await client.check(credentials);
      await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
      assert.deepEqual(stage.connects, ['a']);
      await stage.endpoint.close();
    });
  }

  test('answers nothing to what does not know the password', async () => {
    const stage = await openStage();
    const { client, credentials } = await admit(stage.endpoint, 'a');
    after(() => client.close());
    const withoutFingerprint = bindingRequest(credentials).subarray(0, -8);
    withoutFingerprint.writeUInt16BE(withoutFingerprint.length - 20, 2);
    const hello = record(22, [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(42).fill(0)]);
    const hostile = [
      bindingRequest(credentials, { password: 'wrong' }),
      bindingRequest(credentials, { username: 'x:y' }),
      bindingRequest(credentials, { username: `${credentials.localUfrag}:other` }),
      bindingRequest(credentials, { username: credentials.localUfrag }),
      withoutFingerprint,
      record(21, [1, 0]),
      hello,
      Buffer.from([0x80, 200, 0, 0]),
      Buffer.alloc(0),
      Buffer.alloc(1),
    ];
    for (let round = 0; round < 100; round += 1) for (const datagram of hostile) client.send(datagram);
    // The answer to this check is the first thing that comes, and it comes after all of the above was read.
    await client.check(credentials);
    assert.equal(client.receivedBytes, 64, 'one success response, and nothing else');
    await stage.endpoint.close();
  });

  test('a forged alert, ClientHello, ChangeCipherSpec or datum from the address of the viewer changes nothing', async () => {
    const stage = await openStage();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    const before = client.receivedBytes;
    const hello = record(22, [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(42).fill(0)]);
    const forged = [
      record(21, [1, 0]),
      record(21, [2, 40]),
      record(21, [1, 0], 1),
      hello,
      record(20, [1]),
      record(23, [1, 2, 3]),
    ];
    for (let round = 0; round < 50; round += 1) for (const datagram of forged) client.send(datagram);
    client.send(record(22, [...Array<number>(48).fill(7)], 1));
    client.send(record(99, [1]));
    await client.check(credentials);
    assert.equal(client.receivedBytes - before, 64, 'only the check was answered');
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    assert.deepEqual([stage.connects, stage.ended.size], [['a'], 0]);
    await stage.endpoint.close();
  });

  test('gives up a viewer that never comes, one that never shakes hands, and one that goes silent', async () => {
    const stage = await openStage();
    const absent = await admit(stage.endpoint, 'absent');
    const mute = await admit(stage.endpoint, 'mute');
    const silent = await join(stage, 'silent');
    afterwards(absent, mute, silent);
    await mute.client.check(mute.credentials);
    stage.advance(timeouts.connectTimeoutMs);
    await stage.when(() => stage.ended.size === 2);
    assert.deepEqual(Object.fromEntries(stage.ended), { absent: 'viewer.iceTimeout', mute: 'viewer.dtls' });
    stage.advance(timeouts.silenceTimeoutMs);
    await stage.when(() => stage.ended.size === 3);
    assert.equal(stage.ended.get('silent'), 'viewer.iceKeepAlive');
    await stage.endpoint.close();
  });

  test('a viewer that checks lives on', async () => {
    const stage = await openStage();
    const { client, credentials } = await join(stage, 'a');
    const absent = await admit(stage.endpoint, 'absent');
    afterwards({ client }, absent);
    stage.advance(timeouts.silenceTimeoutMs - 1);
    await client.check(credentials);
    stage.advance(timeouts.silenceTimeoutMs - 1);
    // The end of another one shows that the clock was looked at.
    await stage.when(() => stage.ended.has('absent'));
    assert.equal(stage.ended.has('a'), false);
    await stage.endpoint.close();
  });

  test('follows a viewer to a new address once it proved itself there', async () => {
    const stage = await openStage();
    const { client, transport, credentials } = await join(stage, 'a');
    const moved = await openMediaClient({ port: stage.port, certificate: viewerCertificate });
    afterwards({ client }, { client: moved });
    moved.send(Buffer.from([0x80, 201, 0, 1]));
    await moved.check(credentials, { nominates: false });
    assert.equal(stage.rtcp.length, 0, 'what came before the check is not heard');
    moved.send(Buffer.from([0x80, 201, 0, 2]));
    await stage.when(() => stage.rtcp.length === 1);
    transport.send(Buffer.from([0x80, 96, 0, 9]));
    await moved.check(credentials, { nominates: false });
    assert.deepEqual(moved.media.map(hex), ['80600009']);
    assert.deepEqual(client.media, []);
    await stage.endpoint.close();
  });

  test('serves twenty viewers on one port, each with keys of its own', async () => {
    const stage = await openStage();
    const guests = await Promise.all(Array.from({ length: 20 }, (_, n) => join(stage, `viewer ${n}`)));
    afterwards(...guests);
    assert.equal(new Set([...stage.keys.values()].map(({ localKey }) => hex(localKey))).size, 20);
    for (const { transport } of guests) assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    for (const { client, credentials } of guests) await client.check(credentials);
    assert.deepEqual(
      guests.map(({ client }) => client.media.length),
      Array<number>(20).fill(1),
    );
    await stage.endpoint.close();
  });

  test('takes no more than its send queue holds', async () => {
    const stage = await openStage({ sendQueueBytes: 4096 });
    const { client, transport } = await join(stage, 'a');
    after(() => client.close());
    const taken = Array.from({ length: 8 }, () => transport.send(Buffer.alloc(1000, 0x80)));
    assert.deepEqual(taken, [true, true, true, true, false, false, false, false]);
    assert.equal(stage.endpoint.queuedBytes(), 4000);
    await stage.endpoint.close();
    assert.equal(stage.endpoint.queuedBytes(), 0);
  });

  test('a datagram that the kernel refuses hurts nobody', async () => {
    const stage = await openStage();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    transport.send(Buffer.alloc(70_000, 0x80));
    transport.send(Buffer.from([0x80, 96]));
    await client.check(credentials);
    assert.equal(client.media.length, 1);
    await stage.endpoint.close();
  });

  test('steps over ports that are taken, and says so when none is left', async () => {
    const blocker = createSocket('udp4').bind(0, '127.0.0.1');
    await once(blocker, 'listening');
    after(() => blocker.close());
    const { port } = blocker.address();
    await assert.rejects(openStage({ portMin: port, portMax: port }), (error) => {
      assert.ok(error instanceof SluiceError);
      assert.equal(error.code, 'viewer.limit');
      assert.match(error.message, /webrtc\.portMin.*webrtc\.portMax/);
      return true;
    });
    const [low, high] = port < 65_000 ? [port, port + 20] : [port - 20, port];
    const stages = await Promise.all(Array.from({ length: 5 }, () => openStage({ portMin: low, portMax: high })));
    const ports = stages.map((stage) => stage.port);
    assert.equal(new Set([...ports, port]).size, 6);
    for (const stage of stages) await stage.endpoint.close();
  });

  test('names the address that it cannot listen on', async () => {
    await assert.rejects(
      openStage({ listen: ['127.0.0.1', '192.0.2.77'] }),
      /webrtc\.listen: the address 192\.0\.2\.77/,
    );
  });

  test('tells viewers the announced addresses with the port that is bound', async () => {
    const stage = await openStage({ announce: ['198.51.100.7', '2001:db8::7'] });
    const [first, second] = stage.endpoint.candidates;
    assert.deepEqual([first?.address, second?.address], ['198.51.100.7', '2001:db8::7']);
    assert.ok(first !== undefined && second !== undefined && first.priority > second.priority);
    assert.equal(first.port, second.port);
    await stage.endpoint.close();
  });

  test('an ICE restart keeps DTLS and keys, and the old password counts until the new one is used', async () => {
    const stage = await openStage();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    const fresh = iceCredentials();
    assert.equal(stage.endpoint.restart('a', fresh), true);
    assert.equal(stage.endpoint.restart('nobody', iceCredentials()), false);
    await client.check(credentials);
    await client.check(fresh);
    const before = client.receivedBytes;
    client.send(bindingRequest(credentials));
    await client.check(fresh);
    assert.equal(client.receivedBytes - before, 64, 'the old credentials are answered no more');
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    assert.deepEqual([stage.connects, stage.ended.size], [['a'], 0]);
    await stage.endpoint.close();
  });

  test('connects a viewer that misses the first answer to each of its flights', async () => {
    const stage = await openStage();
    const lost = new Set<number>();
    const { client, credentials } = await admit(stage.endpoint, 'a', {
      repeats: true,
      hears: (datagram) => {
        // HelloVerifyRequest, ServerHelloDone, and the encrypted Finished, by the first byte of the message.
        const type = datagram[13] ?? 0;
        if (datagram[0] !== 22 || ![3, 14, 0].includes(type) || lost.has(type)) return true;
        lost.add(type);
        return false;
      },
    });
    after(() => client.close());
    await client.check(credentials);
    await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
    assert.deepEqual([...lost], [3, 14, 0]);
    assert.deepEqual(stage.connects, ['a']);
    assert.equal(hex(stage.keys.get('a')?.localKey), hex(client.dtls.extractSessionKeys(16, 12).remoteKey));
    await stage.endpoint.close();
  });

  test('leaves no socket and no timer when it is closed in the middle of a handshake', async () => {
    const idle = process.getActiveResourcesInfo().sort();
    const stage = await openStage();
    const { client, credentials } = await admit(stage.endpoint, 'a');
    await client.check(credentials);
    const replied = new Promise<void>((resolve) => {
      const { onHandleHandshakes } = client.dtls;
      client.dtls.onHandleHandshakes = async (messages) => {
        // ServerHelloDone ends the server's flight, which nobody answers.
        if (messages.some(({ msg_type }) => msg_type === 14)) resolve();
        else await onHandleHandshakes(messages);
      };
    });
    client.dtls.connect().catch(() => {});
    await replied;
    assert.ok(process.getActiveResourcesInfo().length > idle.length);
    await stage.endpoint.close();
    client.close();
    await new Promise(setImmediate);
    assert.deepEqual(process.getActiveResourcesInfo().sort(), idle);
  });
});
