/** A path by UDP: the local address that our socket is bound to, and the remote one. */
export interface UdpRoute {
  readonly localAddress: string;
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
  /** Of our socket, where others are bound there too. */
  readonly descriptor?: number;
}

/** A remote address as one of our sockets sees it: where a datagram came from, and how to answer. */
export interface RemotePath {
  /** Identifies the pair of addresses. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  /** Null: not by UDP. */
  readonly route: UdpRoute | null;
  /** False: not taken (its queue is full, or it is closed). Never throws. */
  send(datagram: Uint8Array): boolean;
  /** Nobody uses it any more: a TCP connection ends when what it was sent is gone. */
  close(): void;
}

/** True when the remote address belongs to a peer by now: a check may just have validated it. */
export type OnDatagram = (datagram: Uint8Array, remote: RemotePath) => boolean;
