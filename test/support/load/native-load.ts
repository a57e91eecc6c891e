/** The viewers of load.ts in C: ICE, DTLS and SRTP by OpenSSL, in one thread. test/run.mjs builds it. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const loadFile = '.build/test/load.node';

/** Of one process, since `measure`; histograms are those of histogram.ts, in microseconds. */
export interface LoadCounts {
  /** Now: all who were added, those who play, those whom the server ended, those who play and get nothing. */
  readonly viewers: number;
  readonly playing: number;
  readonly ended: number;
  readonly silent: number;
  /** By the kernel, because the client did not read in time. */
  readonly dropped: number;
  readonly packets: number;
  readonly bytes: number;
  /** Sequence numbers left out. */
  readonly lost: number;
  readonly repeated: number;
  /** Authenticated and decrypted; those that failed. */
  readonly opened: number;
  readonly unauthentic: number;
  /** Datagrams of no payload type that was agreed on. */
  readonly others: number;
  /** Of the video, whole, by their marks; and those left out between them. */
  readonly frames: number;
  readonly framesMissed: number;
  readonly reportsSent: number;
  readonly checksSent: number;
  readonly senderReports: number;
  /** From the origin's mark to the frame's last packet in the socket, from a second behind the join on. */
  readonly delay: Uint32Array;
  /** The same without keyframes. */
  readonly delayBetweenKeys: Uint32Array;
  /** From the socket to this client: what it is late itself. */
  readonly lag: Uint32Array;
}

/** Times are of CLOCK_MONOTONIC in ms; 0: not yet. */
export interface ViewerNews {
  readonly checkedMs: number;
  readonly connectedMs: number;
  readonly keyframeMs: number;
  /** Why it ended; empty: it did not. */
  readonly error: string;
}

export interface NativeLoad {
  start(certificatePem: string, keyPem: string): void;
  /** Gives its number. `openEvery`: one packet in so many is opened, beside those that must be. */
  add(
    port: number,
    ufrag: string,
    pwd: string,
    ownUfrag: string,
    fingerprint: string,
    videoType: number,
    audioType: number,
    usesGro: boolean,
    openEvery: number,
  ): number;
  news(viewer: number): ViewerNews;
  remove(viewer: number, saysGoodbye: boolean): void;
  measure(): void;
  result(silentMs: number): LoadCounts;
}

/** Throws where it is not built. */
export function requireLoad(): NativeLoad {
  try {
    const load: NativeLoad = createRequire(import.meta.url)(resolve(loadFile));
    return load;
  } catch (error) {
    throw new Error(
      `the load client in C is not built: npm test and npm run bench do so, with a C compiler (${error})`,
    );
  }
}
