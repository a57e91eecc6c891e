/** The name and the token in what an RTMP player asks for: rtmp://HOST/live/NAME?token=TOKEN, however its program cuts that. Pure. */
import type { AskedStream } from '../core/rtmp/play-server.js';

interface Asked {
  /** Percent-decoded where it is well-formed. */
  readonly name: string;
  /** Empty: none. */
  readonly token: string;
}

/** The application is of no account; its query counts where the stream has none, as some programs put it there. */
export function readAsked({ app, stream }: AskedStream): Asked {
  const [path, query] = cut(stream);
  const token = tokenIn(query) || tokenIn(cut(app)[1]);
  return { name: decoded(path.replace(/^\/+/, '')), token };
}

function cut(text: string): readonly [path: string, query: string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

// A slash behind it belongs to the stream, as some programs cut the address there.
const tokenIn = (query: string): string => new URLSearchParams(query).get('token')?.replace(/\/.*$/s, '') ?? '';

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
