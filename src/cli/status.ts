/** `sluice status`: how a server is, on one screen. */
import type { ApiClient } from '../web/api-client.js';

/** The text, and the exit code: 0 it serves, 1 it does not, or something stands in the way of a stream. */
export async function serverStatus(server: ApiClient): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> {
  const [about, { process }, streams, cluster] = await Promise.all([
    server.call('getServer'),
    server.call('getSupervision'),
    server.call('listStreams'),
    server.call('getCluster'),
  ]);
  const { room } = process;
  const state = about.isDraining ? 'draining' : 'serving';
  const lines = [
    `Sluice ${about.version}${about.commit === '' ? '' : ` (${about.commit})`} on Node ${about.node}, ${state} for ${duration(about.uptimeS)}`,
    `CPU ${Math.round(process.cpuShare * 100)} % of the machine, memory ${mb(process.memoryBytes)} of ${mb(process.memoryCeilingBytes)} MB, event loop ${process.loopLagMs} ms late`,
    networkText(process.network),
    `Viewers: ${room.viewers}, and ${room.more} more fit (${room.limit})`,
    ...(cluster === null ? [] : [clusterText(cluster)]),
    ...(streams.length === 0 ? ['No streams'] : []),
    ...streams.flatMap(({ name, stateText, viewers, media, reasonText, alerts }) => [
      `  ${name}: ${stateText}, ${viewers} viewers${mediaText(media)}${reasonText === null ? '' : ` (${reasonText})`}`,
      ...alerts.map(({ status, code, evidence }) => `    ${status} ${code} ${evidence}`),
    ]),
  ];
  const isTroubled = streams.some(({ alerts }) => alerts.some(({ status }) => status === 'error'));
  return { text: `${lines.join('\n')}\n`, exitCode: about.isDraining || isTroubled ? 1 : 0 };
}

interface Network {
  readonly sentKbps: number;
  readonly receivedKbps: number;
  readonly maxKbps: number | null;
}

function networkText({ sentKbps, receivedKbps, maxKbps }: Network): string {
  const most = maxKbps === null ? 'what it can carry is not known' : `it is to carry ${mbps(maxKbps)}`;
  return `Network ${mbps(sentKbps)} Mbit/s sent, ${mbps(receivedKbps)} received (${most})`;
}

interface Cluster {
  readonly registry: { readonly isReachable: boolean };
  readonly nodes: readonly {
    readonly name: string;
    readonly isAsked: boolean;
    readonly owned: number;
    readonly edges: number;
  }[];
}

function clusterText({ registry, nodes }: Cluster): string {
  const { name = '', owned = 0, edges = 0 } = nodes.find(({ isAsked }) => isAsked) ?? {};
  const state = registry.isReachable ? '' : ', whose registry does not answer';
  return `Node ${name} of a cluster of ${nodes.length}${state}: ${owned} streams pulled, ${edges} taken from other nodes`;
}

interface Media {
  readonly video: { readonly codec: string; readonly width: number; readonly height: number } | null;
  readonly audio: { readonly codec: string } | null;
}

function mediaText({ video, audio }: Media): string {
  const parts = [video === null ? '' : `${video.codec} ${video.width}x${video.height}`, audio?.codec ?? ''];
  return parts
    .filter((part) => part !== '')
    .map((part) => `, ${part}`)
    .join('');
}

const mbps = (kbps: number): number => Math.round(kbps / 1000);
const mb = (bytes: number): number => Math.round(bytes / 1_048_576);

function duration(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
