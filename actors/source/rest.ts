/**
 * A source's socket rests between reads while nobody waits for what comes: to wake the thread for each frame costs more than to take
 * in many at once.
 */

/** Calls it at each heartbeat of the thread; gives what ends that. */
export type OnBeat = (run: () => void) => () => void;

export interface Rest {
  /** So many bytes were read: once all that has come is, the socket may rest. */
  read(bytes: number): void;
  /** The socket is read again, at once. */
  end(): void;
  /** For good. */
  close(): void;
}

/**
 * A rest lasts until so much has come, or for some time. The bytes are less than what any kernel takes in for a new connection
 * (tcp(7), tcp_rmem), so that no source is held up.
 */
export const restBytes = 49_152;
