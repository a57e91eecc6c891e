import { type MediaRelay, openMediaRelay } from './media-relay.js';

/** Media passes at no more than some rate, with a queue before the narrow place that drops what does not fit. */
export interface NarrowRelay extends MediaRelay {
  /** For what comes from now on. */
  kbps: number;
  /** How long what comes now would wait. */
  readonly queueMs: number;
  readonly dropped: number;
}

const maxQueueMs = 400;
const tickMs = 1;

export async function openNarrowRelay(address: string, mediaPort: number, kbps: number): Promise<NarrowRelay> {
  const queue: { readonly atMs: number; readonly send: () => void }[] = [];
  let busyUntilMs = 0;
  let dropped = 0;
  const waitsMs = (): number => Math.max(0, busyUntilMs - performance.now());

  const relay = await openMediaRelay(address, mediaPort, (datagram, send) => {
    if (waitsMs() > maxQueueMs) {
      dropped += 1;
      return;
    }
    busyUntilMs = Math.max(busyUntilMs, performance.now()) + (datagram.length * 8) / narrow.kbps;
    queue.push({ atMs: busyUntilMs, send });
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (let [next] = queue; next !== undefined && next.atMs <= nowMs; [next] = queue) {
      queue.shift();
      next.send();
    }
  }, tickMs);

  const narrow: NarrowRelay = {
    port: relay.port,
    kbps,
    get queueMs() {
      return waitsMs();
    },
    get dropped() {
      return dropped;
    },
    close() {
      clearInterval(timer);
      relay.close();
    },
  };
  return narrow;
}
