/**
 * WCS's statistics page (docs/wcs.md 1.5), `GET /?action=stat`: text, or JSON with `format=json`; `groups=` selects groups. It
 * has all documented keys: what has no counterpart here is 0, or empty.
 */
import { readdirSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { isRtmp } from '../core/source/schemes.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import type { ViewerInfo } from '../supervisor/view.js';
import { type Handle, type HttpRequest, jsonReply, textReply } from './http.js';

interface StatisticsParts {
  readonly streams: Pick<Streams, 'list' | 'viewers'>;
  readonly countSockets: () => number;
  /** How many ports there are for media; 0: any that are free, or one for all. */
  readonly mediaPorts: number;
}

type Values = Readonly<Record<string, number | string>>;

export const asksForStatistics = (request: HttpRequest): boolean => request.query.get('action') === 'stat';

export function createStatistics({ streams, countSockets, mediaPorts }: StatisticsParts): Handle {
  const readCpuPercent = createCpuMeter();
  return ({ query }) => {
    const live = streams.list().filter(({ state }) => state === 'PROCESSED_REMOTE');
    const viewers = streams.viewers();
    const by = (provider: ViewerInfo['mediaProvider']): number =>
      viewers.filter(({ mediaProvider }) => mediaProvider === provider).length;
    const outOf: OutStreams = { webSocket: by('MSE'), hls: by('HLS') };
    const groups = new Map<string, Values>([
      ['connections_stats', connectionValues(countSockets())],
      ['port_stats', portValues(live.length, mediaPorts)],
      ['call_stats', { calls: 0 }],
      ['streams_stats', streamValues(live, outOf)],
      ['native_resources', { native_resources: 0 }],
      ['core_stats', coreValues()],
      ['system_stats', systemValues(readCpuPercent())],
    ]);
    const asked = query.get('groups')?.split(',') ?? null;
    const isWanted = (group: string): boolean => asked === null || asked.includes(group);
    const wanted = [...groups].filter(([group]) => isWanted(group));
    if (query.get('format') !== 'json') return textReply(200, asText(wanted));
    const transcoding = isWanted('transcoding_stats') ? [['transcoding_stats', transcodingInfo(live)] as const] : [];
    return jsonReply(Object.fromEntries([...wanted, ...transcoding]));
  };
}

/**
 * Clients parse it line by line: a heading begins with dashes, and its first word is the group; any other line is key=value;
 * no line is blank.
 */
function asText(groups: readonly (readonly [string, Values])[]): string {
  const lines = groups.flatMap(([group, values]) => [
    `-----${headings[group] ?? group}-----`,
    ...Object.entries(values).map(([key, value]) => `${key}=${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

const headings: Readonly<Record<string, string>> = {
  connections_stats: 'Connection Stats',
  port_stats: 'Port Stats',
  call_stats: 'Call Stats',
  streams_stats: 'Stream Stats',
  native_resources: 'Native Resources',
  core_stats: 'Core Stats',
  system_stats: 'System Stats',
};

const connectionValues = (sockets: number): Values => ({
  connections: sockets,
  connections_rtmfp: 0,
  connections_websocket: sockets,
});

const portValues = (busy: number, mediaPorts: number): Values => ({
  ports_media_free: Math.max(0, mediaPorts - busy),
  ports_media_busy: busy,
  ports_media_quarantine: 0,
  ports_wcs_agents_free: 0,
  ports_wcs_agents_busy: 0,
  ports_wcs_agents_quarantine: 0,
  ports_rest_api_leased: 0,
  ports_rest_api_available: 0,
  ports_rest_api_pending: 0,
});

const isByRtmp = ({ playingUri, uri }: PullInfo): boolean => isRtmp(playingUri ?? uri);

/** Viewers that WebRTC does not serve. */
interface OutStreams {
  readonly webSocket: number;
  readonly hls: number;
}

const streamValues = (live: readonly PullInfo[], { webSocket, hls }: OutStreams): Values => ({
  streams_rtsp_in: 0,
  streams_rtsp_out: 0,
  streams_websocket_out: webSocket,
  streams_rtmp_in: live.filter(isByRtmp).length,
  streams_rtmp_out: live.reduce((sum, { players }) => sum + players, 0),
  streams_webrtc_in: live.filter((pull) => !isByRtmp(pull)).length,
  streams_webrtc_out: live.reduce((sum, { viewers }) => sum + viewers, 0) - webSocket - hls,
  streams_rtmfp_in: 0,
  streams_rtmfp_out: 0,
  // A name may hold what separates keys, values and lines.
  streams_viewers: live.map(({ localName, viewers }) => `${encodeURIComponent(localName)}/${viewers}`).join(';'),
  streams_synchronization: '',
});

function coreValues(): Values {
  const { user, system } = process.cpuUsage();
  const threads = readdirSync('/proc/self/task').length;
  return {
    core_threads: threads,
    core_java_threads: threads,
    core_java_threads_blocked: 0,
    core_java_committedMemory: process.memoryUsage.rss(),
    core_java_freePhysicalMemorySize: freemem(),
    core_java_freeSwapSpaceSize: 0,
    core_java_openFileDescriptorCount: readdirSync('/proc/self/fd').length,
    // Of the process, in ns, as Java has it.
    core_java_processCpuTime: (user + system) * 1000,
    core_java_totalPhysicalMemorySize: totalmem(),
    core_java_totalSwapSpaceSize: 0,
    core_java_uptime: Math.round(process.uptime() * 1000),
  };
}

const systemValues = (cpuPercent: number): Values => ({
  system_java_cpu_usage: cpuPercent,
  system_java_load_average: loadavg()[0] ?? 0,
  system_cpu_load: Math.round(((loadavg()[0] ?? 0) / cpus().length) * 100),
  system_memory_total: totalmem(),
  system_memory_free: freemem(),
});

/** The console of WCS looks each published stream up in it. */
const transcodingInfo = (live: readonly PullInfo[]) => ({
  transcoding_video_full_info: Object.fromEntries(live.map(({ localName }) => [localName, { distributors: [] }])),
});

/** Of the machine's cores, since the call before: percent. */
function createCpuMeter(): () => number {
  const read = () => {
    const times = cpus().map((core) => core.times);
    const idle = times.reduce((sum, core) => sum + core.idle, 0);
    return { idle, total: times.reduce((sum, core) => sum + Object.values(core).reduce((a, b) => a + b, 0), 0) };
  };
  let last = { idle: 0, total: 0 };
  return () => {
    const now = read();
    const total = now.total - last.total;
    const percent = total === 0 ? 0 : Math.round((1 - (now.idle - last.idle) / total) * 100);
    last = now;
    return percent;
  };
}
