/** A way by UDP: the address of our socket, as it is bound, and the viewer's. */
export interface UdpRoute {
  readonly localAddress: string;
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
}

/** One remote address as seen by one of our sockets: where a datagram came from, and the way back. */
export interface Source {
  /** The same for the same pair of addresses, so that it can be known again. */
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

/** True when the source is an address of a viewer (by now: a check may have made it one). */
export type OnDatagram = (datagram: Uint8Array, source: Source) => boolean;
