/** One peer on the media port: its validated addresses, its DTLS session, its time-outs. */
import ipaddr from 'ipaddr.js';
import {
  type CandidatePairs,
  createCandidatePairs,
  type ValidatedAddress,
} from '../../src/core/ice/candidate-pairs.js';
import { type BindingRequest, isAuthentic, writeBindingSuccess } from '../../src/core/ice/stun-message.js';
import type { ErrorCode } from '../../src/errors.js';
import type { ActorSettings } from '../contract.js';
import type { Credentials, PeerAddress } from '../session-record.js';
import { createAcceptedCredentials } from './accepted-credentials.js';
import type { DtlsSession, DtlsSessionOptions } from './dtls-session.js';
import type { RemotePath, UdpRoute } from './route.js';

/** An address that a peer had proved to another thread. */
export interface KnownAddress extends Pick<PeerAddress, 'priority' | 'nominated'> {
  readonly remote: RemotePath;
}

export interface PeerOptions {
  /** Those that are valid, the newest last. */
  readonly credentials: readonly Credentials[];
  /** Of a peer that is connected already, the one that media goes to last; null: a new peer. */
  readonly known: readonly KnownAddress[] | null;
  readonly timeouts: Pick<ActorSettings['viewers'], 'connectTimeoutMs' | 'silenceTimeoutMs'>;
  readonly nowMs: () => number;
  readonly createDtls: (
    handlers: Pick<DtlsSessionOptions, 'send' | 'onConnected' | 'onFailed' | 'onClosed'>,
  ) => DtlsSession;
  readonly onConnected: DtlsSessionOptions['onConnected'];
  /** Gives whether the packet was authentic. */
  readonly onRtcp: (packet: Uint8Array) => boolean;
  /** Called once, unless `close` came first. Null: the peer sent close_notify. */
  readonly onEnded: (reason: ErrorCode | null, detail: string) => void;
  /** `route` has changed. */
  readonly onRerouted: () => void;
  /** `credentials` or `addresses` have changed, and the peer is connected. */
  readonly onChanged: () => void;
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
  /** Those that are valid, the newest last. */
  readonly credentials: readonly Credentials[];
  /** Those by UDP that it has proved, the one that media goes to last. */
  readonly addresses: readonly PeerAddress[];
  /** From its admission until its first check, and from there until DTLS was done; 0 before that. */
  readonly connectedIn: { readonly iceMs: number; readonly dtlsMs: number };
  /** True while the address is this peer's, and something came from it a moment ago. */
  holds(key: string): boolean;
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
  let target: RemotePath | null = null;
  let isConnected = options.known !== null;
  let isOver = false;
  const connectedIn = { iceMs: 0, dtlsMs: 0 };

  const changed = (): void => {
    if (isConnected) options.onChanged();
  };

  const accepted = createAcceptedCredentials(options.credentials, options.onReplaced, changed);

  const aim = (): void => {
    const key = ice.target(nowMs());
    const next = key === null ? null : (remotes.get(key) ?? null);
    if (next?.key === target?.key) return;
    target = next;
    if (isConnected) options.onRerouted();
    changed();
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
    onConnected: (keys, alertKeys) => {
      isConnected = true;
      connectedIn.dtlsMs = nowMs() - startedMs - connectedIn.iceMs;
      ice.connected();
      options.onConnected(keys, alertKeys);
    },
    onFailed: end,
    onClosed: () => end(null, 'close_notify'),
  });

  target = restore(options.known, ice, remotes, startedMs);

  return {
    check(message, request, remote) {
      const used = accepted.find(request.localUfrag);
      if (isOver || used === undefined || used.remoteUfrag !== request.remoteUfrag) return false;
      if (!isAuthentic(message, request, used.localPwd)) return false;
      answerCheck(request, remote, used.localPwd);
      if (ice.lastCheckMs === null) connectedIn.iceMs = nowMs() - startedMs;
      const evicted = ice.check(remote.key, remote.address, request.priority, request.useCandidate, nowMs());
      const isNew = !remotes.has(remote.key);
      remotes.set(remote.key, remote);
      if (isNew) changed();
      if (evicted !== null) drop(evicted);
      accepted.settle(used);
      aim();
      return true;
    },
    receive(datagram, remote) {
      const first = datagram[0] ?? 0;
      if (isOver || !remotes.has(remote.key) || !(isDtls(first) || isMedia(first))) return;
      const isOwn = isDtls(first) ? !isConnected : isConnected && isRtcp(datagram) && options.onRtcp(datagram);
      if (isOwn) {
        ice.heard(remote.key, nowMs());
        aim();
      }
      if (isDtls(first)) dtls.receive(datagram);
      else if (isOwn) dtls.settled();
    },
    send: (datagram) => !isOver && target?.send(datagram) === true,
    get route() {
      return target?.route ?? null;
    },
    get credentials() {
      return accepted.all;
    },
    get addresses() {
      return addressesOf(ice.addresses, remotes, target);
    },
    connectedIn,
    holds: (key) => ice.isLively(key, nowMs()),
    forget,
    restart: accepted.add,
    sweep() {
      const { lastCheckMs } = ice;
      const late = whyOver({ isConnected, startedMs, lastCheckMs, nowMs: nowMs(), timeouts });
      if (late !== null) return end(...late);
      for (const key of ice.expire(timeouts.silenceTimeoutMs, nowMs())) drop(key);
      aim();
    },
    close,
  };
}

interface Standing extends Pick<PeerOptions, 'timeouts'> {
  readonly isConnected: boolean;
  readonly startedMs: number;
  readonly lastCheckMs: number | null;
  readonly nowMs: number;
}

/** Null: its time is not over. */
function whyOver({ isConnected, startedMs, lastCheckMs, nowMs, timeouts }: Standing): [ErrorCode, string] | null {
  if (!isConnected && nowMs - startedMs >= timeouts.connectTimeoutMs) {
    return [lastCheckMs === null ? 'viewer.iceTimeout' : 'viewer.dtls', 'not connected in time'];
  }
  const isSilent = isConnected && nowMs - (lastCheckMs ?? startedMs) >= timeouts.silenceTimeoutMs;
  return isSilent ? ['viewer.iceKeepAlive', 'no valid check'] : null;
}

function answerCheck({ transactionId }: BindingRequest, remote: RemotePath, password: string): void {
  const address = Uint8Array.from(ipaddr.parse(remote.address).toByteArray());
  remote.send(writeBindingSuccess(transactionId, address, remote.port, password));
}

/** What the peer had proved to another thread counts from now on. Gives the last one: where media goes. */
function restore(
  known: readonly KnownAddress[] | null,
  ice: Pick<CandidatePairs, 'check' | 'heard' | 'connected'>,
  remotes: Map<string, RemotePath>,
  nowMs: number,
): RemotePath | null {
  if (known === null) return null;
  for (const { remote, priority, nominated } of known) {
    ice.check(remote.key, remote.address, priority, nominated, nowMs);
    ice.heard(remote.key, nowMs);
    remotes.set(remote.key, remote);
  }
  ice.connected();
  return known.at(-1)?.remote ?? null;
}

/** Those by UDP, the target last. */
function addressesOf(
  validated: readonly ValidatedAddress[],
  remotes: ReadonlyMap<string, RemotePath>,
  target: RemotePath | null,
): readonly PeerAddress[] {
  const known = validated.flatMap(({ key, priority, nominated }): readonly PeerAddress[] => {
    const route = remotes.get(key)?.route;
    if (!route) return [];
    const { localAddress, address, port } = route;
    return [{ localAddress, address, port, priority, nominated, isTarget: key === target?.key }];
  });
  return known.sort((a, b) => Number(a.isTarget) - Number(b.isTarget));
}
