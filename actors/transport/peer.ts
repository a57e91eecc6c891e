/** One peer on the media port: its validated addresses, its DTLS session, its time-outs. */
import ipaddr from 'ipaddr.js';
import { createCandidatePairs } from '../../src/core/ice/candidate-pairs.js';
import { type BindingRequest, isAuthentic, writeBindingSuccess } from '../../src/core/ice/stun-message.js';
import type { ErrorCode } from '../../src/errors.js';
import type { ActorSettings } from '../contract.js';
import type { DtlsSession, DtlsSessionOptions } from './dtls-session.js';
import type { RemotePath, UdpRoute } from './route.js';

export interface Credentials {
  readonly localUfrag: string;
  readonly localPwd: string;
  readonly remoteUfrag: string;
}

export interface PeerOptions {
  readonly credentials: Credentials;
  readonly timeouts: Pick<ActorSettings['viewers'], 'connectTimeoutMs' | 'silenceTimeoutMs'>;
  readonly nowMs: () => number;
  readonly createDtls: (
    handlers: Pick<DtlsSessionOptions, 'send' | 'onConnected' | 'onFailed' | 'onClosed'>,
  ) => DtlsSession;
  readonly onConnected: DtlsSessionOptions['onConnected'];
  readonly onRtcp: (packet: Uint8Array) => void;
  /** Called once, unless `close` came first. Null: the peer sent close_notify. */
  readonly onEnded: (reason: ErrorCode | null, detail: string) => void;
  /** `route` has changed. */
  readonly onRerouted: () => void;
  /** The address with this key belongs to this peer no longer. */
  readonly onForgotten: (key: string) => void;
  /** ICE restart: these credentials are no longer valid. */
  readonly onReplaced: (localUfrag: string) => void;
}

export interface Peer {
  /** A binding request with one of this peer's ufrags. True when it was authentic, and was answered. */
  check(message: Uint8Array, request: BindingRequest, remote: RemotePath): boolean;
  /** A datagram that is no STUN, from an address that passed a check. */
  receive(datagram: Uint8Array, remote: RemotePath): void;
  send(datagram: Uint8Array): boolean;
  /** The path that `send` takes now; null: not by UDP, or none. */
  readonly route: UdpRoute | null;
  /** The address is another peer's now, or its connection is closed. */
  forget(key: string): void;
  /** New credentials; the old ones stay valid until the first check with the new ones (RFC 8445 9). */
  restart(credentials: Credentials): void;
  /** Looks at the clock. */
  sweep(): void;
  /** Sends close_notify; `onEnded` is not called. */
  close(): void;
}

/** RFC 7983 7: by the first byte. */
const isDtls = (first: number): boolean => first >= 20 && first <= 63;
const isMedia = (first: number): boolean => first >= 128 && first <= 191;
/** RFC 5761 4: what RTCP's packet types leave of the range of RTP's payload types with a marker. */
const isRtcp = (datagram: Uint8Array): boolean => (datagram[1] ?? 0) >= 192 && (datagram[1] ?? 0) <= 223;

export function createPeer(options: PeerOptions): Peer {
  const { nowMs, timeouts } = options;
  const startedMs = nowMs();
  const ice = createCandidatePairs();
  const remotes = new Map<string, RemotePath>();
  let accepted: readonly Credentials[] = [options.credentials];
  let target: RemotePath | null = null;
  let isConnected = false;
  let isOver = false;

  const aim = (): void => {
    const key = ice.target(nowMs());
    const next = key === null ? null : (remotes.get(key) ?? null);
    if (next?.key === target?.key) return;
    target = next;
    if (isConnected) options.onRerouted();
  };

  const forget = (key: string): void => {
    ice.forget(key);
    remotes.delete(key);
    aim();
  };

  /** The peer no longer uses the address. */
  const drop = (key: string): void => {
    remotes.get(key)?.close();
    remotes.delete(key);
    options.onForgotten(key);
  };

  const close = (): void => {
    if (isOver) return;
    dtls.close();
    isOver = true;
    for (const remote of remotes.values()) remote.close();
  };

  const end = (reason: ErrorCode | null, detail: string): void => {
    if (isOver) return;
    close();
    options.onEnded(reason, detail);
  };

  const dtls = options.createDtls({
    send: (datagram) => {
      target?.send(datagram);
    },
    onConnected: (keys) => {
      isConnected = true;
      options.onConnected(keys);
    },
    onFailed: end,
    onClosed: () => end(null, 'close_notify'),
  });

  /** After a restart the first check with the new credentials ends the life of the old ones. */
  const settle = (used: Credentials): void => {
    if (accepted.length === 1 || used !== accepted.at(-1)) return;
    const replaced = accepted.slice(0, -1);
    accepted = [used];
    for (const { localUfrag } of replaced) options.onReplaced(localUfrag);
  };

  return {
    check(message, request, remote) {
      const used = accepted.find(({ localUfrag }) => localUfrag === request.localUfrag);
      if (isOver || used === undefined || used.remoteUfrag !== request.remoteUfrag) return false;
      if (!isAuthentic(message, request, used.localPwd)) return false;
      const address = Uint8Array.from(ipaddr.parse(remote.address).toByteArray());
      remote.send(writeBindingSuccess(request.transactionId, address, remote.port, used.localPwd));
      const evicted = ice.check(remote.key, request.priority, request.useCandidate, nowMs());
      remotes.set(remote.key, remote);
      if (evicted !== null) drop(evicted);
      settle(used);
      aim();
      return true;
    },
    receive(datagram, remote) {
      const first = datagram[0] ?? 0;
      if (isOver || !remotes.has(remote.key) || !(isDtls(first) || isMedia(first))) return;
      ice.heard(remote.key, nowMs());
      aim();
      if (isDtls(first)) dtls.receive(datagram);
      else if (isConnected && isRtcp(datagram)) options.onRtcp(datagram);
    },
    send: (datagram) => !isOver && target?.send(datagram) === true,
    get route() {
      return target?.route ?? null;
    },
    forget,
    restart(credentials) {
      // Those in use stay, whichever restart was not followed by a check.
      const replaced = accepted.slice(1);
      accepted = [...accepted.slice(0, 1), credentials];
      for (const { localUfrag } of replaced) options.onReplaced(localUfrag);
    },
    sweep() {
      const now = nowMs();
      const { lastCheckMs } = ice;
      if (!isConnected && now - startedMs >= timeouts.connectTimeoutMs) {
        return end(lastCheckMs === null ? 'viewer.iceTimeout' : 'viewer.dtls', 'not connected in time');
      }
      if (isConnected && now - (lastCheckMs ?? startedMs) >= timeouts.silenceTimeoutMs) {
        return end('viewer.iceKeepAlive', 'no valid check');
      }
      for (const key of ice.expire(timeouts.silenceTimeoutMs, now)) drop(key);
      aim();
    },
    close,
  };
}
