/** One peer on the media port: its validated addresses, its DTLS session, its timeouts. */
import ipaddr from 'ipaddr.js';
import { type BindingRequest, isAuthentic, writeBindingSuccess } from '../../src/core/ice/stun-message.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Credentials, PeerAddress } from '../session-record.js';
import type { ActorSettings } from '../settings.js';
import { createAcceptedCredentials } from './accepted-credentials.js';
import type { DtlsSession, DtlsSessionOptions } from './dtls-session.js';
import { createPeerPaths, type KnownAddress } from './peer-paths.js';
import type { PeerReceived, PeerRtcp } from './receiver.js';
import type { RemotePath, UdpRoute } from './route.js';
import { createRtcpInput } from './rtcp-input.js';

/** What another thread had of a peer that is connected. */
export interface KnownPeer {
  /** The one that media goes to last. */
  readonly addresses: readonly KnownAddress[];
  readonly keys: SrtpKeys;
}

export interface PeerOptions {
  /** Those that are valid, the newest last. */
  readonly credentials: readonly Credentials[];
  /** Null: a new peer. */
  readonly known: KnownPeer | null;
  readonly timeouts: Pick<ActorSettings['viewers'], 'connectTimeoutMs' | 'silenceTimeoutMs'>;
  readonly nowMs: () => number;
  readonly createDtls: (
    handlers: Pick<DtlsSessionOptions, 'send' | 'onConnected' | 'onFailed' | 'onClosed'>,
  ) => DtlsSession;
  readonly onConnected: DtlsSessionOptions['onConnected'];
  readonly openRtcp: (keys: SrtpKeys, received: PeerReceived) => PeerRtcp;
  /** Authentic. `ageMs`: how long ago it came. Valid during the call. */
  readonly onRtcp: PeerReceived['onRtcp'];
  /** Called once, unless `close` came first. Null: the peer sent close_notify. */
  readonly onEnded: (reason: ErrorCode | null, detail: string) => void;
  /** `route` has changed. */
  readonly onRerouted: () => void;
  /** `credentials` or `addresses` have changed, and the peer is connected. */
  readonly onChanged: () => void;
  /** An address has been proved. False: it is not available (inbox.ts). */
  readonly claim: (remote: RemotePath) => boolean;
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
  /** Without a word: another thread goes on with it. */
  abandon(): void;
}

/** RFC 7983 7: by the first byte. */
const isDtls = (first: number): boolean => first >= 20 && first <= 63;
const isMedia = (first: number): boolean => first >= 128 && first <= 191;
/** RFC 5761 4: what RTCP's packet types leave of the range of RTP's payload types with a marker. */
const isRtcp = (datagram: Uint8Array): boolean => (datagram[1] ?? 0) >= 192 && (datagram[1] ?? 0) <= 223;

export function createPeer(options: PeerOptions): Peer {
  const { known, nowMs, timeouts } = options;
  const startedMs = nowMs();
  let isConnected = known !== null;
  let isOver = false;
  const connectedIn = { iceMs: 0, dtlsMs: 0 };

  const changed = (): void => {
    if (isConnected) options.onChanged();
  };

  const accepted = createAcceptedCredentials(options.credentials, options.onReplaced, changed);

  const paths = createPeerPaths({
    known: known?.addresses ?? null,
    nowMs,
    onAimed(isOther) {
      rtcp.follow();
      if (!isOther) return;
      if (isConnected) options.onRerouted();
      changed();
    },
    onProved: changed,
    onForgotten: options.onForgotten,
  });

  const rtcp = createRtcpInput({
    paths,
    credentials: () => accepted.all,
    openRtcp: options.openRtcp,
    onAuthentic: () => dtls.settled(),
    onRtcp: options.onRtcp,
  });

  const abandon = (): void => {
    isOver = true;
    rtcp.close();
  };

  const close = (): void => {
    if (isOver) return;
    dtls.close();
    abandon();
    paths.close();
  };

  const end = (reason: ErrorCode | null, detail: string): void => {
    if (isOver) return;
    close();
    options.onEnded(reason, detail);
  };

  const dtls = options.createDtls({
    send: (datagram) => {
      paths.target?.send(datagram);
    },
    onConnected: (keys, alertKeys) => {
      isConnected = true;
      connectedIn.dtlsMs = nowMs() - startedMs - connectedIn.iceMs;
      paths.connected();
      rtcp.open(keys);
      options.onConnected(keys, alertKeys);
    },
    onFailed: end,
    onClosed: () => end(null, 'close_notify'),
  });

  if (known !== null) rtcp.open(known.keys);

  return {
    check(message, request, remote) {
      const used = accepted.find(request.localUfrag);
      if (isOver || used === undefined || used.remoteUfrag !== request.remoteUfrag) return false;
      if (!isAuthentic(message, request, used.localPwd) || !options.claim(remote)) return false;
      answerCheck(request, remote, used.localPwd);
      if (paths.lastCheckMs === null) connectedIn.iceMs = nowMs() - startedMs;
      accepted.settle(used);
      paths.check(remote, request.priority, request.useCandidate);
      return true;
    },
    receive(datagram, { key }) {
      const first = datagram[0] ?? 0;
      if (isOver || !paths.has(key)) return;
      if (isDtls(first)) {
        if (!isConnected) paths.heard(key);
        dtls.receive(datagram);
      } else if (isMedia(first) && isRtcp(datagram)) rtcp.receive(datagram, key);
    },
    send: (datagram) => !isOver && paths.target?.send(datagram) === true,
    get route() {
      return paths.target?.route ?? null;
    },
    get credentials() {
      return accepted.all;
    },
    get addresses() {
      return paths.addresses;
    },
    connectedIn,
    holds: paths.isLively,
    forget: paths.forget,
    restart(next) {
      accepted.add(next);
      rtcp.follow();
    },
    sweep() {
      const { lastCheckMs } = paths;
      const late = whyOver({ isConnected, startedMs, lastCheckMs, nowMs: nowMs(), timeouts });
      if (late !== null) return end(...late);
      paths.expire(timeouts.silenceTimeoutMs);
    },
    close,
    abandon,
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
