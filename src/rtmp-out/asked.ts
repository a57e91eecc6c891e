/** The name and the token in what an RTMP player asks for: rtmp://HOST/live/NAME?token=TOKEN, however its program cuts that. Pure. */
import type { AskedLink } from '../cluster/contract.js';
import type { AskedStream } from '../core/rtmp/play-server.js';

interface Asked {
  /** Percent-decoded where it is well-formed. */
  readonly name: string;
  /** Empty: none. */
  readonly token: string;
}

const linkApp = 'cluster';

/** Null: it is a player. What is no epoch is one that nobody has. */
export function readLink({ app, stream }: AskedStream): AskedLink | null {
  const [place, appQuery] = cut(app);
  if (place.replace(/\/+$/, '') !== linkApp) return null;
  const [key, query] = cut(stream);
  const epoch = parameterIn(query, 'epoch') || parameterIn(appQuery, 'epoch');
  return {
    key: key.replace(/^\/+/, ''),
    token: parameterIn(query, 'token') || parameterIn(appQuery, 'token'),
    epoch: /^\d{1,15}$/.test(epoch) ? Number(epoch) : -1,
  };
}

/** The application is of no account; its query counts where the stream has none, as some programs put it there. */
export function readAsked({ app, stream }: AskedStream): Asked {
  const [path, query] = cut(stream);
  const token = parameterIn(query, 'token') || parameterIn(cut(app)[1], 'token');
  return { name: decoded(path.replace(/^\/+/, '')), token };
}

function cut(text: string): readonly [path: string, query: string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

// A slash behind it belongs to the stream, as some programs cut the address there.
const parameterIn = (query: string, name: string): string =>
  new URLSearchParams(query).get(name)?.replace(/\/.*$/s, '') ?? '';

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
