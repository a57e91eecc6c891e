/** How much of its network a machine uses, by the kernel's account of its interfaces (/proc/net/dev, proc_net(5)). Pure. */

/** Bytes since the interface came up, Ethernet headers among them. */
export interface InterfaceBytes {
  readonly received: number;
  readonly sent: number;
}

/** Of one interface, in the last seconds. */
export interface LinkUse {
  readonly receivedKbps: number;
  readonly sentKbps: number;
  /** Each way; null: the kernel does not say. */
  readonly speedKbps: number | null;
}

/** Of a whole machine, in the last seconds. */
export interface NetworkUse {
  readonly receivedKbps: number;
  readonly sentKbps: number;
  /** The most that either is to be; null: there is no limit, and the links' speed is not known. */
  readonly maxKbps: number | null;
}

/** What a link carries before its queue grows: the kernel counts no preambles, checksums and gaps between frames (2 %), and video comes in bursts. */
const usableShare = 0.9;

/** By the names of interfaces; without the loopback, and lines that are no account. */
export function parseInterfaceBytes(text: string): ReadonlyMap<string, InterfaceBytes> {
  const interfaces = new Map<string, InterfaceBytes>();
  for (const [, name = '', counts = ''] of text.matchAll(/^ *([^\s:]+): *(\d+(?: +\d+)+) *$/gm)) {
    // Receive: bytes packets errs drop fifo frame compressed multicast; transmit: bytes and the like.
    const [received, , , , , , , , sent] = counts.split(/ +/).map(Number);
    if (name !== 'lo' && received !== undefined && sent !== undefined) interfaces.set(name, { received, sent });
  }
  return interfaces;
}

/** Bits per millisecond are kbit/s. An interface that was made anew counts from 0 again. */
export const kbpsBetween = (beforeBytes: number, nowBytes: number, tookMs: number): number =>
  tookMs <= 0 ? 0 : (8 * Math.max(0, nowBytes - beforeBytes)) / tookMs;

/** `givenKbps`: the most that all links together are to carry each way; 0: what the fullest of those can whose speed is known. */
export function networkUse(links: readonly LinkUse[], givenKbps: number): NetworkUse {
  const receivedKbps = links.reduce((sum, link) => sum + link.receivedKbps, 0);
  const sentKbps = links.reduce((sum, link) => sum + link.sentKbps, 0);
  if (givenKbps > 0) return { receivedKbps, sentKbps, maxKbps: givenKbps };
  const limited = links.flatMap((link) =>
    link.speedKbps === null
      ? []
      : [{ receivedKbps: link.receivedKbps, sentKbps: link.sentKbps, maxKbps: link.speedKbps * usableShare }],
  );
  const fullness = (use: (typeof limited)[number]): number => busierKbps(use) / use.maxKbps;
  const [fullest] = limited.sort((a, b) => fullness(b) - fullness(a));
  return fullest ?? { receivedKbps, sentKbps, maxKbps: null };
}

/** Of both ways. */
export const busierKbps = ({ receivedKbps, sentKbps }: Pick<NetworkUse, 'receivedKbps' | 'sentKbps'>): number =>
  Math.max(receivedKbps, sentKbps);
