/** Hands a source's data messages to the main thread: as JSON, no longer and no more often than its viewers can stand. */
import { type ScriptData, toJson } from '../../src/core/flv/script-tag.js';
import { createRateLimit } from '../../src/core/guard/rate.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorEvent } from '../contract.js';

const maxNameLength = 128;
const maxValuesLength = 8192;
/** Beyond it a message is not even turned into JSON; in AMF all but long texts is longer. */
const maxBodyBytes = 16_384;
/** Captions come a few times a second. */
const perMinute = 600;
const atOnce = 20;
const logEveryMs = 10_000;
/** Adobe's servers send it before everything: whether a player may read single samples. */
const ignoredNames: ReadonlySet<string> = new Set(['|RtmpSampleAccess']);

export interface DataEventsOptions {
  readonly post: (event: ActorEvent) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** UTC in ms. */
  readonly wallMs: () => number;
  readonly log: Logger;
}

export interface DataEvents {
  receive(timestampMs: number, data: ScriptData, bodyBytes: number): void;
}

export function createDataEvents({ post, nowMs, wallMs, log }: DataEventsOptions): DataEvents {
  const rate = createRateLimit({ perMinute, burst: atOnce });
  let dropped = 0;
  let loggedMs: number | null = null;

  const drop = (why: string): void => {
    dropped += 1;
    if (loggedMs !== null && nowMs() - loggedMs < logEveryMs) return;
    loggedMs = nowMs();
    log('warn', 'source.dataDropped', { why, dropped });
  };

  return {
    receive(timestampMs, { name, values }, bodyBytes) {
      if (ignoredNames.has(name)) return;
      if (!rate.take('', nowMs())) return drop('too many');
      const text = bodyBytes > maxBodyBytes || name.length > maxNameLength ? null : toJson(values, maxValuesLength);
      if (text === null) return drop('too long');
      post({ kind: 'source.data', name, values: text, timestampMs, receivedMs: Math.round(wallMs()) });
    },
  };
}
