/** The add-on of src/threads/native: what Node has no call for: of threads that hang, and of processes without parents. */
import { loadAddOn } from '../../add-on.js';
import type { NativeDemultiplexer } from './native-demultiplexer.js';

export interface NativeThreads extends NativeDemultiplexer {
  /** The epoll descriptor of the calling thread's event loop: names the loop in the whole process. */
  loopDescriptor(): number;
  /**
   * Takes all internet sockets away from a loop of another thread that hangs: nothing comes to it any more, its peers see
   * their connections closed, and its ports are free. Gives the number of descriptors; -1: the loop is not known, or not all of
   * them could be taken.
   */
  cutOff(loop: number): number;
  /**
   * Holds a socket of the loop beside it (hold.h): the listening one of TCP at this address and port, or that of UDP. The loop
   * must have waited for it once. Gives the descriptor that holds it; -1: there is none.
   */
  hold(loop: number, address: string, port: number, listens: boolean): number;
  /** Holds a connection that the caller has, beside it. Gives the descriptor that holds it; -1: none is left. */
  holdOwn(descriptor: number): number;
  /**
   * The loop is not told of a socket of TCP before so much has come, or the peer has closed it (socket(7), SO_RCVLOWAT); told at once
   * where that much is there. False: the kernel does not take it.
   */
  receiveLowWater(descriptor: number, bytes: number): boolean;
  /** Another descriptor of a held socket, for the calling thread to use and to close; -1: it is not held. */
  copyHeld(descriptor: number): number;
  /** Lets go of a held socket; nothing happens to what is not held. */
  release(descriptor: number): void;
  /** Gives free memory of the process back to the system: glibc keeps that of threads that have ended. Some ms for each GB. */
  trimMemory(): void;
  /**
   * Reaps the processes that this one was given when their parents ended, as the first process of a container is; `own`: the
   * child that Node itself waits for. Gives how many.
   */
  reapOthers(own: number): number;
  /** A datagram to a unix socket, as sd_notify(3) sends it; `@` begins an abstract name. False: it was not taken. */
  notify(path: string, text: string): boolean;
}

let loaded: NativeThreads | null | undefined;

/** Null where it was not built. */
export function nativeThreads(): NativeThreads | null {
  loaded ??= loadAddOn<NativeThreads>('threads');
  return loaded;
}
