/**
 * Every kind of hang of a stream's thread, under datagrams of 30 viewers: that thread is ended, or abandoned where nothing ends it,
 * and its stream is back; never is it the process that ends. `npm run drills -- 30` does each so many times.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { type Hang, hangs } from '../../src/core/supervise/faults.js';
import { copyWithoutAddOns } from '../support/server/bare-copy.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { startCrowd } from '../support/viewer/crowd.js';

const rounds = Number(process.env.DRILL_ROUNDS ?? 1);
const viewers = 30;
/** Some are served by further threads. */
const perThread = 10;
/** In a native call nothing ends a thread: it is given up on after its graces. */
const isNative = (hang: Hang): boolean => hang === 'hangNative' || hang === 'hangCodec';
/** Where others take the cores, who hangs is found by its own time, and late by the clock. */
const foundMs = 60_000;
/** What a native drill takes of a core's time. */
const nativeCallMs = 10_000;
/** What a native drill takes at the lowest priority of all, after it was given up on. */
const nativeEndsMs = 120_000;
const maxAbandoned = 4;

const flags = [
  '--supervisor.maxRestarts=1000',
  '--supervisor.restartWindowMs=1',
  '--supervisor.spareThreads=0',
  '--viewers.silenceTimeoutMs=600000',
];

let origin: TestOrigin;
let sluice: RunningSluice;
let threadsBefore = 0;

const threads = (): number => readdirSync(`/proc/${sluice.child.pid}/task`).length;
const logged = (on: RunningSluice, event: string, name: string) =>
  on.log().filter((line) => line.event === event && line.name === name);

before(async () => {
  origin = await startOrigin();
  sluice = await startSluice([...flags, `--viewers.perShard=${perThread}`]);
  await pull(sluice, origin.url('neighbour'), 'neighbour');
  await whenStatus(sluice, 'neighbour', 'PROCESSED_REMOTE');
  threadsBefore = threads();
});
after(async () => {
  const code = await sluice.stop();
  await origin.close();
  assert.equal(code, 0, 'the server ends in order');
});

/** Threads that were given up on and are not gone yet. */
function abandoned(on: RunningSluice): number {
  const seen = (event: string): number => on.log().filter((line) => line.event === event).length;
  return seen('actor.abandoned') - seen('actor.gone');
}

/** One thread is broken under its viewers; gives how long it took until it was judged. */
async function drill(t: TestContext, on: RunningSluice, hang: Hang): Promise<number> {
  await whenStatus(on, hang, 'PROCESSED_REMOTE');
  // Each runs on for some 10 s of a core that nobody else wants, and 16 at once would end the process.
  await until('few abandoned threads are left', () => abandoned(on) <= maxAbandoned, nativeEndsMs);
  const crowd = startCrowd();
  t.after(crowd.end);
  const joined = await crowd.join(new Array<string>(viewers).fill(`${on.rest}/whep/${hang}`), 300);
  assert.deepEqual(
    joined.filter(({ error }) => error !== null),
    [],
  );
  const before = logged(on, 'actor.ended', hang).length;
  crowd.disturb();
  assert.equal((await on.post('/api/fault', { name: hang, fault: hang })).status, 200);
  const brokenMs = Date.now();
  const ended = await until(`it has ended by ${hang}`, () => logged(on, 'actor.ended', hang)[before], foundMs);
  assert.equal(ended.cause, 'hung');
  assert.equal(logged(on, 'actor.abandoned', hang).length, isNative(hang) ? before + 1 : 0);
  // Those of all its threads, and long before a call that nothing interrupts is over.
  const over = await until(`viewers go on after ${hang}`, () => logged(on, 'viewers.handedOver', hang)[before]);
  assert.deepEqual([over.viewersKept, over.viewersLost], [viewers, 0]);
  assert.ok(Number(over.gapMs) < nativeCallMs / 2, `another thread had them after ${over.gapMs} ms`);
  await crowd.leave();
  crowd.end();
  const condemned = logged(on, 'actor.condemned', hang)[before];
  assert.ok(condemned !== undefined);
  return Date.parse(String(condemned.time)) - brokenMs;
}

async function drillAll(t: TestContext, on: RunningSluice, hang: Hang): Promise<void> {
  const uri = origin.url(hang);
  await pull(on, uri, hang);
  const judgedMs: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) judgedMs.push(await drill(t, on, hang));
  } finally {
    t.diagnostic(`judged after ${judgedMs.join(', ')} ms`);
    await on.post('/rest-api/pull/rtmp/terminate', { uri });
  }
}

const timeout = 60_000 + rounds * 20_000;

for (const hang of hangs) {
  test(`${rounds} times ${hang} under datagrams of ${viewers} viewers ends the thread alone`, { timeout }, (t) =>
    drillAll(t, sluice, hang),
  );
}

test('so does the worst of them where no add-on was built', { timeout }, async (t) => {
  const bare = copyWithoutAddOns();
  const server = await startSluice([...flags, `--viewers.perShard=${perThread}`], bare.folder);
  t.after(async () => {
    await server.stop();
    bare.remove();
  });
  await drillAll(t, server, 'hangPromise');
  assert.equal(await server.stop(), 0);
});

/** Connections until the process has no descriptor left for any more of them. */
async function useUpDescriptors(t: TestContext, server: RunningSluice): Promise<() => void> {
  const used = readdirSync(`/proc/${server.child.pid}/fd`).length;
  const limit = used + 20;
  const limited = spawnSync('prlimit', ['--pid', String(server.child.pid), `--nofile=${limit}:${limit}`]);
  assert.equal(limited.status, 0, String(limited.stderr));
  const sockets = Array.from({ length: 60 }, () => connect(Number(new URL(server.rest).port), '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => {});
  await until('none is left', () => readdirSync(`/proc/${server.child.pid}/fd`).length >= limit);
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(end);
  return end;
}

for (const [kind, copy] of [
  ['with the add-on', null],
  ['without an add-on', copyWithoutAddOns],
] as const) {
  test(`so it is ${kind} where no descriptor is left`, { timeout }, async (t) => {
    const bare = copy?.();
    const server = await startSluice(flags, bare?.folder);
    t.after(async () => {
      await server.stop();
      bare?.remove();
    });
    await pull(server, origin.url('full'), 'full');
    await whenStatus(server, 'full', 'PROCESSED_REMOTE');
    const crowd = startCrowd();
    t.after(crowd.end);
    await crowd.join(new Array<string>(viewers).fill(`${server.rest}/whep/full`), 300);
    crowd.disturb();
    // By a connection that there is: there will be no other.
    const control = await openControl(server);
    t.after(control.close);
    const release = await useUpDescriptors(t, server);
    control.post('/api/fault', { name: 'full', fault: 'hangPromise' });
    const ended = await server.logged('actor.ended', 15_000, ({ name }) => name === 'full');
    assert.equal(ended.cause, 'hung');
    release();
    await whenStatus(server, 'full', 'PROCESSED_REMOTE');
  });
}

/** One connection to the control API, that stays. */
async function openControl(server: RunningSluice) {
  const { hostname, port } = new URL(server.rest);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return {
    post(path: string, body: object): void {
      const text = JSON.stringify(body);
      const head = [`POST ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Content-Type: application/json'];
      socket.write(`${head.join('\r\n')}\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    },
    close: () => void socket.destroy(),
  };
}

test('a thread that nothing ends does not keep the process from ending', { timeout }, async (t) => {
  const server = await startSluice(flags);
  t.after(() => server.stop());
  await pull(server, origin.url('stuck'), 'stuck');
  await whenStatus(server, 'stuck', 'PROCESSED_REMOTE');
  assert.equal((await server.post('/api/fault', { name: 'stuck', fault: 'hangNative' })).status, 200);
  await server.logged('actor.abandoned');
  assert.match(await (await fetch(`${server.rest}/metrics`)).text(), /^sluice_threads_stuck 1$/m);
  await whenStatus(server, 'stuck', 'PROCESSED_REMOTE');
  // In order, but for the last step: process.exit would wait for it.
  assert.equal(await server.stop(), 'SIGKILL');
  await server.logged('process.ended');
});

test('nobody else was touched, and nothing is left of the broken threads', { timeout: nativeEndsMs * 2 }, async () => {
  assert.deepEqual(logged(sluice, 'actor.ended', 'neighbour'), []);
  assert.equal((await whenStatus(sluice, 'neighbour', 'PROCESSED_REMOTE')).status, 'PROCESSED_REMOTE');
  assert.deepEqual(
    sluice.log().filter(({ event }) => event === 'actor.cannotBeEnded' || event === 'actors.leftBehind'),
    [],
  );
  await until('abandoned ones are gone', () => abandoned(sluice) === 0, nativeEndsMs);
  await until('threads are back', () => threads() <= threadsBefore);
});
