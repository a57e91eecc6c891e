/** Why a pull failed, as REST, WHEP and WCS viewers are told: by a stable code, and by words. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { type ErrorCode, errorTable } from '../../src/errors.js';
import { freePort } from '../support/server/free-port.js';
import { pull } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { startRefusingServer } from '../support/source/play-server.js';
import { playServer } from '../support/source/pulling.js';
import { until } from '../support/until.js';
import { chromiumOffer } from '../support/viewer/offers.js';

let sluice: RunningSluice;
before(async () => {
  sluice = await startSluice([
    '--rtmp.dialogueTimeoutMs=300',
    '--rtmp.silenceTimeoutMs=300',
    '--rtmp.dnsTimeoutMs=1000',
    '--viewers.codecWaitMs=300',
    '--pulls.restDeny=127.0.0.9',
  ]);
});
after(() => sluice.stop());

/** Gives the uri of a source that fails. */
type Source = (t: TestContext) => Promise<string>;
const at = (port: number, host = '127.0.0.1'): string => `rtmp://${host}:${port}/live/cam`;
const refusing =
  (info: object): Source =>
  async (t) => {
    const server = await startRefusingServer(() => ({ ...info }));
    t.after(() => server.close());
    return at(server.port);
  };

interface Cause {
  readonly code: ErrorCode;
  readonly source: Source;
  /** What WHEP answers; 409 while it may yet come. */
  readonly whep: number;
}

const causes: readonly Cause[] = [
  { code: 'source.refused', whep: 409, source: async () => at(await freePort()) },
  { code: 'source.unreachable', whep: 409, source: async () => at(1935, '127.255.255.255') },
  { code: 'source.nameNotResolved', whep: 409, source: async () => at(1935, 'nobody.invalid') },
  {
    code: 'source.timeout',
    whep: 409,
    async source(t) {
      const mute = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
      await once(mute, 'listening');
      t.after(() => void mute.close());
      return at(Object(mute.address()).port);
    },
  },
  {
    code: 'source.notAuthorised',
    whep: 502,
    source: refusing({ description: '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed' }),
  },
  {
    code: 'source.notFound',
    whep: 409,
    source: refusing({ code: 'NetConnection.Connect.InvalidApp', description: 'no such application' }),
  },
  {
    code: 'source.addressDenied',
    whep: 403,
    source: refusing({ ex: { code: 302, redirect: 'rtmp://127.0.0.9/live' } }),
  },
  { code: 'source.noMedia', whep: 409, source: async (t) => (await playServer(t)).uri },
  {
    code: 'source.unsupportedCodec',
    whep: 415,
    async source(t) {
      const server = await playServer(t);
      // FLV's codec 4 is VP6.
      const timer = setInterval(() => server.frame(0, Buffer.of(0x14, 0, 1, 2, 3)), 40);
      t.after(() => clearInterval(timer));
      return server.uri;
    },
  },
];

async function findAll(): Promise<readonly Record<string, unknown>[]> {
  return JSON.parse(await (await fetch(`${sluice.rest}/rest-api/pull/rtmp/find_all`)).text());
}

for (const { code, source, whep } of causes) {
  test(`${code} is shown in find_all, /api/streams, WHEP and signalling`, async (t) => {
    const { text, info, retry } = errorTable[code];
    assert.equal((await pull(sluice, await source(t), code)).status, 200);
    const listed = await until(`the reason ${code}`, async () =>
      (await findAll()).find((one) => one.localStreamName === code && Object(one.reason).code === code),
    );
    assert.equal(Object(listed.reason).text, text);
    assert.equal(listed.status === 'FAILED', !retry);
    const view = JSON.parse(await (await fetch(`${sluice.rest}/api/streams/${listed.localMediaSessionId}`)).text());
    assert.deepEqual([view.reason, view.name], [code, code]);

    const answer = await fetch(`${sluice.rest}/whep/${code}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: chromiumOffer,
    });
    const problem = JSON.parse(await answer.text());
    assert.deepEqual([answer.status, problem.code, problem.title], [whep, code, text]);
    assert.equal(answer.headers.has('retry-after'), retry);

    const socket = await openWebSocket(sluice.signalling);
    t.after(() => socket.close());
    const send = (message: string, argument: object): void => socket.sendJson({ message, data: [argument] });
    send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
    send('playStream', { mediaSessionId: 'm', name: code, mediaProvider: 'WebRTC', sdp: chromiumOffer });
    let [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
    while (Object(event).status === 'PENDING') [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
    const { status, info: word, reason } = Object(event);
    assert.deepEqual([status, word, reason], ['FAILED', info, { code, text }]);
  });
}
