/** An endpoint on 127.0.0.1 with guests that are let in, for the tests of the media port. */
import { after, type TestContext, test } from 'node:test';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { HeldPort } from '../../../actors/session-record.js';
import {
  type Admission,
  createEndpoint,
  type EndpointOptions,
  type Transport,
} from '../../../actors/transport/endpoint.js';
import { createSrtpSender } from '../../../src/core/srtp/srtp.js';
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import type { ErrorCode } from '../../../src/errors.js';
import {
  type IceCredentials,
  iceCredentials,
  type MediaClient,
  type MediaClientOptions,
  makeCertificate,
  openMediaClient,
} from '../viewer/media-client.js';

export const serverCertificate = await makeCertificate();
export const viewerCertificate = await makeCertificate();
export const fingerprint = { algorithm: 'sha-256', value: viewerCertificate.fingerprint };
const anyPort = {
  listen: ['127.0.0.1'],
  interfaces: [],
  announce: [],
  portMin: 0,
  portMax: 0,
  singlePort: 0,
  sendQueueBytes: 1_000_000,
  fanout: 'js',
} as const;
export const timeouts = { connectTimeoutMs: 15_000, silenceTimeoutMs: 30_000 };

/** An endpoint whose events are waited for, with a clock that moves only when told. */
export async function openStage(
  webrtc: Partial<EndpointOptions['webrtc']> = {},
  inherited: EndpointOptions['inherited'] = null,
) {
  const opened: HeldPort[] = [];
  let nowMs = 1000;
  const keys = new Map<string, SrtpKeys>();
  const connects: string[] = [];
  const rtcp: Uint8Array[] = [];
  const rerouted: string[] = [];
  const ended = new Map<string, ErrorCode | null>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const look of waiting) look();
  };
  const endpoint = await createEndpoint({
    webrtc: { ...anyPort, ...webrtc },
    viewers: timeouts,
    certificate: serverCertificate,
    inherited,
    onOpened: (held) => opened.push(held),
    onClosed: () => {},
    nowMs: () => nowMs,
    log: () => {},
  });
  /** Events of this viewer are recorded, and wake who waits. */
  const admission = (viewerId: string, credentials: IceCredentials, certificate: typeof fingerprint): Admission => ({
    viewerId,
    credentials,
    fingerprint: certificate,
    rtcpIndices: new SessionNumbers().rtcpSources,
    onConnected(agreed) {
      keys.set(viewerId, agreed);
      connects.push(viewerId);
      changed();
    },
    onChanged() {
      changed();
    },
    onRerouted() {
      rerouted.push(viewerId);
      changed();
    },
    onRtcp(packet) {
      // It is valid during the call.
      rtcp.push(Uint8Array.from(packet));
      changed();
    },
    onEnded(reason) {
      ended.set(viewerId, reason);
      changed();
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
  const [held] = opened;
  return { endpoint, admission, port, held, keys, connects, rtcp, rerouted, ended, when, advance };
}

export type EndpointStage = Awaited<ReturnType<typeof openStage>>;

/** Each takes less than a second: one that waits for what does not come is told by its name. */
const timeoutMs = 60_000;

/** A test of each of those that receive (actors/transport/receiver.ts). */
export function withEachReceiver(name: string, body: (open: typeof openStage, t: TestContext) => Promise<void>): void {
  for (const fanout of ['js', 'native'] as const) {
    test(`${fanout}: ${name}`, { timeout: timeoutMs }, (t) => body((webrtc) => openStage({ fanout, ...webrtc }), t));
  }
}

export interface Guest {
  readonly client: MediaClient;
  readonly transport: Transport;
  readonly credentials: IceCredentials;
}

export async function admit(
  { endpoint, admission }: EndpointStage,
  viewerId: string,
  options: Partial<MediaClientOptions> & { readonly fingerprint?: typeof fingerprint } = {},
): Promise<Guest> {
  const made = iceCredentials();
  const credentials = { ...made, localUfrag: endpoint.ufragPrefix + made.localUfrag };
  const transport = endpoint.admit(admission(viewerId, credentials, options.fingerprint ?? fingerprint));
  const client = await openMediaClient({
    port: endpoint.candidates[0]?.port ?? 0,
    certificate: viewerCertificate,
    ...options,
  });
  return { client, transport, credentials };
}

export async function join(
  stage: EndpointStage,
  viewerId: string,
  options: Partial<MediaClientOptions> = {},
): Promise<Guest> {
  const guest = await admit(stage, viewerId, options);
  await guest.client.check(guest.credentials);
  await Promise.all([guest.client.handshake(), stage.when(() => stage.keys.has(viewerId))]);
  return guest;
}

/** An empty receiver report: the least that a viewer sends. */
export const receiverReport = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 7]);

/** Protects RTCP of a guest that has joined, under indices that run on. */
export function srtcpOf({ client }: Pick<Guest, 'client'>): (packet: Uint8Array) => Buffer {
  const { localKey, localSalt } = client.dtls.extractSessionKeys(16, 12);
  const sender = createSrtpSender('AEAD_AES_128_GCM', localKey, localSalt);
  let index = 0;
  return (packet) => {
    index += 1;
    return sender.protectRtcp(packet, index);
  };
}

/** Closes them when the test is over. */
export const afterwards = (...guests: readonly Pick<Guest, 'client'>[]): void =>
  after(() => {
    for (const { client } of guests) client.close();
  });

export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
