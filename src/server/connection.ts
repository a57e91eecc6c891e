/** What uWebSockets.js says of a request and of who sent it, for reply.ts and sockets.ts. It reads, and never answers. */
import type { HttpRequest as UwsRequest, HttpResponse as UwsResponse } from 'uWebSockets.js';
import type { Connection } from '../core/guard/client.js';

/** Only inside the handler of the request: uWebSockets.js reuses its memory afterwards. */
export function readConnection(response: UwsResponse, request: UwsRequest): Connection {
  const headers = new Map<string, string>();
  request.forEach((name, value) => {
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  return {
    remoteIp: textOf(response.getRemoteAddressAsText()),
    prefaceIp: textOf(response.getProxiedRemoteAddressAsText()),
    headerNames: [...headers.keys()],
    header: (name) => headers.get(name) ?? '',
  };
}

const textOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('latin1');
