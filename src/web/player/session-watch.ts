/**
 * Finds out that a server forgot a session, by asking it. A connection that a server left behind, because it was restarted,
 * says `disconnected` after 5 s and `failed` after 30; and `disconnected` alone proves nothing, for browsers recover from it.
 */
import { pause } from '../play-loop.js';

const quietAfterMs = 1000;
const askEveryMs = 1500;

interface SessionWatch {
  readonly session: URL;
  /** Bytes of media so far. */
  readonly receivedBytes: () => Promise<number>;
  readonly signal: AbortSignal;
}

/** Resolves when nothing comes any more and the server does not know the session; never while media comes. */
export async function whenForgotten({ session, receivedBytes, signal }: SessionWatch): Promise<string> {
  let lastBytes = -1;
  while (!signal.aborted) {
    await pause(quietAfterMs, signal);
    const bytes = await receivedBytes();
    if (bytes === lastBytes && (await isForgotten(session, signal))) return 'The server was restarted';
    if (bytes === lastBytes) await pause(askEveryMs - quietAfterMs, signal);
    lastBytes = bytes;
  }
  return new Promise(() => {});
}

/** False also when the server does not answer: it may be on its way up, or only the path to its HTTP port is gone. */
async function isForgotten(session: URL, signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(session, { method: 'HEAD', signal, cache: 'no-store' })).status === 404;
  } catch {
    return false;
  }
}
