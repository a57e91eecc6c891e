/** The process of the viewers: real ICE and DTLS, some sockets read and checked, the others left to the kernel. */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createSrtpSender, type SrtpSender } from '../../../src/core/srtp/srtp.js';
import { writeNack, writeReport } from '../../support/rtp/rtcp-writer.js';
import { weriftSession } from '../../support/rtp/rtp-receiver.js';
import {
  bindingRequest,
  type IceCredentials,
  type MediaClient,
  makeCertificate,
  openMediaClient,
} from '../../support/viewer/media-client.js';
import { framesPerSecond, packetsPerFrame } from './load.js';
import { createReader, type KeyTimes, type Reader } from './reader.js';
import type { FromViewers, ToViewers, ViewersResult } from './stage-messages.js';

const joinsAtOnce = 8;
const videoSsrc = 0x2222_2222;
/** What Chromium sends of itself: a report with REMB every half second, a check every 2.5 s. */
const tickMs = 10;
const reportMs = 500;
const checkMs = 2500;
/** A NACK for each packet of one in a hundred. */
const nacksPerTick = framesPerSecond * packetsPerFrame * 0.01 * (tickMs / 1000);

interface Guest {
  readonly credentials: IceCredentials;
  readonly client: MediaClient;
  readonly srtcp: SrtpSender;
  readonly reader: Reader;
  readonly isRead: boolean;
  rtcpIndex: number;
}

const certificate = await makeCertificate();
const keys = new Map<number, KeyTimes>();
const guests: Guest[] = [];
let strayed = 0;
let released = false;
let rtcpSent = 0;

const post = (message: FromViewers): void => {
  process.send?.(message);
};

const absent = (): never => {
  throw new Error('there is no such guest');
};

async function join(
  { port, firstPort, keyEvery, guests: all, readers }: Extract<ToViewers, { kind: 'join' }>,
  n: number,
): Promise<Guest> {
  const credentials = all[n] ?? absent();
  const isRead = n % Math.max(1, Math.floor(all.length / readers)) === 0;
  const sharedPort = firstPort + n;
  let take = (_datagram: Buffer): void => {};
  const client = await openMediaClient({
    port,
    certificate,
    sharedPort,
    repeats: true,
    onMedia: (datagram) => take(datagram),
  });
  await client.check(credentials);
  await client.handshake();
  const session = { profile: 'AEAD_AES_128_GCM', ...client.dtls.extractSessionKeys(16, 12) } as const;
  const reader = createReader(weriftSession(session), keyEvery, keys);
  take = (datagram) => {
    if (released && !isRead) strayed += 1;
    else reader.take(datagram);
  };
  const srtcp = createSrtpSender(session.profile, session.localKey, session.localSalt);
  return { credentials, client, srtcp, reader, isRead, rtcpIndex: 0 };
}

async function joinAll(message: Extract<ToViewers, { kind: 'join' }>): Promise<void> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const count = message.guests.length;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const waitMs = startMs + (message.overMs * n) / count - performance.now();
      if (waitMs > 0) await delay(waitMs);
      guests.push(await join(message, n));
    }
  };
  await Promise.all(Array.from({ length: joinsAtOnce }, lane));
  const { user, system } = process.cpuUsage(before);
  post({ kind: 'joined', wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 });
}

async function release(): Promise<void> {
  const unread = guests.filter(({ isRead }) => !isRead);
  while (unread.some(({ reader }) => reader.opened === 0)) await delay(5);
  if (unread.length > 0) {
    const sinks = new Worker(new URL('./stage-sinks.js', import.meta.url), {
      workerData: unread.map(({ client }) => client.port),
    });
    await new Promise((resolve) => sinks.once('message', resolve));
  }
  released = true;
  post({ kind: 'released' });
}

function sendRtcp(guest: Guest, packet: Buffer): void {
  guest.rtcpIndex += 1;
  rtcpSent += 1;
  guest.client.send(guest.srtcp.protectRtcp(packet, guest.rtcpIndex));
}

/** Each tick the share of the viewers whose turn it is, and NACKs of some at random. */
function startReports(): void {
  const reader = guests.find(({ isRead }) => isRead)?.reader;
  let [reportAt, checkAt, nacks] = [0, 0, 0];
  setInterval(() => {
    for (const end = reportAt + (guests.length * tickMs) / reportMs; reportAt < end; reportAt += 1) {
      const guest = guests[Math.floor(reportAt) % guests.length];
      if (guest !== undefined) sendRtcp(guest, writeReport(videoSsrc, guest.reader.offset & 0xffff));
    }
    for (const end = checkAt + (guests.length * tickMs) / checkMs; checkAt < end; checkAt += 1) {
      const guest = guests[Math.floor(checkAt) % guests.length];
      guest?.client.send(bindingRequest(guest.credentials));
    }
    for (nacks += guests.length * nacksPerTick; nacks >= 1; nacks -= 1) {
      const guest = guests[Math.floor(Math.random() * guests.length)];
      if (guest === undefined || reader === undefined) continue;
      const packet = reader.newestPacket - Math.floor(Math.random() * 50);
      sendRtcp(guest, writeNack(videoSsrc, (packet + guest.reader.offset) & 0xffff));
    }
  }, tickMs);
}

function measure(): void {
  for (const { reader } of guests) reader.reset();
  keys.clear();
  rtcpSent = 0;
}

function result(): ViewersResult {
  if (strayed > 0) throw new Error(`${strayed} datagrams came to sockets that nobody should read`);
  const readers = guests.filter(({ isRead }) => isRead).map(({ reader }) => reader);
  const sum = (of: (reader: Reader) => number): number => readers.reduce((total, reader) => total + of(reader), 0);
  const audioDelays = readers.flatMap((reader) => reader.audioDelays);
  const spans = [...keys.values()];
  return {
    received: sum(({ received }) => received),
    lost: sum(({ lost }) => lost),
    repeated: sum(({ repeated }) => repeated),
    opened: sum(({ opened }) => opened),
    rtcpSent,
    frameMs: readers.flatMap(({ frameMs }) => frameMs),
    audioMs: audioDelays.map(({ ms }) => ms),
    audioInKeyMs: audioDelays
      .filter(({ atNs }) => spans.some(({ firstNs, lastNs }) => atNs >= firstNs && atNs <= lastNs))
      .map(({ ms }) => ms),
    keySpreadMs: spans.map(({ firstNs, lastNs }) => Number(lastNs - firstNs) / 1e6),
  };
}

process.on('message', (message: ToViewers) => {
  if (message.kind === 'join') void joinAll(message);
  else if (message.kind === 'release') void release();
  else if (message.kind === 'report') startReports();
  else if (message.kind === 'measure') measure();
  else post({ kind: 'result', result: result() });
});
post({ kind: 'ready', fingerprint: certificate.fingerprint });
