/** Who plays by WCS signalling asks at the same gate as everybody else. */
import type { Streams } from '../supervisor/streams.js';
import { endViewer } from './end-viewer.js';
import type { PlaybackGate, PlaybackRequest } from './playback-gate.js';
import type { SocketPeer } from './sockets.js';

/** What gives back the place of a viewer among those of its token, by viewer. */
export type Releases = Map<string, () => void>;

/** Leave to play, which revoking its token takes back. */
interface Leave {
  joined(viewerId: string): void;
  /** It plays no more; further calls do nothing. */
  ended(): void;
}

/** `tokens`: of the play, of its session; that of the socket's address counts last. */
export function signallingRequest(peer: SocketPeer, name: string, tokens: readonly string[]): PlaybackRequest {
  const { clientIp, origin, host, userAgent, urlToken } = peer;
  const token = tokens.find((one) => one !== '') ?? urlToken;
  return { protocol: 'wcs', name, token, clientIp, origin, host, userAgent };
}

/** Errors: those of PlaybackGate.admit. */
export async function letIn(
  { streams, gate }: { readonly streams: Pick<Streams, 'terminateViewer'>; readonly gate: Pick<PlaybackGate, 'admit'> },
  request: PlaybackRequest,
  releases: Releases,
): Promise<Leave> {
  const { release, onRevoked } = await gate.admit(request);
  return {
    joined(viewerId) {
      releases.set(viewerId, release);
      onRevoked(() => endViewer(streams, viewerId));
    },
    ended() {
      release();
      for (const [viewerId, one] of releases) if (one === release) releases.delete(viewerId);
    },
  };
}
