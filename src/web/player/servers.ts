/** The servers that have the stream. One that refuses for now, or does not answer while another one does, is left for the next. */
import { pause } from '../play-loop.js';
import { isAnswering } from '../whep-exchange.js';

export interface Servers {
  /** Of the server that is played from, or tried. */
  readonly endpoint: URL;
  readonly count: number;
  toNext(): void;
  /**
   * Resolves, with a text, when nothing comes any more, the server does not answer, and another one does; never without another
   * one. Where none answers it is the network of this page that is away.
   */
  whenGone(receivedBytes: () => Promise<number>, signal: AbortSignal): Promise<string>;
}

const lookEveryMs = 500;
const quietAfterMs = 1000;

/** `endpoints`: of the same stream, one or more, the one to begin with first. */
export function createServers(endpoints: readonly [URL, ...URL[]]): Servers {
  let at = 0;
  const current = (): URL => endpoints[at] ?? endpoints[0];

  const isAnotherThere = async (): Promise<boolean> => {
    const others = endpoints.filter((url) => url !== current());
    return (await Promise.all(others.map(isAnswering))).includes(true);
  };

  return {
    get endpoint() {
      return current();
    },
    count: endpoints.length,
    toNext() {
      at = (at + 1) % endpoints.length;
    },
    async whenGone(receivedBytes, signal) {
      let last = { bytes: -1, atMs: performance.now() };
      while (endpoints.length > 1 && !signal.aborted) {
        await pause(lookEveryMs, signal);
        const bytes = await receivedBytes();
        if (bytes !== last.bytes) last = { bytes, atMs: performance.now() };
        if (performance.now() - last.atMs < quietAfterMs) continue;
        if (await isAnswering(current())) last = { bytes, atMs: performance.now() };
        else if ((await isAnotherThere()) && !signal.aborted) return 'The server does not answer';
      }
      return new Promise(() => {});
    },
  };
}
