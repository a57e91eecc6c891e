/** Breaks this thread from inside, where the configuration allows drills. */
import { pbkdf2Sync } from 'node:crypto';
import { Socket } from 'node:dgram';
import type { Hang } from '../../src/core/supervise/faults.js';
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

/**
 * The worst place there is: Node 20 goes on reading datagrams after the continuation was ended, and aborts the process
 * (node::AddressToJS).
 */
function loopBehindDatagram(): void {
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

function fillHeap(): never {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array<number>(1000).fill(hoard.length));
}

export type Drill = Hang | 'throw' | 'heap';

/** Each is to be run in a turn of the event loop of its own. */
export const drills: Readonly<Record<Drill, (guard: NativeGuard) => void>> = {
  throw() {
    throw new Error('drill: an uncaught exception');
  },
  heap: fillHeap,
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
