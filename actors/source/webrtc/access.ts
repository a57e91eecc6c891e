/** What dialling a source needs, whatever it speaks. */
import type { Logger } from '../../../src/log-line.js';
import type { ActorHost, ActorSettings, DtlsCertificate, PullOrigin } from '../../contract.js';

export interface SourceAccess {
  readonly origin: PullOrigin;
  readonly settings: ActorSettings['rtmp'];
  readonly resolve: ActorHost['resolve'];
  /** Ours, where the source is reached by WebRTC. */
  readonly certificate: DtlsCertificate;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly log: Logger;
}
