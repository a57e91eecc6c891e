/** What control costs: `npm run bench -- rest`. Goals: find_all with 500 streams p99 <= 10 ms; with one, 20,000 requests a second. */
import { printTable, writeResult } from './report.js';
import { load } from './rest/load.js';
import { pullStreams } from './rest/streams.js';

const path = '/rest-api/pull/rtmp/find_all';
const seconds = 5;
const cases = [
  { streams: 1, clients: [1, 16, 64] },
  { streams: 500, clients: [1, 4] },
] as const;

const measured = [];
for (const { streams, clients } of cases) {
  const pulled = await pullStreams(streams);
  try {
    for (const connections of clients) {
      const beforeMs = pulled.mainCpuMs();
      const startMs = performance.now();
      const result = await load({ port: pulled.port, path, connections, seconds });
      const mainPercent = ((pulled.mainCpuMs() - beforeMs) / (performance.now() - startMs)) * 100;
      measured.push({ streams, clients: connections, mainPercent, ...result });
    }
  } finally {
    await pulled.stop();
  }
}
printTable(
  'find_all over connections that stay (goals: 1 stream 20,000 a second; 500 streams p99 10 ms); all streams flow',
  measured.map(({ streams, clients, perSecond, p50Ms, p99Ms, longestMs, bodyBytes, mainPercent }) => ({
    streams,
    clients,
    'requests/s': perSecond.toFixed(0),
    'p50 ms': p50Ms.toFixed(2),
    'p99 ms': p99Ms.toFixed(2),
    longest: longestMs.toFixed(2),
    'kB each': (bodyBytes / 1024).toFixed(1),
    'main thread, % of a core': mainPercent.toFixed(0),
  })),
);
writeResult('rest', { seconds, measured });
