/** A worker that writes packets into a history as fast as it can, so that readers in other threads have to keep up. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PacketMemory } from '../../../src/core/rtp/packet-memory.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { appendMarked } from './marked-packets.js';

export interface PacketWriterOptions {
  readonly maxBytes: number;
  readonly maxPackets: number;
  /** How many it writes. */
  readonly packets: number;
}

export type FromPacketWriter =
  | { readonly kind: 'memory'; readonly memory: PacketMemory; readonly first: number }
  | { readonly kind: 'over' };

const { packets, ...limits }: PacketWriterOptions = workerData;
const history = createRtpHistory(limits);
const say = (message: FromPacketWriter): void => parentPort?.postMessage(message);
let told: PacketMemory | null = null;

for (let n = 0; n < packets; n += 1) {
  appendMarked(history, 20 + ((n * 37) % 1100), n % 50 === 0);
  if (n % 10 === 9) history.publish();
  if (told === history.memory) continue;
  told = history.memory;
  say({ kind: 'memory', memory: history.memory, first: history.first });
}
say({ kind: 'over' });
