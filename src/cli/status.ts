/** `sluice status`: how a server is, on one screen. */
import type { ApiClient } from '../web/api-client.js';

/** The text, and the exit code: 0 it serves, 1 it does not, or something stands in the way of a stream. */
export async function serverStatus(server: ApiClient): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> {
  const [about, { process }, streams] = await Promise.all([
    server.call('getServer'),
    server.call('getSupervision'),
    server.call('listStreams'),
  ]);
  const { room } = process;
  const state = about.isDraining ? 'draining' : 'serving';
  const lines = [
    `Sluice ${about.version}${about.commit === '' ? '' : ` (${about.commit})`} on Node ${about.node}, ${state} for ${duration(about.uptimeS)}`,
    `CPU ${Math.round(process.cpuShare * 100)} % of the machine, memory ${mb(process.memoryBytes)} of ${mb(process.memoryCeilingBytes)} MB, event loop ${process.loopLagMs} ms late`,
    `Viewers: ${room.viewers}, and ${room.more} more fit (${room.limit})`,
    ...(streams.length === 0 ? ['No streams'] : []),
    ...streams.flatMap(({ name, stateText, viewers, media, reasonText, alerts }) => [
      `  ${name}: ${stateText}, ${viewers} viewers${mediaText(media)}${reasonText === null ? '' : ` (${reasonText})`}`,
      ...alerts.map(({ status, code, evidence }) => `    ${status} ${code} ${evidence}`),
    ]),
  ];
  const isTroubled = streams.some(({ alerts }) => alerts.some(({ status }) => status === 'error'));
  return { text: `${lines.join('\n')}\n`, exitCode: about.isDraining || isTroubled ? 1 : 0 };
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
