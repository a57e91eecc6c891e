/** Hands a source's data messages to the main thread: as JSON, no longer and no more often than its viewers can stand. */
import { parseScriptTag, type ScriptData, toJson } from '../../src/core/flv/script-tag.js';
import { createRateLimit } from '../../src/core/guard/rate.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorEvent } from '../contract.js';

const maxNameLength = 128;
const maxValuesLength = 8192;
/** Beyond it a message is not turned into JSON; in AMF all but long texts is longer. */
const maxBodyBytes = 16_384;
/** Captions come a few times a second. */
const perMinute = 600;
const atOnce = 20;
/** One line in ten seconds. */
const logRules = { perMinute: 6, burst: 1 } as const;
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
  /**
   * The body of a data message; null where it is one of too many, and is not even decoded. Throws WireError on bytes that
   * are no AMF.
   */
  receive(timestampMs: number, body: Uint8Array): ScriptData | null;
  /** Messages that were not handed on. */
  readonly dropped: number;
}

export function createDataEvents({ post, nowMs, wallMs, log }: DataEventsOptions): DataEvents {
  const rate = createRateLimit({ perMinute, burst: atOnce });
  const lines = createRateLimit(logRules);
  let dropped = 0;

  const drop = (why: string): void => {
    dropped += 1;
    if (lines.take('', nowMs())) log('warn', 'source.dataDropped', { why, dropped });
  };

  const handOn = (timestampMs: number, { name, values }: ScriptData, bodyBytes: number): void => {
    const text = bodyBytes > maxBodyBytes || name.length > maxNameLength ? null : toJson(values, maxValuesLength);
    if (text === null) drop('too long');
    else post({ kind: 'source.data', name, values: text, timestampMs, receivedMs: Math.round(wallMs()) });
  };

  return {
    receive(timestampMs, body) {
      if (!rate.take('', nowMs())) {
        drop('too many');
        return null;
      }
      const script = parseScriptTag(body);
      if (!ignoredNames.has(script.name)) handOn(timestampMs, script, body.length);
      return script;
    },
    get dropped() {
      return dropped;
    },
  };
}
