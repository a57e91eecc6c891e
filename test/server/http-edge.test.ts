import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
});
after(() => stage.end());

interface Conversation {
  /** The status lines that came, in order. */
  readonly statuses: readonly string[];
  readonly text: string;
  readonly tookMs: number;
}

/** Writes the pieces one after the other, each when something has come for the one before, until the other side closes. */
function converse(...pieces: readonly string[]): Promise<Conversation> {
  return new Promise((resolve, reject) => {
    let text = '';
    const startMs = performance.now();
    const left = [...pieces];
    const socket = connect(stage.server.restPort, '127.0.0.1', () => socket.write(left.shift() ?? ''));
    socket.setTimeout(20_000, () => reject(new Error(`it stayed open; so far: ${text}`)));
    socket.on('data', (chunk) => {
      text += chunk;
      const next = left.shift();
      if (next !== undefined && !socket.destroyed) socket.write(next);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);
      resolve({ statuses, text, tookMs: performance.now() - startMs });
    });
  });
}

const host = 'Host: 127.0.0.1\r\n';
const hidden = `GET /api/streams HTTP/1.1\r\n${host}\r\n`;
const post = (headers: string, body: string): string =>
  `POST /rest-api/pull/rtmp/pull HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${body}`;

const twoReadings: Readonly<Record<string, string>> = {
  'two lengths': post('Content-Length: 2\r\nContent-Length: 64\r\n', `{}${hidden}`),
  'two lengths in one header': post('Content-Length: 2, 64\r\n', `{}${hidden}`),
  'a length with a sign': post('Content-Length: +2\r\n', `{}${hidden}`),
  'a length beside chunks': post(
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
    `2\r\n{}\r\n0\r\n\r\n${hidden}`,
  ),
  'chunks beside a length': post(
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    `2\r\n{}\r\n0\r\n\r\n${hidden}`,
  ),
};
const chunked: Readonly<Record<string, string>> = {
  'chunks whose sizes end in a bare LF': `2\n{}\r\n0\r\n\r\n`,
  'a last chunk that ends in a bare LF': `2\r\n{}\r\n0\n\n`,
  'chunks as they should be': `2\r\n{}\r\n0\r\n\r\n`,
};

const get = (headers: string): string => `GET /healthz HTTP/1.1\r\n${host}${headers}\r\n`;
/** What uWebSockets.js hands on, and must not be served. */
const refused: Readonly<Record<string, string>> = {
  'two Hosts': get(host),
  'another coding': post('Transfer-Encoding: identity\r\n', '{}'),
  'a coding before chunks': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'a coding behind chunks': post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
  'chunks twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'a coding that is called like chunks': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
};

/** It answers these itself; its copy for Node 20 waits for more, until the connection is over. */
const unreadable: Readonly<Record<string, string>> = {
  'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'a NUL in a value': get('X-Y: a\0b\r\n'),
  'a NUL in a name': get('X\0Y: a\r\n'),
  'a space before the colon': get('X-Y : a\r\n'),
  'a space in a name': get('X Y: a\r\n'),
  'a quote in a name': get('X"Y: a\r\n'),
  'a folded line': get('X-Y: a\r\n b\r\n'),
  'a line that ends in LF': get('X-Y: a\nX-Z: b\r\n'),
  'a line without a colon': get('nothing\r\n'),
  'a control character': get('X-Y: a\x01b\r\n'),
};
/** It answers these on no version. */
const unanswered: Readonly<Record<string, string>> = {
  'a CR in a value': get('X-Y: a\rb\r\n'),
  'an empty line before the request': `\r\n${get('')}`,
  'an extension of a chunk': post('Transfer-Encoding: chunked\r\n', '2;a=b\r\n{}\r\n0\r\n\r\n'),
};
const isOldCopy = process.versions.node.startsWith('20.');

/** Each on a connection of its own, which the server closes in its own time. */
describe('the edge of HTTP', { concurrency: true }, () => {
  for (const [what, bytes] of Object.entries(twoReadings)) {
    test(`${what}: nothing behind it is served as a request`, async () => {
      const { statuses, text, tookMs } = await converse(bytes);
      assert.ok(
        statuses.every((status) => status.startsWith('4')),
        text,
      );
      assert.ok(statuses.length <= 1 && tookMs < 5000, text);
    });
  }

  for (const [what, body] of Object.entries(chunked)) {
    test(`${what}: their connection serves nothing further, whether it comes with them or later`, async () => {
      const head = post('Transfer-Encoding: chunked\r\n', body);
      for (const pieces of [[`${head}${hidden}`], [head, hidden]]) {
        const { text } = await converse(...pieces);
        assert.doesNotMatch(text, /"pullId"/, text);
      }
    });
  }

  test('a chunked body is taken', async () => {
    const body = JSON.stringify({ uri: 'rtmp://source.example/live/cam' });
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const { statuses, text } = await converse(post('Transfer-Encoding: chunked\r\n', chunks));
    assert.deepEqual(statuses, ['200'], text);
    assert.match(text, /[Cc]onnection: close/);
  });

  test('HTTP/1.0 is answered with 505', async () => {
    const { text } = await converse('GET /healthz HTTP/1.0\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 505 /);
  });

  for (const [what, bytes] of Object.entries(refused)) {
    test(`${what}: 400, and the end of the connection`, async () => {
      const { statuses, tookMs } = await converse(bytes);
      assert.deepEqual(statuses, ['400']);
      assert.ok(tookMs < 5000);
    });
  }
  for (const [what, bytes] of Object.entries(unreadable)) {
    test(`${what}: ${isOldCopy ? 'no answer' : '400'}, and the end of the connection`, async () => {
      assert.deepEqual((await converse(bytes)).statuses, isOldCopy ? [] : ['400']);
    });
  }
  for (const [what, bytes] of Object.entries(unanswered)) {
    test(`${what}: no answer, and the end of the connection`, async () => {
      assert.deepEqual(
        (await converse(bytes)).statuses.filter((status) => status === '200'),
        [],
      );
    });
  }

  /** The binary of uWebSockets.js for Node 20 does not answer it, those for later ones do. */
  test('a header whose name has an underscore is none of those that count', async () => {
    const forged = `GET /api/streams HTTP/1.1\r\n${host}X_Forwarded_For: 192.0.2.1\r\nContent_Length: 5\r\n\r\n`;
    const { statuses } = await converse(forged);
    assert.ok(statuses.every((status) => status === '200'));
  });
});
