/** What a packet to a viewer costs, by each way of sending, measured in turns so that a busy moment hits all alike. */
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import { startChild } from '../../support/server/child.js';
import { framesPerSecond, packetsPerFrame } from './load.js';

const viewers = 200;
const rounds = 5;
/** So that each run takes about half a second. */
const framesOf: Readonly<Record<string, number>> = {
  floor: 250,
  native: 250,
  js: 25,
  werift: 15,
  'werift peers': 100,
};

export interface Cost {
  readonly sender: string;
  readonly profile: SrtpKeys['profile'];
  /** CPU of one packet to one viewer: the median of the rounds, and the least. */
  readonly medianUs: number;
  readonly leastUs: number;
  readonly packetsPerCpuSecond: number;
  readonly viewersPerCore: number;
}

const program = (name: string): string => new URL(`${name}.js`, import.meta.url).pathname;

async function measure(sender: string, profile: string, ports: string): Promise<number> {
  const frames = framesOf[sender] ?? 0;
  const child = await startChild(process.execPath, [program('cost-run'), sender, profile, String(frames), ports]);
  const line = await child.line('the CPU it took', (line) => /^[\d.]+$/.test(line), 60_000);
  await child.exited;
  return Number(line);
}

export async function measureCosts(): Promise<readonly Cost[]> {
  const sinks = await startChild(process.execPath, [program('sinks'), String(viewers)]);
  const ports = await sinks.line('the ports of the receivers', (line) => line.startsWith('['));
  const kinds = Object.keys(framesOf).flatMap((sender) =>
    (['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const).map((profile) => ({
      sender,
      profile,
      us: [0].slice(1),
    })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const { sender, profile, us } of kinds) us.push(await measure(sender, profile, ports));
  }
  await sinks.stop('SIGKILL');
  return kinds.map(({ sender, profile, us }) => {
    const sorted = us.toSorted((a, b) => a - b);
    const medianUs = sorted[Math.floor(rounds / 2)] ?? 0;
    const packetsPerCpuSecond = 1e6 / medianUs;
    return {
      sender,
      profile,
      medianUs,
      leastUs: sorted[0] ?? 0,
      packetsPerCpuSecond,
      viewersPerCore: packetsPerCpuSecond / (framesPerSecond * packetsPerFrame),
    };
  });
}
