/** GET /: WCS's statistics page (docs/wcs.md 1.5) with `?action=stat`, else a redirect to the player. */
import { readdirSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import type { Streams } from '../supervisor/streams.js';
import { type Handle, type HttpRequest, textReply } from './http.js';

export const asksForStatistics = (request: HttpRequest): boolean => request.query.get('action') === 'stat';

export const showHome: Handle = () => ({ status: 302, headers: { Location: '/player', 'Cache-Control': 'no-store' } });

/** Clients parse it line by line: a heading begins with dashes, any other line is key=value; no line is blank. */
export function createStatistics(streams: Streams, countSockets: () => number): Handle {
  return () => {
    const pulls = streams.list();
    const groups = {
      Connection: { connections: countSockets(), connections_websocket: countSockets() },
      Stream: {
        streams_rtmp_in: pulls.filter(({ state }) => state === 'PROCESSED_REMOTE').length,
        streams_rtmp_out: 0,
        streams_webrtc_in: 0,
        streams_webrtc_out: pulls.reduce((sum, { viewers }) => sum + viewers, 0),
      },
      Core: { core_threads: readdirSync('/proc/self/task').length },
      System: {
        system_cpu_load: Math.round(((loadavg()[0] ?? 0) / cpus().length) * 100),
        system_memory_total: totalmem(),
        system_memory_free: freemem(),
      },
    };
    const lines = Object.entries(groups).flatMap(([name, values]) => [
      `-----${name} Stats-----`,
      ...Object.entries(values).map(([key, value]) => `${key}=${value}`),
    ]);
    return textReply(200, `${lines.join('\n')}\n`);
  };
}
