/** What dialling a source needs, whatever it speaks. */
import type { DialOrigin } from '../../../src/core/guard/address.js';
import type { Logger } from '../../../src/log-line.js';
import type { ActorHost, DtlsCertificate } from '../../contract.js';
import type { ActorSettings } from '../../settings.js';

export interface SourceAccess {
  readonly origin: DialOrigin;
  readonly settings: ActorSettings['rtmp'];
  readonly resolve: ActorHost['resolve'];
  /** Ours, where the source is reached by WebRTC. */
  readonly certificate: DtlsCertificate;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly log: Logger;
}
