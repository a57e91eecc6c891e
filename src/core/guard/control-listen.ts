/** `control.listen`: where control has a port of its own. */
import { parseAddress } from './ip-address.js';

export type ControlListen =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** sockaddr_un has 108 bytes for the path and its final NUL (unix(7)). */
const maxPathBytes = 107;

/** "127.0.0.1:9090", "[::1]:9090" or "unix:/run/sluice/control.sock". Null for anything else. */
export function parseControlListen(text: string): ControlListen | null {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path.startsWith('/') && Buffer.byteLength(path) <= maxPathBytes ? { kind: 'unix', path } : null;
  }
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = parseAddress(host)?.kind() === (bracketed === undefined ? 'ipv4' : 'ipv6');
  return isHost && Number(port) <= 65_535 ? { kind: 'tcp', host, port: Number(port) } : null;
}
