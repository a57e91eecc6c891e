/**
 * Takes the sockets away from a thread before it is terminated: Node 20 aborts the process when a thread is terminated
 * while its loop reads datagrams (node::AddressToJS, v8::FromJust).
 */
import { closeSync, openSync } from 'node:fs';
import { nativeThreads } from './native/native-threads.js';
import { udpDescriptors } from './udp-descriptors.js';

/** Fixed in Node 22, where a thread may be terminated with its sockets. */
const isFixed = Number(process.versions.node.split('.')[0]) >= 22;

/** How the sockets of a thread are found. */
export interface ThreadSockets {
  /** The epoll descriptor of its event loop; -1: not known. */
  readonly loop: number;
  /** The local ports of its UDP sockets. */
  readonly udpPorts: () => readonly number[];
}

/** Loads what `cutOff` needs, for the case that no descriptors are left when it is needed. */
export const prepareCutOff = (): void => void nativeThreads();

/** False when the thread must not be terminated. */
export function cutOff({ loop, udpPorts }: ThreadSockets): boolean {
  const native = nativeThreads();
  if (native !== null && loop >= 0) return native.cutOff(loop) >= 0 || isFixed;
  return isFixed || udpPorts().every(cutOffPort);
}

function cutOffPort(port: number): boolean {
  const descriptors = udpDescriptors(port);
  return descriptors.length > 0 && descriptors.every(occupy);
}

/**
 * Closes a socket of another thread and opens /dev/null under its descriptor: when the thread's loop closes the descriptor
 * again, it closes no one else's. False when the descriptor went to another thread in between, or none is left to open:
 * the loop must then never be torn down.
 */
export function occupy(descriptor: number): boolean {
  const others: number[] = [];
  try {
    closeSync(descriptor);
    // The kernel gives the lowest free descriptor.
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
