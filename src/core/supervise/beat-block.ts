/**
 * The words of the block of shared memory that each thread has in common with the supervisor, 32 bits each, read and
 * written by Atomics only (ARCHITECTURE.md, Ends and Logs).
 */
export const beatWords = {
  /**
   * Counted up by the thread every `beatMs` while its event loop lives, and with each piece of work that is done, so that
   * one that works off a burst in a single turn of its loop is no silent one; 0 until it is up.
   */
  beat: 0,
  /** 1 while the thread is inside a batch of node-av calls, where ending it from outside aborts the process. */
  inNative: 1,
  /** Set to 1 by the supervisor before it ends the thread: a thread that sees it parks instead of entering node-av. */
  condemned: 2,
  /** Lines of log that the main thread has taken from this thread: what bounds those under way. */
  linesTaken: 3,
  /** How many loads of code are under way in the thread: its loop may stand still longer meanwhile. */
  loading: 4,
  /** The kernel's number of the thread; 0 until it is up. */
  tid: 5,
  /** The epoll descriptor of its event loop, plus 1; 0: not known. */
  loop: 6,
  /** 1 once the thread is on its way out and beats no more: it has as long for that as one that was asked to stop. */
  leaving: 7,
  /** KiB that the thread may hold, written by the supervisor before its start; 0: no limit. */
  budgetKb: 8,
  /** KiB that the thread held at its last heartbeat: JavaScript heap, buffers, and what it counts of its own (beat.ts). */
  usedKb: 9,
  /** How late its heartbeats came lately, ms: how long its event loop stands still. */
  lagMs: 10,
  /** 1 when the thread ends itself because it is over its budget. */
  overBudget: 11,
} as const;

const wordBits = 32;
const wordCount = Object.keys(beatWords).length;

/** Behind the words: one bit for each port number, 1 while the thread has UDP sockets there, on whatever addresses. */
const udpPortBits = 65_536;

export const beatBlockBytes = 4 * wordCount + udpPortBits / 8;

const udpPortWord = (port: number): number => wordCount + Math.floor(port / wordBits);
const udpPortBit = (port: number): number => 1 << (port % wordBits);

export function noteUdpPort(words: Int32Array, port: number, isOpen: boolean): void {
  const bit = udpPortBit(port);
  if (isOpen) Atomics.or(words, udpPortWord(port), bit);
  else Atomics.and(words, udpPortWord(port), ~bit);
}

export function udpPortsOf(words: Int32Array): readonly number[] {
  const ports: number[] = [];
  for (let port = 0; port < udpPortBits; port += 1) {
    if ((Atomics.load(words, udpPortWord(port)) & udpPortBit(port)) !== 0) ports.push(port);
  }
  return ports;
}

export const beatMs = 200;
