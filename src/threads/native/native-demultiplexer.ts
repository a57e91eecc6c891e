/** The part of the add-on by which all streams share one port (demultiplexer.h, inbox.h). */
export interface NativeDemultiplexer {
  /**
   * Takes the port, UDP and TCP, at these addresses, and reads it in a thread of its own; 0: any. Gives the port. Throws with a code of
   * errno(3), and the address as the message. One at a time.
   */
  startDemultiplexer(addresses: readonly string[], port: number): number;
  stopDemultiplexer(): void;
  /** What came, what of it was nobody's, and what found no room. */
  countDemultiplexed(out: Float64Array): void;
  /** Gives the number of an inbox; -1: no descriptor is left. */
  openInbox(): number;
  /** A descriptor to read from, the caller's, who is its reader until somebody else asks for one; -1: there is none. */
  copyInbox(inbox: number): number;
  closeInbox(inbox: number): void;
  /**
   * What comes from there is for this inbox, of which `reader` is the descriptor. False: it is for another one, whose viewer was there
   * a moment ago.
   */
  claim(inbox: number, reader: number, localAddress: string, localPort: number, address: string, port: number): boolean;
  disclaim(inbox: number, reader: number, localAddress: string, localPort: number, address: string, port: number): void;
}
