/** What our server tells of a source beside its media, by the events of a session or in texts between fragments. */
import { HttpRefusal } from '../http-refusal.js';
import { readEvents } from '../server-sent-events.js';
import { bearer } from '../token.js';
import type { PlayRequest, StreamAlert, StreamEvent } from './transport.js';

interface StreamEvents extends Pick<PlayRequest, 'token' | 'signal' | 'onEvent'> {
  readonly events: URL;
}

/** That of a session which the server does not know any more (docs/api.md). */
const forgotten = 'session.notFound';

/**
 * Until they end. Gives why the session is over, in the words of the server; null where it did not say so. A server that has no such
 * events is not a Sluice: it plays anyway.
 */
export async function listenTo({ events, token, signal, onEvent }: StreamEvents): Promise<HttpRefusal | null> {
  let over: HttpRefusal | null = null;
  try {
    await readEvents(events, { headers: bearer(token), signal }, ({ name, data }) => {
      if (name === 'ended') over = readEnding(data);
      const event = readStreamEvent(name, data, null);
      if (event !== null) onEvent(event);
    });
  } catch (error) {
    if (error instanceof HttpRefusal && error.code === forgotten) return error;
  }
  return over;
}

/** It may be asked for again: what forbids that says so when it is. */
function readEnding(said: unknown): HttpRefusal {
  const isTold = typeof said === 'object' && said !== null && 'code' in said && 'text' in said;
  return isTold
    ? new HttpRefusal(String(said.text), 503, String(said.code))
    : new HttpRefusal('The server ended the session', 503);
}

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
