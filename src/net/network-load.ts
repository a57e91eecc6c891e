/** How full the network of this machine is. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  type InterfaceBytes,
  kbpsBetween,
  type NetworkUse,
  networkUse,
  parseInterfaceBytes,
} from '../core/supervise/network-use.js';

export interface NetworkLoad {
  /** Of the last seconds. */
  readonly use: NetworkUse;
  /** To be called twice a second or so. */
  look(): void;
}

/** Files of the kernel. Tests give others. */
export interface KernelFiles {
  /** Of /proc/net/dev; empty: there is none. */
  interfaces(): string;
  isHardware(name: string): boolean;
  /** In Mbit/s, as the kernel writes it; -1 and no file: not known. */
  speed(name: string): Promise<string>;
}

const kernelFiles: KernelFiles = {
  interfaces() {
    try {
      return readFileSync('/proc/net/dev', 'utf8');
    } catch {
      return '';
    }
  },
  isHardware: (name) => existsSync(`/sys/class/net/${name}/device`),
  speed: (name) => readFile(`/sys/class/net/${name}/speed`, 'utf8').catch(() => ''),
};

interface NetworkLoadOptions {
  /** The most that the machine is to send, and to receive, in all, in Mbit/s; 0: what the kernel says of its hardware. Read with each `use`. */
  readonly limits: { readonly maxMbps: number };
  readonly nowMs: () => number;
  readonly files?: KernelFiles;
}

/** Of the figures before so much is left at each look: they are those of some three seconds. */
const kept = 0.7;
/** Drivers ask their hardware, and cables and peers change seldom. */
const speedsEveryMs = 30_000;

interface Link {
  readonly isHardware: boolean;
  bytes: InterfaceBytes;
  receivedKbps: number;
  sentKbps: number;
  speedKbps: number | null;
}

/**
 * Bridges, tunnels, bonds and the interfaces of containers carry once more what hardware carries, and tell speeds that they do not have:
 * they count only where there is no hardware, as within a container, and their speeds never.
 */
export function createNetworkLoad({ limits, nowMs, files = kernelFiles }: NetworkLoadOptions): NetworkLoad {
  const links = new Map<string, Link>();
  let lookedMs = nowMs();
  let speedsMs = Number.NEGATIVE_INFINITY;

  const count = (name: string, bytes: InterfaceBytes, tookMs: number): void => {
    const link = links.get(name);
    if (link === undefined) {
      const isHardware = files.isHardware(name);
      links.set(name, { isHardware, bytes, receivedKbps: 0, sentKbps: 0, speedKbps: null });
      return;
    }
    link.receivedKbps = recent(link.receivedKbps, kbpsBetween(link.bytes.received, bytes.received, tookMs));
    link.sentKbps = recent(link.sentKbps, kbpsBetween(link.bytes.sent, bytes.sent, tookMs));
    link.bytes = bytes;
  };

  const look = (): void => {
    const atMs = nowMs();
    const now = parseInterfaceBytes(files.interfaces());
    for (const name of links.keys()) if (!now.has(name)) links.delete(name);
    for (const [name, bytes] of now) count(name, bytes, atMs - lookedMs);
    lookedMs = atMs;
    if (atMs - speedsMs < speedsEveryMs) return;
    speedsMs = atMs;
    for (const [name, link] of links) if (link.isHardware) void readSpeed(files, name, link);
  };
  look();

  return {
    look,
    get use() {
      const all = [...links.values()];
      const hardware = all.filter(({ isHardware }) => isHardware);
      return networkUse(hardware.length > 0 ? hardware : all, 1000 * limits.maxMbps);
    },
  };
}

const recent = (before: number, now: number): number => kept * before + (1 - kept) * now;

async function readSpeed(files: KernelFiles, name: string, link: Link): Promise<void> {
  const mbps = Number(await files.speed(name));
  link.speedKbps = mbps > 0 ? 1000 * mbps : null;
}
