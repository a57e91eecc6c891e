/** A whole viewer of a stream without a browser: Chromium's offer or what is made of it, werift's DTLS and SRTP, a socket on 127.0.0.1. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { SrtcpSession } from 'werift';
import type { Offer } from '../../../src/core/sdp/offer.js';
import { parseOffer } from '../../../src/core/sdp/parse-offer.js';
import { writeRemb } from '../rtp/remb-writer.js';
import { openRtp, type ReceivedRtp, weriftSession } from '../rtp/rtp-receiver.js';
import { until, within } from '../until.js';
import { type MediaClient, type MediaClientOptions, makeCertificate, openMediaClient } from './media-client.js';
import { chromiumOffer } from './offers.js';

const certificate = await makeCertificate();

const stepTimeoutMs = 10_000;
/** RFC 7675 5.1: consent is asked for again and again, or the server takes the viewer for gone. */
const consentMs = 5000;

export interface SeenRtp extends ReceivedRtp {
  /** When it came (CLOCK_MONOTONIC). */
  readonly atNs: bigint;
}

export interface SenderReportSeen {
  readonly ssrc: number;
  /** NTP time in ms since 1900. */
  readonly ntpMs: number;
  readonly rtpTs: number;
}

export interface StreamViewer {
  /** The server's media port that it was sent to. */
  readonly port: number;
  readonly client: MediaClient;
  /** The video's packets so far, in the order in which they came. */
  video(): readonly SeenRtp[];
  /** The audio's packets so far. */
  audio(): readonly SeenRtp[];
  /** The packets of this payload type so far, whatever track it is of. */
  ofType(payloadType: number): readonly SeenRtp[];
  /** Those of this track, of which a packet must have come. */
  senderReports(track?: 'video' | 'audio'): readonly SenderReportSeen[];
  /** Waits for so many packets of the video. */
  whenVideo(count: number): Promise<readonly SeenRtp[]>;
  /** Asks for one packet of the video again (RFC 4585 6.2.1). */
  nack(sequence: number): void;
  /** Asks for a keyframe of this source (RFC 4585 6.3.1). */
  askKeyframe(ssrc: number): void;
  /** Says what it can take. */
  remb(bitrateBps: number): void;
  close(): void;
}

export interface StreamViewerOptions extends Pick<MediaClientOptions, 'address' | 'localAddress' | 'tcp'> {
  /** As Chromium's without one; its names and fingerprint are replaced. */
  readonly offerSdp?: string;
  /** False for a datagram of media that gets lost on its way to the viewer. */
  readonly hearsMedia?: (datagram: Buffer) => boolean;
}

/** `join` hands the offer in and gives the answer's SDP. */
export async function joinStream(
  join: (offer: Offer) => Promise<string>,
  { offerSdp = chromiumOffer, hearsMedia = () => true, ...options }: StreamViewerOptions = {},
): Promise<StreamViewer> {
  const remoteUfrag = randomBytes(3).toString('base64');
  const offer: Offer = {
    ...parseOffer(offerSdp),
    iceUfrag: remoteUfrag,
    fingerprint: { algorithm: 'sha-256', value: certificate.fingerprint },
  };
  const sdp = await join(offer);
  const line = (pattern: RegExp): string => pattern.exec(sdp)?.[1] ?? assert.fail(`${pattern} in ${sdp}`);
  const port = Number(line(/^a=candidate:\S+ 1 udp \d+ \d+\.\d+\.\d+\.\d+ (\d+)/im));
  const videoType = Number(line(/^m=video \d+ \S+ (\d+)/m));
  const audioType = Number(line(/^m=audio \d+ \S+ (\d+)/m));
  const media: { readonly datagram: Buffer; readonly atNs: bigint }[] = [];
  const onMedia = (datagram: Buffer): void => {
    if (hearsMedia(datagram)) media.push({ datagram, atNs: process.hrtime.bigint() });
  };
  const client = await openMediaClient({ ...options, port, certificate, onMedia });
  const credentials = { localUfrag: line(/^a=ice-ufrag:(\S+)/m), localPwd: line(/^a=ice-pwd:(\S+)/m), remoteUfrag };
  try {
    await within('an answer to the check', client.check(credentials), stepTimeoutMs);
    await within('DTLS', client.handshake(), stepTimeoutMs);
  } catch (error) {
    client.close();
    throw error;
  }
  const consent = setInterval(() => void client.check(credentials).catch(() => {}), consentMs);
  consent.unref();
  const keys = { profile: 'AEAD_AES_128_GCM', ...client.dtls.extractSessionKeys(16, 12) } as const;
  const srtp = weriftSession(keys);
  const { keys: masterKeys, profile } = srtp.config;
  const srtcp = new SrtcpSession({ keys: masterKeys, profile });
  const packets: Record<'video' | 'audio', SeenRtp[]> = { video: [], audio: [] };
  const { video, audio } = packets;
  const byType = new Map<number, SeenRtp[]>();
  const reports: SenderReportSeen[] = [];

  const sort = (): void => {
    for (const { datagram, atNs } of media.splice(0)) {
      const second = datagram[1] ?? 0;
      // RFC 5761 4.
      if (second >= 192 && second <= 223) {
        const packet = srtcp.decrypt(datagram);
        if (packet.readUInt8(1) !== 200) continue;
        const ntpMs = packet.readUInt32BE(8) * 1000 + (packet.readUInt32BE(12) * 1000) / 2 ** 32;
        reports.push({ ssrc: packet.readUInt32BE(4), ntpMs, rtpTs: packet.readUInt32BE(16) });
      } else {
        const packet = { ...openRtp(srtp, datagram), atNs };
        const ofType = byType.get(packet.payloadType) ?? [];
        ofType.push(packet);
        byType.set(packet.payloadType, ofType);
        if (packet.payloadType === videoType) video.push(packet);
        if (packet.payloadType === audioType) audio.push(packet);
      }
    }
  };

  return {
    port,
    client,
    video() {
      sort();
      return video;
    },
    audio() {
      sort();
      return audio;
    },
    ofType(payloadType) {
      sort();
      return byType.get(payloadType) ?? [];
    },
    senderReports(track = 'video') {
      sort();
      return reports.filter(({ ssrc }) => ssrc === packets[track][0]?.ssrc);
    },
    whenVideo: (count) =>
      until(`${count} packets of the video`, () => {
        sort();
        return video.length >= count ? video : undefined;
      }),
    nack(sequence) {
      const packet = Buffer.alloc(16);
      packet.set([0x81, 205, 0, 3]);
      packet.writeUInt32BE(1, 4);
      packet.writeUInt32BE(video[0]?.ssrc ?? 0, 8);
      packet.writeUInt16BE(sequence, 12);
      client.send(srtcp.encrypt(packet));
    },
    askKeyframe(ssrc) {
      const packet = Buffer.alloc(12);
      packet.set([0x81, 206, 0, 2]);
      packet.writeUInt32BE(1, 4);
      packet.writeUInt32BE(ssrc, 8);
      client.send(srtcp.encrypt(packet));
    },
    remb: (bitrateBps) => client.send(srtcp.encrypt(writeRemb(bitrateBps, video[0]?.ssrc ?? 0))),
    close() {
      clearInterval(consent);
      client.close();
    },
  };
}

/** Fails unless the numbers of the packets run on without a gap. */
export function assertNoGap(packets: readonly ReceivedRtp[]): void {
  const first = packets[0]?.sequence ?? 0;
  for (const [n, { sequence }] of packets.entries()) assert.equal(sequence, (first + n) % 0x1_0000);
}

/** The longest time between two packets that was not over at `fromNs`, ms: what ends the packets may do so at that moment. */
export function longestGapMs(packets: readonly SeenRtp[], fromNs = 0n): number {
  const since = packets.findIndex(({ atNs }) => atNs >= fromNs);
  const times = (since < 0 ? [] : packets.slice(Math.max(0, since - 1))).map(({ atNs }) => Number(atNs) / 1e6);
  return times.reduce((most, atMs, n) => (n === 0 ? most : Math.max(most, atMs - (times[n - 1] ?? atMs))), 0);
}
