/** A rest by the kernel where the add-on in C can ask it to, else by a timer. */
import type { Socket } from 'node:net';
import { descriptorOf } from '../../src/net/descriptor-of.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import { createLowWaterRest } from './low-water-rest.js';
import type { OnBeat, Rest } from './rest.js';
import { createTimedRest } from './timed-rest.js';

export interface RestOptions {
  readonly socket: Socket;
  readonly mayRest: () => boolean;
  readonly onBeat: OnBeat;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

export function openRest({ socket, mayRest, onBeat, nowMs }: RestOptions): Rest {
  const threads = nativeThreads();
  const setLowWater = (bytes: number): boolean => threads?.receiveLowWater(descriptorOf(socket), bytes) ?? false;
  // What a new socket has (socket(7)).
  return setLowWater(1)
    ? createLowWaterRest({ setLowWater, mayRest, onBeat, nowMs })
    : createTimedRest(socket, mayRest);
}
