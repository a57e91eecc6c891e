import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNetworkLoad } from '../../../src/net/network-load.js';
import { until } from '../../support/until.js';

type Counts = Record<string, readonly [receivedBytes: number, sentBytes: number]>;

/** A machine with these interfaces; those of `speeds` are hardware, of that many Mbit/s (-1: it does not say). */
function stage(speeds: Record<string, number>, first: Counts, maxMbps = 0) {
  let [counts, nowMs] = [first, 0];
  const limits = { maxMbps };
  const load = createNetworkLoad({
    limits,
    nowMs: () => nowMs,
    files: {
      interfaces: () =>
        Object.entries(counts)
          .map(([name, [received, sent]]) => ` ${name}: ${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0\n`)
          .join(''),
      isHardware: (name) => name in speeds,
      speed: async (name) => `${speeds[name]}\n`,
    },
  });
  /** So many looks, half a second apart. */
  const look = (times: number, change: (at: number) => Counts): void => {
    for (let at = 1; at <= times; at += 1) {
      counts = change(at);
      nowMs += 500;
      load.look();
    }
  };
  return { load, limits, look };
}

test('what hardware carries counts, and not what a bridge carries once more', async () => {
  const { load, look } = stage({ eth0: 1000 }, { eth0: [0, 0], docker0: [0, 0] });
  await until('its speed is known', () => load.use.maxKbps !== null);
  look(40, (at) => ({ eth0: [at * 1000, at * 6_250_000], docker0: [0, at * 99_000_000] }));
  assert.deepEqual([Math.round(load.use.sentKbps / 100), load.use.maxKbps], [1000, 900_000]);
});

test('a moment is no load', () => {
  const { load, look } = stage({ eth0: -1 }, { eth0: [0, 0] });
  look(1, () => ({ eth0: [0, 6_250_000] }));
  assert.equal(Math.round(load.use.sentKbps), 30_000);
  assert.equal(load.use.maxKbps, null);
});

test('where there is no hardware, as in a container, all count, and what they say of their speed does not', () => {
  const { load, look } = stage({}, { eth0: [0, 0], eth1: [0, 0] });
  look(40, (at) => ({ eth0: [0, at * 62_500], eth1: [at * 62_500, at * 62_500] }));
  assert.deepEqual([Math.round(load.use.sentKbps), load.use.maxKbps], [2000, null]);
});

test('a limit of its own may change, and interfaces may come and go', () => {
  const { load, look, limits } = stage({ eth0: -1 }, { eth0: [0, 0] }, 10);
  look(40, (at) => ({ eth0: [0, at * 62_500] }));
  assert.equal(load.use.maxKbps, 10_000);
  limits.maxMbps = 20;
  assert.equal(load.use.maxKbps, 20_000);
  // What it has carried before it is seen first is no load.
  look(1, () => ({ wlan0: [5_000_000_000, 5_000_000_000] }));
  assert.equal(load.use.sentKbps, 0);
});
