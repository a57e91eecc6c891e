/**
 * A program: `pass-viewers ENDPOINT VIEWERS WARM-UP SECONDS` joins by WHEP and posts, after so many seconds, how long each
 * frame took, in ms and sorted: see pass-delay.ts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SeenRtp, StreamViewer } from '../../support/viewer/stream-viewer.js';
import { joinWhep } from '../../support/viewer/whep-viewer.js';
import { stampBytes } from './pass-delay.js';

const [endpoint = '', count = '', warmUpSeconds = '', seconds = ''] = process.argv.slice(2);
const viewers: StreamViewer[] = [];
for (let n = 0; n < Number(count); n += 1) viewers.push(await joinWhep(endpoint));
await delay(Number(warmUpSeconds) * 1000);
const fromNs = process.hrtime.bigint();
await delay(Number(seconds) * 1000);

function delayMs({ marker, payload, atNs }: SeenRtp): number[] {
  if (!marker || atNs < fromNs) return [];
  const sentNs = payload.readBigUInt64BE(payload.length - stampBytes);
  return sentNs === 0n ? [] : [Number(atNs - sentNs) / 1e6];
}

const delaysMs = viewers.flatMap((viewer) => viewer.video().flatMap(delayMs)).sort((a, b) => a - b);
process.send?.(delaysMs, () => process.exit(0));
