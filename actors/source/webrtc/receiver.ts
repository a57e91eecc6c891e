/**
 * The receiving end of a WebRTC session: ICE, DTLS and RTCP by werift's RTCPeerConnection, media by our own core
 * (werift's NACK stops at the first loss behind a wrap of the numbers, and its router drops streams whose SSRC no answer names).
 *
 * werift takes datagrams from anybody (docs/reliability.md 3): here only those of the source's own candidates reach it, and no
 * plain DTLS once the session is encrypted.
 */

import { ReceivedMedia } from '../../../src/core/receive/received-media.js';
import type { MediaMessage } from '../../../src/core/rtmp/media-message.js';
import type { AnsweredTrack, CandidatePlace } from '../../../src/core/sdp/read-answer.js';
import { createSrtpReceiver, type SrtpReceiver } from '../../../src/core/srtp/srtp-receiver.js';
import { type ErrorCode, readThrown, SluiceError } from '../../../src/errors.js';
import type { SourceAccess } from './access.js';
import { offeredCodecs, offeredPayloads } from './offer-codecs.js';
import { isProved } from './peer-proof.js';
import {
  GenericNack,
  HashAlgorithm,
  PictureLossIndication,
  RTCPeerConnection,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  SignatureAlgorithm,
  StunProtocol,
} from './toolkit.js';

export interface ReceiverOptions extends Pick<SourceAccess, 'settings' | 'certificate' | 'nowMs'> {
  /** Ours, by which the source was reached: loopback is no candidate without it. */
  readonly localAddress: string;
  readonly signal: AbortSignal;
}

export interface Receiver {
  readonly offerSdp: string;
  readonly receivedBytes: number;
  readonly lostPackets: number;
  /** Resolves when keys are agreed. Errors: source.*. */
  connect(answerSdp: string, tracks: readonly AnsweredTrack[], places: readonly CandidatePlace[]): Promise<void>;
  /** What came goes on from now on; `onEnd`: the source has closed the session, at most once. */
  begin(onMedia: (message: MediaMessage) => void, onEnd: (reason: ErrorCode, detail: string) => void): void;
  close(): Promise<void>;
}

/** Each packet brings the state up to date; this is for when none comes. */
const tickMs = 50;
const lateTickMs = 4 * tickMs;
const reportMs = 1000;
const senderSsrc = 1;
/** From 1900 to 1970, in ms. */
const ntpEpochMs = 2_208_988_800_000;

export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { certificate, localAddress, nowMs } = options;
  const connection = new RTCPeerConnection({
    codecs: offeredCodecs,
    headerExtensions: { audio: [], video: [] },
    iceServers: [],
    iceAdditionalHostAddresses: [localAddress],
    bundlePolicy: 'max-bundle',
    dtls: {
      keys: {
        certPem: certificate.certPem,
        keyPem: certificate.keyPem,
        signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
      },
    },
  });
  for (const kind of ['audio', 'video'] as const) {
    // Its receivers would ask for packets too, and report.
    connection.addTransceiver(kind, { direction: 'recvonly' }).receiver.stop();
  }
  await connection.setLocalDescription(await connection.createOffer());
  let media: ReceivedMedia | null = null;
  let timer: NodeJS.Timeout | undefined;
  let receivedBytes = 0;
  let give: ((message: MediaMessage) => void) | null = null;
  let ended = (_reason: ErrorCode, _detail: string): void => {};

  const [transport] = connection.dtlsTransports;
  if (transport === undefined) throw new SluiceError('internal', 'no transport');

  const ask = (received: ReceivedMedia): void => {
    for (const { ssrc, sequences } of received.asks(nowMs())) {
      const nack = new GenericNack({ senderSsrc, mediaSourceSsrc: ssrc, lost: [...sequences] });
      void transport.sendRtcp([new RtcpTransportLayerFeedback({ feedback: nack })]);
    }
    const ssrc = received.wantsKeyframe(nowMs());
    if (ssrc === null) return;
    const pli = new PictureLossIndication({ senderSsrc, mediaSsrc: ssrc });
    void transport.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback: pli })]);
  };
  const handOn = (received: ReceivedMedia): void => {
    if (give === null) return;
    for (const message of received.drain()) give(message);
  };
  let reportDueMs = nowMs() + reportMs;
  const report = (received: ReceivedMedia): void => {
    if (nowMs() < reportDueMs) return;
    reportDueMs = nowMs() + reportMs;
    const reports = received.reports(nowMs()).map((one) => new RtcpReceiverInfo(one));
    if (reports.length > 0) void transport.sendRtcp([new RtcpRrPacket({ ssrc: senderSsrc, reports })]);
  };
  let tickedMs = nowMs();
  const tick = (): void => {
    const sinceMs = nowMs() - tickedMs;
    tickedMs = nowMs();
    // After a stop of this thread timers come before what the socket has: that is read first.
    if (media === null || sinceMs > lateTickMs) return;
    media.tick(nowMs());
    handOn(media);
    ask(media);
    report(media);
  };

  let srtp: SrtpReceiver | null = null;
  const receive = (datagram: Uint8Array): void => {
    const packet = srtp?.open(datagram) ?? null;
    if (packet === null || media === null) return;
    receivedBytes += packet.payload.length;
    media.packet(packet, nowMs());
    handOn(media);
    ask(media);
  };

  return {
    offerSdp: connection.localDescription?.sdp ?? '',
    get receivedBytes() {
      return receivedBytes;
    },
    get lostPackets() {
      return media?.lost ?? 0;
    },
    async connect(answerSdp, tracks, places) {
      const received = new ReceivedMedia({
        payloads: offeredPayloads,
        expected: new Set(tracks.map(({ kind }) => kind)),
      });
      transport.onRtcp.subscribe((packet) => {
        if (!(packet instanceof RtcpSrPacket)) return;
        const track = tracks.find(({ ssrcs }) => ssrcs.includes(packet.ssrc))?.kind ?? received.trackOf(packet.ssrc);
        const { ntpTimestamp, rtpTimestamp } = packet.senderInfo;
        if (track !== null) received.report(track, utcMsOf(ntpTimestamp), rtpTimestamp, nowMs());
      });
      media = received;
      await setAnswer(connection, answerSdp);
      guard(connection, places, receive);
      await connected(connection, options);
      if (!isProved(transport.dtls))
        throw new SluiceError('source.protocol', 'it does not own the key of its certificate');
      srtp = openSrtp(transport.dtls);
    },
    begin(onMedia, onEnd) {
      give = onMedia;
      ended = onEnd;
      const judge = (state: RTCPeerConnection['connectionState']): void => {
        if (state === 'closed' || state === 'failed') ended('source.ended', 'it closed the session');
      };
      connection.connectionStateChange.subscribe(judge);
      timer = setInterval(tick, tickMs);
      judge(connection.connectionState);
    },
    async close() {
      ended = () => {};
      give = null;
      clearInterval(timer);
      await connection.close();
    },
  };
}

/** 64 bits: seconds since 1900, and their fraction. */
function utcMsOf(ntpTimestamp: bigint): number {
  return Number(ntpTimestamp >> 32n) * 1000 + Number((ntpTimestamp & 0xffff_ffffn) * 1000n) / 2 ** 32 - ntpEpochMs;
}

async function setAnswer(connection: RTCPeerConnection, sdp: string): Promise<void> {
  try {
    await connection.setRemoteDescription({ type: 'answer', sdp });
  } catch (error) {
    throw new SluiceError('source.protocol', `its answer does not fit the offer: ${readThrown(error).message}`);
  }
}

function connected(
  connection: RTCPeerConnection,
  { settings, signal }: Pick<ReceiverOptions, 'settings' | 'signal'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (code: ErrorCode, detail: string): void => give(() => reject(new SluiceError(code, detail)));
    const onAbort = (): void => fail('source.timeout', 'given up');
    const judge = (state: RTCPeerConnection['connectionState']): void => {
      if (state === 'connected') give(resolve);
      else if (state === 'failed' || state === 'closed') fail('source.protocol', 'ICE or DTLS failed');
    };
    const timer = setTimeout(
      () => fail('source.timeout', 'no connection for its media (ICE, DTLS)'),
      settings.dialogueTimeoutMs,
    );
    signal.addEventListener('abort', onAbort);
    connection.connectionStateChange.subscribe(judge);
    judge(connection.connectionState);
    if (signal.aborted) onAbort();
  });
}

/** IANA DTLS-SRTP profiles and the bytes of their salts (RFC 7714 14.2, RFC 5764 4.1.2). */
const profiles = {
  7: { profile: 'AEAD_AES_128_GCM', saltBytes: 12 },
  1: { profile: 'AES_CM_128_HMAC_SHA1_80', saltBytes: 14 },
} as const;

/** Error: source.protocol. */
function openSrtp(dtls: RTCPeerConnection['dtlsTransports'][number]['dtls']): SrtpReceiver {
  const chosen = dtls?.srtp.srtpProfile;
  if (dtls === undefined || (chosen !== 7 && chosen !== 1)) throw new SluiceError('source.protocol', 'no SRTP profile');
  const { profile, saltBytes } = profiles[chosen];
  const { remoteKey, remoteSalt } = dtls.extractSessionKeys(16, saltBytes);
  return createSrtpReceiver(profile, remoteKey, remoteSalt);
}

const handshake = 22;
const alert = 21;
/** A keyframe comes at once. */
const socketBufferBytes = 4 * 1024 * 1024;

/** RFC 7983 7, and of these what is no RTCP (RFC 5761 4). */
const isRtp = ([first = 0, second = 0]: Uint8Array): boolean =>
  first >= 128 && first <= 191 && (second < 192 || second > 223);

/** Datagrams of others than these places are dropped before werift sees them; RTP goes past it. */
function guard(
  connection: RTCPeerConnection,
  places: readonly CandidatePlace[],
  onRtp: (datagram: Uint8Array) => void,
): void {
  const known = new Set(places.map(({ address, port }) => `${address} ${port}`));
  for (const { connection: ice } of connection.iceTransports) {
    const protocols = new Set(ice.candidatePairs.map(({ protocol }) => protocol));
    for (const protocol of protocols) {
      if (!(protocol instanceof StunProtocol)) continue;
      const { transport } = protocol;
      transport.socket.setRecvBufferSize(socketBufferBytes);
      const { onData } = transport;
      transport.onData = (datagram, from) => {
        const isPlainDtls = datagram[0] === handshake || datagram[0] === alert;
        // Epoch 0 (RFC 6347 4.1): a stranger can write such a record, who knows the source's address.
        const isEncrypted = (datagram[3] ?? 0) + (datagram[4] ?? 0) > 0;
        if (isPlainDtls && !isEncrypted && connection.connectionState === 'connected') return;
        if (!known.has(`${from[0]} ${from[1]}`)) return;
        if (isRtp(datagram)) onRtp(datagram);
        else onData(datagram, from);
      };
    }
  }
}
