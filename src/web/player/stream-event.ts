/** What our server tells of a source beside its media, by the events of a session or in texts between fragments. */
import type { StreamAlert, StreamEvent } from './transport.js';

/** `atS`: where in the element's time it belongs; null: now. Null for what this player does not know. */
export function readStreamEvent(name: string, data: unknown, atS: number | null): StreamEvent | null {
  if (typeof data !== 'object' || data === null) return null;
  if (name === 'data' && 'name' in data && 'values' in data && 'timestampMs' in data) {
    const { values, timestampMs } = data;
    return {
      kind: 'data',
      name: String(data.name),
      values: Array.isArray(values) ? values : [],
      timestampMs: Number(timestampMs),
      atS,
    };
  }
  if (name === 'alerts' && 'alerts' in data && Array.isArray(data.alerts)) {
    return { kind: 'alerts', alerts: data.alerts.flatMap(readAlert) };
  }
  if (name !== 'source' || !('lost' in data)) return null;
  const { lost } = data;
  if (typeof lost !== 'object' || lost === null || !('code' in lost) || !('text' in lost))
    return { kind: 'source', lost: null };
  return { kind: 'source', lost: { code: String(lost.code), text: String(lost.text) } };
}

const statuses = ['error', 'warning', 'info'] as const;
const tracks = ['video', 'audio'] as const;

function readAlert(said: unknown): readonly StreamAlert[] {
  if (typeof said !== 'object' || said === null || !('code' in said) || !('text' in said)) return [];
  const status = statuses.find((one) => 'status' in said && said.status === one) ?? 'info';
  const deadTrack = tracks.find((one) => 'deadTrack' in said && said.deadTrack === one) ?? null;
  return [{ code: String(said.code), status, text: String(said.text), deadTrack }];
}
