/** WCS signalling over WebSocket: drives one machine (core/signal/wcs-session.ts) per socket with real streams and time. */
import { randomBytes } from 'node:crypto';
import type { WcsInput, WcsOutput } from '../core/wcs/contract.js';
import { createWcsSession } from '../core/wcs/session.js';
import { type ErrorCode, rowOf, SluiceError, stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import type { SocketPeer, SocketSession } from './sockets.js';

export interface SignallingParts {
  readonly streams: Streams;
  readonly log: Logger;
  readonly startTimeoutMs: number;
  readonly nowMs: () => number;
  readonly isDraining: () => boolean;
}

export interface Signalling {
  open(peer: SocketPeer): SocketSession;
  count(): number;
  /** Closes every socket and stops the clock. */
  close(): void;
}

const tickMs = 250;
const closeGoingAway = 1001;

export function createSignalling(parts: SignallingParts): Signalling {
  const sessions = new Map<SocketPeer, (input: WcsInput) => void>();
  const timer = setInterval(() => {
    for (const feed of [...sessions.values()]) feed({ kind: 'tick' });
  }, tickMs);

  return {
    open(peer) {
      const feed = join(parts, peer);
      sessions.set(peer, feed);
      return {
        text: (text) => feed({ kind: 'text', text }),
        binary: () => feed({ kind: 'binary' }),
        closed() {
          sessions.delete(peer);
          feed({ kind: 'closed' });
        },
      };
    },
    count: () => sessions.size,
    close() {
      clearInterval(timer);
      for (const peer of [...sessions.keys()]) peer.close(closeGoingAway, 'The server is shutting down');
    },
  };
}

/** Gives what feeds the session. */
function join(parts: SignallingParts, peer: SocketPeer): (input: WcsInput) => void {
  const { streams, log, startTimeoutMs, nowMs } = parts;
  // The clock ticks: what must have ended by the time-out ends with the tick before it.
  const settings = { authToken: tokenFor(peer), startTimeoutMs: Math.max(0, startTimeoutMs - tickMs) };
  const session = createWcsSession(settings, nowMs());

  const feed = (input: WcsInput): void => {
    for (const output of session.step(input, nowMs())) obey(output);
  };

  const obey = (output: WcsOutput): void => {
    switch (output.kind) {
      case 'send':
        peer.send(JSON.stringify(output.frame));
        break;
      case 'close':
        peer.close(output.code, output.reason);
        break;
      case 'view':
        void view(output);
        break;
      case 'leave':
        void leave(output.viewerId);
        break;
      case 'find': {
        const { state = null, reason = null } = streams.find(output.name) ?? {};
        feed({ ...output, kind: 'found', state, reason });
        break;
      }
      case 'log':
        log(output.level, output.event, { clientIp: peer.clientIp, ...output.fields });
        break;
      default:
        output satisfies never;
    }
  };

  const view = async ({ play, name, offer, wish }: Extract<WcsOutput, { kind: 'view' }>): Promise<void> => {
    try {
      if (parts.isDraining()) throw new SluiceError('server.draining');
      const { viewerId, answerSdp, media } = await streams.view({
        name,
        offer,
        wish,
        clientIp: peer.clientIp,
        onConnected: () => feed({ kind: 'view.connected', play }),
        onLowered: (sourceKbps, estimateKbps) => feed({ kind: 'view.lowered', play, sourceKbps, estimateKbps }),
        onData: (data) => feed({ kind: 'view.data', play, data }),
        onEnded: (code) => feed({ kind: 'view.ended', play, code }),
      });
      feed({ kind: 'view.answered', play, viewerId, answerSdp, media });
    } catch (error) {
      feed({ kind: 'view.failed', play, code: codeOf(error, log) });
    }
  };

  const leave = async (viewerId: string): Promise<void> => {
    try {
      await streams.leave(viewerId);
    } catch (error) {
      // The actor is dead or does not answer: the supervisor ends the viewer with it.
      log('warn', 'viewer.leaveFailed', { viewerId, code: codeOf(error, log) });
    }
  };

  return feed;
}

/** WCS's form, "/client:port/server:port", with 128 random bits in place of the client's port: it names the session. */
const tokenFor = ({ clientIp, host }: SocketPeer): string => `/${clientIp}:${randomBytes(16).toString('hex')}/${host}`;

function codeOf(error: unknown, log: Logger): ErrorCode {
  if (!(error instanceof SluiceError)) log('error', 'server.bug', { where: 'wcs', error: stackOf(error) });
  return rowOf(error);
}
