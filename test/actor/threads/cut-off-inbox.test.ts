/** A thread that is cut off hears nothing of the one port of all streams any more, and what comes waits for the next. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';
import { countSinglePort } from '../../../src/threads/single-port.js';
import { openStage } from '../../support/fanout/endpoint-stage.js';
import type { InboxWorkerUp } from '../../support/threads/inbox-worker.js';
import { until } from '../../support/until.js';
import { bindingRequest, iceCredentials } from '../../support/viewer/media-client.js';

const native = nativeThreads() ?? assert.fail('the add-on of threads was not built');
const listen = ['127.0.0.1'];

async function startWorker(t: TestContext, singlePort: number) {
  const worker = new Worker(new URL('../../support/threads/inbox-worker.js', import.meta.url), {
    workerData: singlePort,
  });
  t.after(() => worker.terminate());
  const up: InboxWorkerUp = await new Promise((resolve) => worker.once('message', resolve));
  const heard: string[] = [];
  worker.on('message', (said: string) => heard.push(said));
  return { worker, up, heard };
}

test('the inbox and the socket that sends are taken away, and the next one has the inbox', async (t) => {
  const singlePort = native.startDemultiplexer(listen, 0);
  t.after(() => native.stopDemultiplexer());
  const { worker, up, heard } = await startWorker(t, singlePort);
  const sender = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => sender.close());
  await once(sender, 'listening');
  const name = Buffer.from([up.inbox >> 16, (up.inbox >> 8) & 0xff, up.inbox & 0xff]).toString('base64');
  const request = bindingRequest(iceCredentials(), { username: `${name}abcd:efgh` });
  const send = async (): Promise<void> => {
    const { received } = countSinglePort();
    sender.send(request, singlePort, '127.0.0.1');
    await until('it is read', () => countSinglePort().received > received || undefined);
    worker.postMessage('answer');
    await once(worker, 'message', { signal: AbortSignal.timeout(10_000) });
    await until('it has answered', () => heard.includes('whole') || undefined);
  };
  await send();
  assert.deepEqual(heard.splice(0), ['heard', 'whole']);
  const descriptors = readdirSync('/proc/self/fd').length;
  assert.equal(native.cutOff(up.loop), 2);
  assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  await send();
  assert.deepEqual(heard.splice(0), ['whole']);

  const path = [up.inbox, -1, '127.0.0.1', singlePort, '127.0.0.1', sender.address().port] as const;
  assert.equal(native.claim(...path), false, 'who is not its reader claims nothing');
  const sockets = [{ address: '127.0.0.1', udp: -1, tcp: -1 }];
  const inherited = { id: 'next', port: singlePort, inbox: up.inbox, sockets };
  const stage = await openStage({ fanout: 'native', listen, singlePort }, inherited);
  assert.equal(stage.endpoint.ufragPrefix, name);
  await stage.endpoint.close();
  worker.postMessage('end');
  assert.deepEqual(await once(worker, 'exit'), [0]);
});
