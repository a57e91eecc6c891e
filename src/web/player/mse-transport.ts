/** Fragmented MP4 by WebSocket into Media Source Extensions (docs/mse.md): where no path for WebRTC is found. */
import { HttpRefusal } from '../http-refusal.js';
import { get } from '../http-request.js';
import { type MseLost, openMse } from '../mse-session.js';
import { withToken } from '../token.js';
import { createElementStats } from './element-stats.js';
import { besideWhep } from './stream-address.js';
import { readStreamEvent } from './stream-event.js';
import type { Playback, PlayRequest, StreamEvent, Transport } from './transport.js';
import { whenMedia } from './when-media.js';

const bufferMs = 60;
/** A source that is dialled for this viewer may take so long. */
const mediaTimeoutMs = 20_000;

export const mse: Transport = {
  name: 'mse',
  isPossible: ({ endpoint }) => 'MediaSource' in globalThis && besideWhep(endpoint, 'mse') !== null,
  async open({ endpoint, token, video, signal, onEvent }: PlayRequest): Promise<Playback> {
    const stream = besideWhep(endpoint, 'mse');
    if (stream === null) throw new Error('This server is not a Sluice');
    const url = withToken(stream, token);
    url.protocol = url.protocol.replace('http', 'ws');
    const life = new AbortController();
    const close = (): void => life.abort();
    signal.addEventListener('abort', close, { signal: life.signal });
    video.srcObject = null;
    let isLost = false;
    const tell = (event: StreamEvent | null): void => {
      if (event?.kind === 'source') isLost = event.lost !== null;
      if (event !== null) onEvent(event);
    };
    const session = openMse({
      url,
      video,
      bufferMs,
      signal: life.signal,
      onSaid(type, value, atS) {
        // Media follows: its source is there, unless the next text says otherwise.
        if (type === 'mse' && isLost) tell({ kind: 'source', lost: null });
        tell(readStreamEvent(type, value, atS));
      },
    });
    const stats = createElementStats({
      video,
      receivedBytes: () => session.receivedBytes,
      codecs: () => session.codecs,
      signal: life.signal,
    });
    try {
      const lost = await Promise.race([session.ended, whenMedia(video, mediaTimeoutMs, life.signal)]);
      if (lost !== null) throw await errorOf(lost, endpoint, signal);
    } catch (error) {
      close();
      throw error;
    }
    return {
      ended: session.ended.then(({ reason }) => reason),
      readStats: async () => stats.read(),
      receivedBytes: async () => session.receivedBytes,
      close,
    };
  },
};

/** What the server refused is tried again. Where it answers, but no WebSocket comes through, another way may. */
async function errorOf({ reason, status, isFinal }: MseLost, endpoint: URL, signal: AbortSignal): Promise<Error> {
  if (status > 0) return new HttpRefusal(reason, status);
  if (!isFinal) await get(endpoint, signal);
  return new Error(reason);
}
