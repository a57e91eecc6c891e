/** A WHEP endpoint in front of another one, whose media goes by way of a relay: as a network between two servers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { MediaRelay } from './media-relay.js';

export interface WhepFront {
  readonly origin: string;
  close(): Promise<void>;
}

/** `openRelay`: to this port of 127.0.0.1. */
export async function openWhepFront(
  origin: string,
  openRelay: (mediaPort: number) => Promise<MediaRelay>,
): Promise<WhepFront> {
  const relays: MediaRelay[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    const body = await text(request);
    const headers = { 'Content-Type': request.headers['content-type'] ?? '' };
    const answer = await fetch(`${origin}${url}`, { method, headers, ...(method === 'POST' ? { body } : {}) });
    let sdp = await answer.text();
    const port = Number(/^a=candidate:\S+ 1 udp \d+ \S+ (\d+)/im.exec(sdp)?.[1] ?? 0);
    if (port !== 0) {
      const relay = await openRelay(port);
      relays.push(relay);
      sdp = sdp.replaceAll(` ${port} typ`, ` ${relay.port} typ`);
    }
    const location = answer.headers.get('location');
    response.writeHead(answer.status, {
      'Content-Type': answer.headers.get('content-type') ?? 'text/plain',
      ...(location === null ? {} : { Location: location }),
    });
    response.end(sdp);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      for (const relay of relays) relay.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
