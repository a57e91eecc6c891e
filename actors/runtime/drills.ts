/** Breaks this thread from inside, where the configuration allows drills. */
import { pbkdf2Sync } from 'node:crypto';
import { Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import type { Hang, MemoryFault } from '../../src/core/supervise/faults.js';
import type { Logger } from '../../src/log-line.js';
import type { NativeGuard } from '../media/native.js';
import { throwOutOfAnything } from './throw-drill.js';

/**
 * What the native drills take of a core's time, in one call: three times what the watchdog gives them, because a core may be
 * twice as fast as when it was measured (its sibling was busy then).
 */
const nativeMs = 10_000;
const sampleIterations = 100_000;

function loop(): never {
  for (;;) {
    // The supervisor's watchdog ends this thread.
  }
}

/** A thread whose viewers are all served by further threads gets none. */
const datagramWaitMs = 1000;

/**
 * The worst place there is: Node 20 goes on reading datagrams after the continuation was ended, and aborts the process
 * (node::AddressToJS).
 */
function loopBehindDatagram(): void {
  setTimeout(() => void Promise.resolve().then(loop), datagramWaitMs);
  const { emit } = Socket.prototype;
  Reflect.set(Socket.prototype, 'emit', function (this: Socket, event: string, ...args: unknown[]): boolean {
    if (event === 'message') void Promise.resolve().then(loop);
    return Reflect.apply(emit, this, [event, ...args]);
  });
}

const derive = (iterations: number): Buffer => pbkdf2Sync('drill', 'salt', iterations, 64, 'sha512');

/** Time on a core of this thread: the first figure of the kernel's account, in ns. */
const ranMs = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;

/** By the clock it takes many times that on a busy machine. */
function sampleMs(): number {
  const beforeMs = ranMs();
  derive(sampleIterations);
  return ranMs() - beforeMs;
}

function stayInNative(): void {
  derive(Math.round((sampleIterations * nativeMs) / sampleMs()));
}

/** What the drills of memory keep, until the thread is gone. */
const hoard: unknown[] = [];
const bufferBytes = 65_536;
const turnBytes = 4_194_304;
const leakBytes = 524_288;
const leakMs = 100;

function hoardForEver(make: (n: number) => unknown): never {
  for (;;) hoard.push(make(hoard.length));
}

const filledLength = 1000;

/** Not by a function: what V8 makes of it depends on the whole of the loop. */
function hoardFilled(): never {
  for (;;) hoard.push({ x: new Array(filledLength).fill(1.5) });
}

/** One array that V8 has to move to twice the memory again and again. */
function growArray(): never {
  const array: number[] = [];
  hoard.push(array);
  for (;;) array.push(1);
}

/** Its loop turns meanwhile: only the thread itself sees it. */
function hoardEachTurn(): void {
  hoard.push(new Uint8Array(turnBytes).fill(1));
  setTimeout(hoardEachTurn, 1);
}

export type Drill = Hang | MemoryFault | 'throw' | 'throwAnywhere' | 'throwOnce' | 'abort';

/** What a drill needs of its thread. */
export interface DrillTools {
  readonly guard: NativeGuard;
  readonly log: Logger;
}

/** Each is to be run in a turn of the event loop of its own. */
export const drills: Readonly<Record<Drill, (tools: DrillTools) => void>> = {
  throw() {
    throw new Error('drill: an uncaught exception');
  },
  throwAnywhere: ({ log }) => throwOutOfAnything('always', log),
  throwOnce: ({ log }) => throwOutOfAnything('once', log),
  heap: () => hoardForEver((n) => ({ n, next: { n } })),
  heapStrings: () => hoardForEver((n) => `${n}`.repeat(100)),
  heapFilled: hoardFilled,
  heapOneArray: growArray,
  buffers: () => hoardForEver(() => Buffer.alloc(bufferBytes, 1)),
  arrayBuffers: hoardEachTurn,
  leak: () => void setInterval(() => hoard.push(Buffer.alloc(leakBytes, 1)), leakMs),
  abort: () => void process.kill(process.pid, 'SIGABRT'),
  hang: loop,
  hangPromise: loopBehindDatagram,
  hangRegExp() {
    // 2^60 ways to fail.
    /^(a+)+$/.test(`${'a'.repeat(60)}b`);
  },
  hangWait() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  hangNative: stayInNative,
  hangCodec({ guard }) {
    guard.enter();
    stayInNative();
    guard.leave();
  },
};
