/** The sockets for media of WCS signalling, each by a number, and who is fed by them. */
import type { TemplatedApp } from 'uWebSockets.js';
import type { ErrorCode } from '../errors.js';
import type { PacketRequest } from '../supervisor/view.js';
import type { MediaBacklog } from './media-backlog.js';
import { createPacketAudience, type PacketAudience } from './packet-audience.js';
import type { PacketStream, PacketStreams } from './packet-streams.js';
import type { MediaSocket, SocketPeer } from './sockets.js';

export interface WcsMedia {
  /** This socket is one for media. Gives its number. */
  open(peer: SocketPeer): number;
  /** Sends the stream to the socket, until either is gone. Errors: those of Streams.watchPackets. */
  feed(socket: number, request: PacketRequest, listener: FeedListener): Promise<void>;
  /** Closes the socket. */
  end(socket: number): void;
  /** The socket is gone. */
  closed(peer: SocketPeer): void;
}

export interface FeedListener {
  /** The first packets are on their way. */
  readonly onBegun: () => void;
  readonly onOver: (reason: ErrorCode | null) => void;
  /** The socket is gone, and was not closed by `end`. */
  readonly onClosed: () => void;
}

interface Opened {
  readonly number: number;
  readonly peer: SocketPeer;
  readonly socket: MediaSocket;
  audience: PacketAudience | null;
  onClosed: () => void;
}

/** RFC 6455 7.4.1. */
const closeNormal = 1000;

export function createWcsMedia(
  streams: Pick<PacketStreams, 'open'>,
  backlog: Pick<MediaBacklog, 'add' | 'remove'>,
): WcsMedia {
  const byNumber = new Map<number, Opened>();
  const byPeer = new Map<SocketPeer, Opened>();
  const audiences = new Map<TemplatedApp, Map<number, PacketAudience>>();
  let lastNumber = 0;

  const audienceOf = (app: TemplatedApp, stream: PacketStream): PacketAudience => {
    const ofApp = audiences.get(app) ?? new Map<number, PacketAudience>();
    audiences.set(app, ofApp);
    const audience = ofApp.get(stream.id) ?? createPacketAudience(app, stream, () => ofApp.delete(stream.id));
    ofApp.set(stream.id, audience);
    return audience;
  };

  const forget = (opened: Opened): void => {
    byNumber.delete(opened.number);
    byPeer.delete(opened.peer);
    opened.audience?.remove(opened.socket);
    backlog.remove(opened.socket);
  };

  return {
    open(peer) {
      lastNumber += 1;
      const opened = { number: lastNumber, peer, socket: peer.becomeMedia(), audience: null, onClosed: () => {} };
      byNumber.set(lastNumber, opened);
      byPeer.set(peer, opened);
      backlog.add(opened.socket);
      return lastNumber;
    },
    async feed(number, request, { onBegun, onOver, onClosed }) {
      const opened = byNumber.get(number);
      if (opened === undefined) {
        onClosed();
        return;
      }
      opened.onClosed = onClosed;
      const stream = await streams.open(request);
      if (byNumber.get(number) !== opened) return;
      opened.audience = audienceOf(opened.socket.app, stream);
      opened.audience.add({ socket: opened.socket, onBegun, onOver });
    },
    end(number) {
      const opened = byNumber.get(number);
      if (opened === undefined) return;
      forget(opened);
      opened.peer.close(closeNormal, '');
    },
    closed(peer) {
      const opened = byPeer.get(peer);
      if (opened === undefined) return;
      forget(opened);
      opened.onClosed();
    },
  };
}
