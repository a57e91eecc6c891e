/** How far back a stream may be watched, as the server says it (docs/hls.md, How far back). */
import { get } from '../http-request.js';
import { withToken } from '../token.js';
import { besideWhep } from './stream-address.js';
import type { PlayRequest } from './transport.js';

/** Of WHEP, by which the rest is found. */
type Asked = Pick<PlayRequest, 'endpoint' | 'token'>;

export interface TimeShift {
  /** HLS: what there is to go back to. */
  readonly list: URL;
  /** From its beginning to the live edge. */
  readonly lengthMs: number;
  /** So much of it is still there when it is asked for. */
  readonly depthMs: number;
}

/** Errors: HttpRefusal; Error where the server is not a Sluice. */
export async function readTimeShift({ endpoint, token }: Asked, signal: AbortSignal): Promise<TimeShift> {
  const stream = besideWhep(endpoint, 'hls');
  if (stream === null) throw new Error('This server is not a Sluice');
  const url = withToken(new URL(`${stream.pathname}/time-shift.json`, stream), token);
  const said: unknown = await (await get(url, signal)).json();
  if (typeof said !== 'object' || said === null || !('list' in said) || !('lengthMs' in said) || !('depthMs' in said))
    throw new Error('This server is not a Sluice');
  const { list, lengthMs, depthMs } = said;
  return { list: withToken(new URL(String(list), url), token), lengthMs: Number(lengthMs), depthMs: Number(depthMs) };
}

/** While it is asked for, the server keeps what may be gone back to. */
const askEveryMs = 4000;

/** Tells how far back there is, now and then, until `signal`. */
export function watchTimeShift(asked: Asked, signal: AbortSignal, onDepth: (depthMs: number) => void): void {
  const ask = async (): Promise<void> => {
    const depthMs = await readTimeShift(asked, signal).then(
      (found) => found.depthMs,
      () => 0,
    );
    if (!signal.aborted) onDepth(depthMs);
  };
  void ask();
  const timer = setInterval(() => void ask(), askEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}
