/** Breaks this thread from inside, where the configuration allows drills. */
import { pbkdf2Sync } from 'node:crypto';
import { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { promiseHooks } from 'node:v8';
import type { Hang, MemoryFault } from '../../src/core/supervise/faults.js';
import type { NativeGuard } from '../media/native.js';

/**
 * What the native drills take of a core's time, in one call: three times what the watchdog gives them, because a core may be
 * twice as fast as when it was measured (its sibling was busy then).
 */
const nativeMs = 15_000;
const sampleIterations = 10_000;
const samples = 5;

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

/** The quickest of some: the others waited for a core. */
function sampleMs(): number {
  const tookMs = Array.from({ length: samples }, () => {
    const startMs = performance.now();
    derive(sampleIterations);
    return performance.now() - startMs;
  });
  return Math.min(...tookMs);
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

/** Of continuations and events, the first of which throws: a second of a stream with a viewer or two has more. */
const mostSteps = 400;

/** What is thrown behind the first one may be caught: all that come later throw too. */
function throwAnywhere(): void {
  let left = Math.ceil(Math.random() * mostSteps);
  const step = (): void => {
    left -= 1;
    if (left <= 0) throw new Error('drill: an exception out of anything');
  };
  promiseHooks.onBefore(step);
  const { emit } = EventEmitter.prototype;
  Reflect.set(EventEmitter.prototype, 'emit', function (this: EventEmitter, ...args: unknown[]): boolean {
    step();
    return Reflect.apply(emit, this, args);
  });
}

export type Drill = Hang | MemoryFault | 'throw' | 'throwAnywhere' | 'abort';

/** Each is to be run in a turn of the event loop of its own. */
export const drills: Readonly<Record<Drill, (guard: NativeGuard) => void>> = {
  throw() {
    throw new Error('drill: an uncaught exception');
  },
  throwAnywhere,
  heap: () => hoardForEver((n) => ({ n, next: { n } })),
  heapStrings: () => hoardForEver((n) => `${n}`.repeat(100)),
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
  hangCodec(guard) {
    guard.enter();
    stayInNative();
    guard.leave();
  },
};
