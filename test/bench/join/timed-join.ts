/** One viewer that joins by WHEP, and when each step of it was done, until the first keyframe is there whole. */
import { randomBytes } from 'node:crypto';
import { depacketise } from '../../support/rtp/h264-depacketiser.js';
import { openRtp, weriftSession } from '../../support/rtp/rtp-receiver.js';
import type { Asking } from '../../support/server/asking.js';
import { makeCertificate, openMediaClient } from '../../support/viewer/media-client.js';
import { chromiumOffer } from '../../support/viewer/offers.js';

const certificate = await makeCertificate();
const keyNal = 5;
const timeoutMs = 5000;

/** Ms since the POST; CPU is that of this whole process, which does nothing else meanwhile. */
export interface Join {
  readonly answeredMs: number;
  readonly checkedMs: number;
  readonly connectedMs: number;
  readonly keyframeMs: number;
  readonly keyframeBytes: number;
  /** From the answered check to DTLS: the client's own half of the handshake. */
  readonly handshakeCpuMs: number;
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The datagrams of the first frame on the video's payload type. */
function firstFrame(videoType: number) {
  const datagrams: Buffer[] = [];
  let isWhole = false;
  let resolveWhole = (_atMs: number): void => {};
  const whole = new Promise<number>((resolve, reject) => {
    resolveWhole = resolve;
    setTimeout(() => reject(new Error('no first frame')), timeoutMs).unref();
  });
  return {
    datagrams,
    whole,
    take(datagram: Buffer): void {
      const type = datagram.readUInt8(1);
      if (isWhole || (type & 0x7f) !== videoType) return;
      datagrams.push(datagram);
      // The marker ends the frame (RFC 6184 5.1).
      isWhole = type >= 0x80;
      if (isWhole) resolveWhole(performance.now());
    },
  };
}

export async function joinTimed(http: Asking, path: string): Promise<Join> {
  const remoteUfrag = randomBytes(3).toString('base64');
  const offer = chromiumOffer
    .replace(/^(a=ice-ufrag:).*$/gm, `$1${remoteUfrag}`)
    .replace(/^(a=fingerprint:sha-256 ).*$/gm, `$1${certificate.fingerprint}`)
    .replace(/\r?\n/g, '\r\n');
  const startMs = performance.now();
  const { status, body, header } = await http.post(path, 'application/sdp', offer);
  const answeredMs = performance.now() - startMs;
  if (status !== 201) throw new Error(`WHEP answered ${status}: ${body}`);
  const line = (pattern: RegExp): string => {
    const found = pattern.exec(body)?.[1];
    if (found === undefined) throw new Error(`${pattern} in ${body}`);
    return found;
  };
  const frame = firstFrame(Number(line(/^m=video \d+ \S+ (\d+)/m)));
  const client = await openMediaClient({
    certificate,
    port: Number(line(/^a=candidate:\S+ 1 udp \d+ \S+ (\d+)/im)),
    onMedia: frame.take,
  });
  await client.check({ localUfrag: line(/^a=ice-ufrag:(\S+)/m), localPwd: line(/^a=ice-pwd:(\S+)/m), remoteUfrag });
  const checkedMs = performance.now() - startMs;
  const beforeCpuMs = cpuMs();
  await client.handshake();
  const connectedMs = performance.now() - startMs;
  const handshakeCpuMs = cpuMs() - beforeCpuMs;
  const keyframeMs = (await frame.whole) - startMs;
  client.close();

  const srtp = weriftSession({ profile: 'AEAD_AES_128_GCM', ...client.dtls.extractSessionKeys(16, 12) });
  const packets = frame.datagrams.map((datagram) => openRtp(srtp, datagram));
  const nals = depacketise(packets.map(({ payload }) => payload));
  const isGap = packets.some(({ sequence }, n) => sequence !== ((packets[0]?.sequence ?? 0) + n) % 0x1_0000);
  if (isGap || !nals.some(([type = 0]) => (type & 0x1f) === keyNal))
    throw new Error('the first frame is no whole keyframe');
  const left = await http.remove(header('location'));
  if (left.status !== 200) throw new Error(`DELETE answered ${left.status}`);
  const keyframeBytes = nals.reduce((sum, { length }) => sum + length, 0);
  return { answeredMs, checkedMs, connectedMs, keyframeMs, keyframeBytes, handshakeCpuMs };
}
