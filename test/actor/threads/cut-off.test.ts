/** Sockets are taken away from a thread by another one: nothing comes to it any more, and nobody else notices. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { loadNativeFanout } from '../../../actors/fanout/native-binding.js';
import { occupy } from '../../../src/threads/cut-off.js';
import { type NativeThreads, nativeThreads } from '../../../src/threads/native/native-threads.js';
import { udpDescriptors } from '../../../src/threads/udp-descriptors.js';
import type { CutWorkerUp } from '../../support/threads/cut-worker.js';

function native(): NativeThreads {
  return nativeThreads() ?? assert.fail('the add-on of threads was not built');
}

async function startWorker(t: TestContext): Promise<{ readonly worker: Worker; readonly up: CutWorkerUp }> {
  const worker = new Worker(new URL('../../support/threads/cut-worker.js', import.meta.url));
  t.after(() => worker.terminate());
  const up: CutWorkerUp = await new Promise((resolve) => worker.once('message', resolve));
  // A loop waits for a socket from its next turn on.
  await hears(worker, async () => {});
  return { worker, up };
}

async function connected(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  // Answered: the thread has taken the connection.
  socket.write('?');
  await once(socket, 'data');
  return socket;
}

/** Whether the thread hears of a datagram that was sent: it has time to, and proves that its loop is whole. */
async function hears(worker: Worker, send: () => Promise<unknown>): Promise<boolean> {
  let heard = false;
  const proved = new Promise<void>((resolve) => {
    worker.on('message', (said: unknown) => {
      heard ||= said === 'heard';
      if (said === 'whole') resolve();
    });
  });
  await send();
  worker.postMessage('prove');
  await proved;
  worker.removeAllListeners('message');
  return heard;
}

test('what the loop of a thread had is gone for its peers, and its loop goes on', async (t) => {
  const { worker, up } = await startWorker(t);
  const other = await startWorker(t);
  const player = await connected(t, up.tcpPort);
  const others = await connected(t, other.up.tcpPort);
  const sender = createSocket('udp4');
  t.after(() => sender.close());
  const send = (): Promise<unknown> => new Promise((resolve) => sender.send('x', up.udpPort, '127.0.0.1', resolve));
  assert.equal(await hears(worker, send), true);

  const closed = once(player, 'close');
  // UDP, the listening one, and the connection.
  assert.equal(native().cutOff(up.loop), 3);
  await closed;
  assert.equal(await hears(worker, send), false);
  const refused = connect(up.tcpPort, '127.0.0.1');
  const [error] = await once(refused, 'error');
  assert.equal(error.code, 'ECONNREFUSED');

  // The port is free, and the neighbour is as it was.
  const heir = createSocket('udp4');
  t.after(() => heir.close());
  heir.bind(up.udpPort, '127.0.0.1');
  await once(heir, 'listening');
  others.write('?');
  await once(others, 'data');

  worker.postMessage('end');
  assert.deepEqual(await once(worker, 'exit'), [0]);
});

test('duplicates of its sockets go with them, and no descriptor is left over', async (t) => {
  const { worker, up } = await startWorker(t);
  const Fanout = loadNativeFanout() ?? assert.fail('the add-on of the fan-out was not built');
  const fanout = new Fanout();
  const duplicate = fanout.findSocket(Uint8Array.of(127, 0, 0, 1), up.udpPort);
  t.after(() => fanout.closeSocket(duplicate));
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  assert.equal(native().cutOff(up.loop), 3);
  const heir = createSocket('udp4');
  heir.bind(up.udpPort, '127.0.0.1');
  await once(heir, 'listening');
  heir.close();
  await once(heir, 'close');
  assert.equal(count(), before);
  assert.equal(native().cutOff(up.loop), 0, 'there is nothing more to take');
  worker.postMessage('end');
  await once(worker, 'exit');
});

test('a loop that is not known changes nothing', () => {
  assert.equal(native().cutOff(-1), -1);
  assert.equal(native().cutOff(1_000_000), -1);
  // A descriptor, but of no loop.
  assert.equal(native().cutOff(0), -1);
});

test('what is no descriptor is a TypeError, and never taken for another loop', async (t) => {
  const { worker, up } = await startWorker(t);
  for (const wrong of [2 ** 32 + up.loop, up.loop + 0.5, Number.NaN, Number.POSITIVE_INFINITY, -2]) {
    assert.throws(() => native().cutOff(wrong), TypeError, String(wrong));
  }
  for (const args of [[], ['3'], [null]]) assert.throws(() => Reflect.apply(native().cutOff, null, args), TypeError);
  assert.equal(native().cutOff(up.loop), 2, 'it still has all: UDP, and the listening one');
  worker.postMessage('end');
  await once(worker, 'exit');
});

test('the kernel says which descriptors are bound to a port, and the number of a closed one is held', async (t) => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const found = udpDescriptors(port);
  assert.equal(found.length, 1);
  const [descriptor] = found;
  assert.ok(descriptor !== undefined);
  const count = readdirSync('/proc/self/fd').length;
  assert.equal(occupy(descriptor), true);
  assert.deepEqual(udpDescriptors(port), []);
  assert.equal(readdirSync('/proc/self/fd').length, count);
  const heir = createSocket('udp4');
  t.after(() => heir.close());
  heir.bind(port, '127.0.0.1');
  await once(heir, 'listening');
  assert.equal(udpDescriptors(port).includes(descriptor), false);
  socket.close();
});
