/** One address of a stream: what was learnt of it, by which its next link knows when to dial and how to speak to it. */
import { createReconnect } from '../../src/core/rtmp/reconnect.js';
import { isRtmp } from '../../src/core/source/schemes.js';
import type { Link, LinkEvents, SourceHistory, SourceOptions } from './link.js';
import { createPatience } from './patience.js';
import { RtmpLink } from './rtmp-link.js';
import { createSourceHints } from './source-hints.js';
import { WebRtcLink } from './webrtc-link.js';

export interface Source {
  /** When it may be dialled, in monotonic ms; Infinity once it is given up. */
  readonly readyMs: number;
  readonly receivedBytes: number;
  /** Messages of it that were passed over. */
  readonly skipped: number;
  /** How often it was dialled. */
  readonly attempts: number;
  /** One link at a time: the one before must be closed or lost. */
  open(events: LinkEvents): Link;
}

/** Of another node: it is about to serve what it was just granted, or another one is named at once. It is spared by the few who ask. */
const nodePause = { firstMs: 100, maxMs: 400 };

export function createSource(options: SourceOptions): Source {
  const { reconnectFirstMs: firstMs, reconnectMaxMs: maxMs } = options.settings;
  const { silenceTimeoutMs, maxSilenceTimeoutMs } = options.settings;
  const history: SourceHistory = {
    backoff: createReconnect({ ...(options.origin === 'edge' ? nodePause : { firstMs, maxMs }), random: Math.random }),
    hints: createSourceHints(),
    patience: createPatience({ usualMs: silenceTimeoutMs, mostMs: maxSilenceTimeoutMs }),
    readyMs: 0,
    // Another node says for how long it is followed.
    givesUp: options.origin !== 'edge',
    receivedBytes: 0,
    skipped: 0,
    attempts: 0,
  };
  let link: Link | null = null;

  return {
    open(events) {
      link = new (isRtmp(options.uri) ? RtmpLink : WebRtcLink)(options, history, events);
      return link;
    },
    get readyMs() {
      return history.readyMs;
    },
    get receivedBytes() {
      return history.receivedBytes + (link?.receivedBytes ?? 0);
    },
    get skipped() {
      return history.skipped + (link?.skipped ?? 0);
    },
    get attempts() {
      return history.attempts;
    },
  };
}
