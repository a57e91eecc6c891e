/**
 * What of the configuration may change while the server runs (SIGHUP). The settings are changed in place: who reads a key when
 * it is needed sees its new value, and a thread has those of the moment at which it was started.
 */
import { isDeepStrictEqual } from 'node:util';
import { configKeys } from './keys.js';
import { isRecord } from './layer.js';
import type { Settings } from './schema.js';

const keysOf = (section: string, names: string): readonly string[] =>
  names.split(' ').map((name) => `${section}.${name}`);

const atOnce: ReadonlySet<string> = new Set([
  'log.level',
  ...keysOf('pulls', 'max viewerSharePercent viewerPullsPerClient idleMs failedListedMs giveUpMs'),
  ...keysOf('pulls', 'hookUrl hookTimeoutMs'),
  ...keysOf('viewers', 'max maxPerIp maxCpuPercent maxMbps maxLoopLagMs'),
]);

/** By streams that start afterwards, and by those whose thread is replaced (POST /api/streams/{id}/restart). */
const byNewThreads: ReadonlySet<string> = new Set([
  ...keysOf('viewers', 'maxPerStream perShard catchUp connectTimeoutMs silenceTimeoutMs'),
  ...keysOf('rtmp', 'connectTimeoutMs dialogueTimeoutMs silenceTimeoutMs maxSilenceTimeoutMs bufferLengthMs'),
  ...keysOf('rtmp', 'maxMessageBytes readPauseBytes reconnectFirstMs reconnectMaxMs failBackMs smoothMs'),
  ...keysOf('rtmp', 'maxTrackOffsetMs'),
  ...keysOf('media', 'packetBytes gopCacheBytes joinPaceMs opusBitrateKbps bFrames encodePreset encodeThreads'),
  ...keysOf('media', 'opusFrameMs maxPixels encodeBitrateKbps encodeMinKbps'),
]);

/** The keys that differ, by when they count. */
export interface Reloaded {
  readonly atOnce: readonly string[];
  readonly byNewThreads: readonly string[];
  /** They are as they were. */
  readonly byNextStart: readonly string[];
}

/** Takes over from `fresh` what may change now. The list `streams` is not looked at. */
export function reloadSettings(settings: Settings, fresh: Settings): Reloaded {
  const changed = configKeys.filter(
    ({ section, name, path }) =>
      !isLearned(path, fresh) && !isDeepStrictEqual(valueAt(settings, section, name), valueAt(fresh, section, name)),
  );
  for (const { section, name, path } of changed) {
    const values: unknown = Reflect.get(settings, section);
    const isTaken = atOnce.has(path) || byNewThreads.has(path);
    if (isTaken && isRecord(values)) values[name] = valueAt(fresh, section, name);
  }
  const paths = changed.map(({ path }) => path);
  return {
    atOnce: paths.filter((path) => atOnce.has(path)),
    byNewThreads: paths.filter((path) => byNewThreads.has(path)),
    byNextStart: paths.filter((path) => !atOnce.has(path) && !byNewThreads.has(path)),
  };
}

/** Addresses that were learned at the start (src/net/public-address.ts, src/threads/single-port.ts). */
function isLearned(path: string, { webrtc }: Settings): boolean {
  if (path === 'webrtc.listen') return webrtc.singlePort > 0 && webrtc.listen.length === 0;
  return path === 'webrtc.announce' && webrtc.stunServer !== '' && webrtc.announce.length === 0;
}

function valueAt(settings: Settings, section: string, name: string): unknown {
  const values: unknown = Reflect.get(settings, section);
  return isRecord(values) ? values[name] : undefined;
}
