/**
 * A drill: an exception out of any place in the code that this thread passes. Watched are promise continuations, events of emitters,
 * and built-ins that callbacks of every kind (timers, reads of sockets, datagrams from native code, messages) call sooner or later.
 * For half a second the places are noted; one of a kind of callback is chosen, each kind with the same chance and each place in it,
 * because most calls are those of a few places. The built-ins of Node's own code are others: what it does when a thread ends goes on.
 */
import { executionAsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { promiseHooks } from 'node:v8';
import type { Logger } from '../../src/log-line.js';

const lookMs = 500;
/** The chosen place has so long to be passed again; then the next one is taken, whichever it is. */
const waitMs = 1000;

const functionsOf = (of: object, ...names: readonly string[]) => names.map((name) => ({ of, name }));

const watched = [
  ...functionsOf(EventEmitter.prototype, 'emit'),
  ...functionsOf(Object.getPrototypeOf(performance), 'now'),
  ...functionsOf(Object.getPrototypeOf(Uint8Array.prototype), 'subarray', 'set'),
  ...functionsOf(Map.prototype, 'get', 'set', 'has', 'delete', 'values'),
  ...functionsOf(Set.prototype, 'add', 'has', 'delete'),
  ...functionsOf(Array.prototype, 'push', 'shift', 'map', 'filter', 'find', 'some', 'every', 'flatMap', 'at'),
  ...functionsOf(DataView.prototype, 'getUint16', 'getUint32', 'setUint32'),
  ...functionsOf(Promise.prototype, 'then', 'catch', 'finally'),
  ...functionsOf(Object, 'entries', 'keys', 'fromEntries'),
  ...functionsOf(Math, 'max', 'min', 'round', 'ceil', 'floor'),
  ...functionsOf(Reflect, 'apply', 'get'),
  ...functionsOf(globalThis, 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval'),
];

interface Place {
  /** Of the callback that it was passed in. */
  readonly kind: string;
  readonly at: string;
}

const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;

/** Calls `passed` for each place, until the function that it gives is called. What `passed` throws is thrown there. */
function watchPlaces(passed: (place: Place) => void): () => void {
  let isInside = false;
  const pass = (kind: () => string, at: () => string): void => {
    if (isInside) return;
    isInside = true;
    try {
      passed({ kind: kind(), at: at() });
    } finally {
      isInside = false;
    }
  };
  const undo = watched.flatMap(({ of, name }) => {
    const before = getOwnPropertyDescriptor(of, name);
    const original: unknown = before?.value;
    if (before === undefined || typeof original !== 'function') return [];
    const value = function (this: unknown, ...args: readonly unknown[]): unknown {
      pass(kindOfCallback, () => `${name} ${callerOf(value)}`);
      return apply(original, this, args);
    };
    defineProperty(of, name, { ...before, value });
    return [() => void defineProperty(of, name, before)];
  });
  const continuation = () => 'continuation';
  const unhook = promiseHooks.onBefore(() => pass(continuation, () => ''));
  return () => {
    unhook();
    for (const step of undo) step();
  };
}

/** By the resource that it is the callback of: Timeout, Immediate, TCP, MessagePort. */
const kindOfCallback = (): string => executionAsyncResource().constructor.name;

/** File, line and column of what has called it. */
function callerOf(called: (...args: readonly unknown[]) => unknown): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  const trace = { stack: '' };
  Error.captureStackTrace(trace, called);
  Error.stackTraceLimit = stackTraceLimit;
  return /[^/(\s]+:\d+:\d+/.exec(trace.stack)?.[0] ?? '';
}

function chooseOne<T>(all: Iterable<T>): T | undefined {
  const list = [...all];
  return list[Math.floor(Math.random() * list.length)];
}

/** What is thrown once may be caught, and harm nobody. */
export function throwOutOfAnything(howOften: 'once' | 'always', log: Logger): void {
  const beganMs = performance.now();
  const places = new Map<string, Set<string>>();
  let chosen: Place | null = null;
  let hasThrown = false;

  const choose = (): Place => {
    const [kind, ofKind] = chooseOne(places) ?? ['', new Set<string>()];
    return { kind, at: chooseOne(ofKind) ?? '' };
  };
  const isNext = ({ kind, at }: Place): boolean => {
    const passedMs = performance.now() - beganMs;
    if (passedMs < lookMs) {
      const ofKind = places.get(kind) ?? new Set();
      places.set(kind, ofKind.add(at));
      return false;
    }
    chosen ??= choose();
    return (kind === chosen.kind && at === chosen.at) || passedMs >= lookMs + waitMs;
  };
  const stop = watchPlaces((place) => {
    if (!hasThrown && !isNext(place)) return;
    if (!hasThrown) log('warn', 'drill.throws', { kind: place.kind, at: place.at, howOften });
    hasThrown = true;
    if (howOften === 'once') stop();
    throw new Error(`drill: an exception out of anything, here ${place.kind} ${place.at}`);
  });
}
