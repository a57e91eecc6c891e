/** What the processes and threads of a paced run say to each other. */
import type { DtlsCertificate } from '../../../actors/contract.js';
import type { Transport } from '../../../actors/transport/endpoint.js';
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import type { IceCredentials } from '../../support/viewer/media-client.js';

export interface ActorData {
  readonly fanout: 'native' | 'js';
  readonly certificate: DtlsCertificate;
  readonly keepsSessions: boolean;
}

export type ToActor =
  | { readonly kind: 'admit'; readonly count: number; readonly fingerprint: string }
  | { readonly kind: 'video'; readonly atNs: bigint; readonly frame: number; readonly packets: number }
  | { readonly kind: 'audio'; readonly atNs: bigint; readonly count: number }
  /** From now on it counts. */
  | { readonly kind: 'measure' }
  | { readonly kind: 'usage' }
  | { readonly kind: 'stop' };

export interface ActorResult {
  /** CPU of the actor's thread. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly packets: number;
  readonly resent: number;
  readonly rtcpReceived: number;
}

export type FromActor =
  /** What another thread would go on with, told as the product tells its main thread. */
  | {
      readonly kind: 'session';
      readonly keys: SrtpKeys;
      readonly path: Transport['state'];
      readonly numbers: SharedArrayBuffer;
    }
  | { readonly kind: 'admitted'; readonly port: number; readonly guests: readonly IceCredentials[] }
  | { readonly kind: 'usage'; readonly rssBytes: number; readonly cpuMs: number }
  | { readonly kind: 'result'; readonly result: ActorResult };

export type ToViewers =
  /** The first `readers` of them, spread evenly, are read and checked all the time. */
  | {
      readonly kind: 'join';
      readonly port: number;
      readonly guests: readonly IceCredentials[];
      readonly readers: number;
      /** One by one over so long a time; 0: as fast as they can, some at a time. */
      readonly overMs: number;
      /** Their sockets have ports from this one on. */
      readonly firstPort: number;
      /** Every so manieth frame is a keyframe; 0: none but the first. */
      readonly keyEvery: number;
    }
  /** All have got a packet: from now on the kernel alone has the sockets that are not read. */
  | { readonly kind: 'release' }
  /** From now on viewers report as Chromium does. */
  | { readonly kind: 'report' }
  /** From now on it counts. */
  | { readonly kind: 'measure' }
  | { readonly kind: 'stop' };

export interface ViewersResult {
  readonly received: number;
  /** Sequence numbers that never came. */
  readonly lost: number;
  /** Packets that came again because they were asked for. */
  readonly repeated: number;
  readonly opened: number;
  readonly rtcpSent: number;
  readonly frameMs: readonly number[];
  readonly audioMs: readonly number[];
  /** Audio that the source had while a keyframe was on its way. */
  readonly audioInKeyMs: readonly number[];
  /** From the first packet of a keyframe at any viewer to the last at any. */
  readonly keySpreadMs: readonly number[];
}

export type FromViewers =
  | { readonly kind: 'ready'; readonly fingerprint: string }
  | { readonly kind: 'joined'; readonly wallMs: number; readonly cpuMs: number }
  | { readonly kind: 'released' }
  | { readonly kind: 'result'; readonly result: ViewersResult };
