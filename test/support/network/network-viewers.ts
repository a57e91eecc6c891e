/**
 * Viewers on another host: `network-viewers ADDRESS COUNT` opens what comes to their sockets. A line on stdin tells how many
 * packets each is due; when they have come it says as JSON what they were.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import { markOf } from '../rtp/marked-packets.js';
import { weriftSession } from '../rtp/rtp-receiver.js';

import { until } from '../until.js';

export const firstPort = 5000;

/** Fixed, so that both hosts know them. */
export function networkKeys(viewer: number): SrtpKeys {
  return {
    profile: 'AEAD_AES_128_GCM',
    localKey: Buffer.alloc(16, viewer),
    localSalt: Buffer.alloc(12, viewer),
    remoteKey: Buffer.alloc(16, viewer + 100),
    remoteSalt: Buffer.alloc(12, viewer + 100),
  };
}

export interface NetworkReceived {
  readonly packets: number;
  /** Sequence numbers left out. */
  readonly gaps: number;
  /** Numbers that came twice with different packets. */
  readonly contradictions: number;
  /** Transport-wide numbers left out, or given twice; 0 where packets have none. */
  readonly transportFaults: number;
  /** By their numbers in the sender's log, in the order in which they came. */
  readonly marks: readonly number[];
}

interface Viewer {
  readonly numbers: Map<number, number>;
  readonly marks: number[];
  /** Transport-wide, in the order in which they came. */
  readonly transport: number[];
  contradictions: number;
}

/** Fixed part, and an extension of one word. */
const extendedBytes = 20;

async function open(address: string, n: number): Promise<Viewer> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1_000_000 });
  socket.bind(firstPort + n, address);
  await once(socket, 'listening');
  const { localKey, localSalt, remoteKey, remoteSalt } = networkKeys(n);
  const srtp = weriftSession({
    profile: 'AEAD_AES_128_GCM',
    localKey: remoteKey,
    localSalt: remoteSalt,
    remoteKey: localKey,
    remoteSalt: localSalt,
  });
  const viewer: Viewer = { numbers: new Map(), marks: [], transport: [], contradictions: 0 };
  socket.on('message', (datagram) => {
    // RTCP (RFC 5761 4).
    if ((datagram[1] ?? 0) >= 192 && (datagram[1] ?? 0) <= 223) return;
    const isExtended = ((datagram[0] ?? 0) & 0x10) !== 0;
    if (isExtended) viewer.transport.push(datagram.readUInt16BE(17));
    const mark = markOf(srtp.decrypt(datagram).subarray(isExtended ? extendedBytes : 12));
    const sequence = datagram.readUInt16BE(2);
    const before = viewer.numbers.get(sequence);
    if (before !== undefined && before !== mark) viewer.contradictions += 1;
    viewer.numbers.set(sequence, mark);
    viewer.marks.push(mark);
  });
  return viewer;
}

function summary({ numbers, marks, transport, contradictions }: Viewer): NetworkReceived {
  const all = [...numbers.keys()];
  const gaps = all.length === 0 ? 0 : Math.max(...all) - Math.min(...all) + 1 - all.length;
  const transportFaults = transport.filter((number, n) => number !== n).length;
  return { packets: marks.length, gaps, contradictions, transportFaults, marks };
}

const [program = '', address = '', count = ''] = process.argv.slice(1);
if (program.endsWith('network-viewers.js')) {
  const viewers = await Promise.all(Array.from({ length: Number(count) }, (_, n) => open(address, n)));
  console.log('up');
  const [text] = await once(process.stdin, 'data');
  const due: readonly number[] = JSON.parse(String(text));
  // What never comes is for the test to judge.
  await until('all have come', () => viewers.every(({ marks }, n) => marks.length >= (due[n] ?? 0))).catch(() => {});
  console.log(JSON.stringify(viewers.map(summary)));
  process.exit(0);
}
