/**
 * The fan-out by the add-on: one call serves a frame to many subscribers, with one message for each and frame (UDP_SEGMENT,
 * udp(7)). What is rare stays in TypeScript: RTCP, and viewers that are not reached by UDP.
 */
import { sumDatagrams } from './datagram-counts.js';
import type { Fanout, Histories } from './fanout.js';
import { createFanoutJs } from './fanout-js.js';
import type { NativeFanoutClass } from './native-binding.js';
import { kindNumbers, NativeHistories } from './native-histories.js';
import { createNativeSockets } from './native-sockets.js';
import { NativeSubscriber, takeSlot } from './native-subscriber.js';
import type { Subscriber, SubscriberOptions, SubscriberState } from './subscriber.js';

/** Numbers of subscribers that TypeScript serves begin here, above every slot. */
const scriptBase = 2 ** 24;

export function createFanoutNative(Native: NativeFanoutClass, histories: Histories): Fanout {
  const native = new Native();
  const memory = new NativeHistories(native, histories);
  const sockets = createNativeSockets(native);
  const bySlot = new Map<number, NativeSubscriber>();
  const script = createFanoutJs(histories, (subscriber, options) => add(options, subscriber.take()));
  let blocked = new Uint32Array(64);
  const totals = new Float64Array(6);

  const owner = {
    native,
    histories: memory,
    reroute: (subscriber: NativeSubscriber, options: SubscriberOptions): Subscriber =>
      sockets.route(subscriber.slot, options.route()) ? subscriber : add(options, subscriber.take()),
    remove({ slot }: NativeSubscriber): void {
      bySlot.delete(slot);
      native.removeSubscriber(slot);
    },
  };

  const add = (options: SubscriberOptions, state?: SubscriberState): Subscriber => {
    const slot = takeSlot(native, options);
    if (!sockets.route(slot, options.route())) {
      native.removeSubscriber(slot);
      return script.add(options, state);
    }
    const subscriber = new NativeSubscriber(owner, slot, options, state ?? null);
    bySlot.set(slot, subscriber);
    if (blocked.length <= bySlot.size) blocked = new Uint32Array(blocked.length * 2);
    return subscriber;
  };

  return {
    kind: 'native',
    add,
    serve(kind, from, end, budgetMs) {
      if (from < scriptBase) {
        const history = memory.attach(kind);
        const last = Math.max(history.first, Math.min(end, history.end));
        const budgetUs = Math.round(budgetMs * 1000);
        const next = native.serve(kindNumbers[kind], history.first, last, from, budgetUs, blocked);
        for (const slot of blocked.subarray(1, 1 + (blocked[0] ?? 0))) bySlot.get(slot)?.options.onBlocked(kind);
        if (next >= 0) return next;
      }
      if (script.size === 0) return null;
      const next = script.serve(kind, Math.max(0, from - scriptBase), end, budgetMs);
      return next === null ? null : next + scriptBase;
    },
    get datagrams() {
      native.totals(totals);
      const [systemCalls = 0, taken = 0, blocked = 0, tooLong = 0, dropped = 0, segmentsRefused = 0] = totals;
      return sumDatagrams([{ systemCalls, taken, blocked, tooLong, dropped, segmentsRefused }, script.datagrams]);
    },
    get heldBytes() {
      return native.heldBytes();
    },
    close() {
      for (const slot of bySlot.keys()) native.removeSubscriber(slot);
      bySlot.clear();
      sockets.close();
      script.close();
    },
  };
}
