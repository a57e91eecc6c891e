/**
 * What comes before a thread is terminated: Node 20 ends the process where the thread's loop is in the midst of reading
 * datagrams (node::AddressToJS, v8::FromJust). So that it reads nothing more, it has nothing any more.
 */
import { closeSync, openSync } from 'node:fs';
import { nativeThreads } from './native/native-threads.js';
import { udpDescriptors } from './udp-descriptors.js';

/** Node 22 asks V8 before it trusts that it got a value: there a thread may be terminated as it is. */
const isMended = Number(process.versions.node.split('.')[0]) >= 22;

export interface Reach {
  /** The epoll descriptor of its loop; -1: not known. */
  readonly loop: number;
  /** The port number of its UDP sockets; 0: it has none. */
  readonly mediaPort: number;
}

/** Opens what `cutOff` needs, so that it need not when there are no descriptors left. */
export const prepareCutOff = (): void => void nativeThreads();

/** False when it would not be safe to terminate the thread. */
export function cutOff({ loop, mediaPort }: Reach): boolean {
  const native = nativeThreads();
  if (native !== null && loop >= 0) return native.cutOff(loop) >= 0 || isMended;
  if (isMended || mediaPort === 0) return true;
  const descriptors = udpDescriptors(mediaPort);
  return descriptors.length > 0 && descriptors.every(occupy);
}

/**
 * Closes a socket of another thread, and holds its number, so that what closes it once more closes nobody else's. False when
 * the number is not to be had, because somebody else got it in the moment between, or there are no descriptors left: the
 * thread's loop must never be taken down then.
 */
export function occupy(descriptor: number): boolean {
  const others: number[] = [];
  try {
    closeSync(descriptor);
    // The lowest free number is given first.
    for (let got = -1; got < descriptor; ) {
      got = openSync('/dev/null', 'r');
      if (got === descriptor) return true;
      others.push(got);
    }
    return false;
  } catch {
    return false;
  } finally {
    for (const other of others) closeSync(other);
  }
}
