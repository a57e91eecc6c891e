/** `sluice pull rtmp://…`: asks a server that runs for a stream, and says where it plays. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../web/api-client.js';
import { HttpRefusal } from '../web/http-refusal.js';

interface WantedStream {
  readonly uri: string;
  readonly name: string;
}

type Stream = Awaited<ReturnType<typeof pulled>>;

const lookEveryMs = 300;
const timeoutMs = 15_000;

/** False: no server answers there. Errors: HttpRefusal. */
export async function isServing(server: ApiClient): Promise<boolean> {
  try {
    await server.call('getServer');
    return true;
  } catch (error) {
    if (error instanceof HttpRefusal && error.status === 0) return false;
    throw error;
  }
}

/** `write`: what happens, as it happens. Gives the page of the stream, and whether it plays. Errors: HttpRefusal. */
export async function pullSource(
  server: ApiClient,
  wanted: WantedStream,
  write: (line: string) => void,
): Promise<{ readonly page: URL; readonly isLive: boolean }> {
  const { id } = await pulled(server, wanted);
  let told = '';
  let stream: Stream;
  const endMs = performance.now() + timeoutMs;
  do {
    stream = await server.call('getStream', { id });
    const { stateText, reasonText, detail } = stream;
    const state = [stateText, reasonText, detail].filter(Boolean).join(': ');
    if (state !== told) write(state);
    told = state;
    if (stream.state === 'PROCESSED_REMOTE' || stream.state === 'FAILED') break;
    await delay(lookEveryMs);
  } while (performance.now() < endMs);
  return { page: pageOf(server.base, stream.name), isLive: stream.state === 'PROCESSED_REMOTE' };
}

export const pageOf = (base: URL, name: string): URL => new URL(`play/${encodeURIComponent(name)}`, base);

/** The one that is there, where somebody pulls it already. */
async function pulled(server: ApiClient, { uri, name }: WantedStream) {
  try {
    return await server.call('createStream', { body: { uri, name } });
  } catch (error) {
    if (!(error instanceof HttpRefusal) || error.code !== 'pull.conflict') throw error;
    return server.call('getStream', { id: uri });
  }
}
