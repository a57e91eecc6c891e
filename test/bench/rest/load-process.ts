/** The process of load.ts. Bare sockets: an HTTP client of Node costs more CPU than the server that it would measure. */
import { connect } from 'node:net';
import { quantile } from '../report.js';
import type { LoadOptions, LoadResult } from './load.js';

const warmUpMs = 1000;
const headEnd = Buffer.from('\r\n\r\n');

const { port, path, connections, seconds }: LoadOptions = JSON.parse(process.argv[2] ?? '');
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
const startMs = performance.now() + warmUpMs;
const endMs = startMs + seconds * 1000;
const tookMs: number[] = [];
let bodyBytes = 0;
let open = connections;

/** Bytes of the whole answer that begins here; null while its head is not whole. */
function answerBytes(bytes: Buffer): number | null {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const [, length] = /^HTTP\/1\.1 200 .*\r\ncontent-length: (\d+)/is.exec(head) ?? [];
  if (length === undefined) throw new Error(`not the answer that is asked for: ${head}`);
  bodyBytes = Number(length);
  return end + headEnd.length + bodyBytes;
}

function converse(): void {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let askedMs = 0;
  let received = 0;
  let expected: number | null = null;
  let head = Buffer.alloc(0);
  const ask = (): void => {
    [askedMs, received, expected, head] = [performance.now(), 0, null, Buffer.alloc(0)];
    socket.write(request, 'latin1');
  };
  socket.once('connect', ask);
  socket.on('data', (bytes) => {
    received += bytes.length;
    if (expected === null) {
      head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      expected = answerBytes(head);
    }
    if (expected === null || received < expected) return;
    const nowMs = performance.now();
    if (askedMs >= startMs && nowMs <= endMs) tookMs.push(nowMs - askedMs);
    if (nowMs <= endMs) ask();
    else socket.end();
  });
  socket.once('error', (error) => {
    throw error;
  });
  socket.once('close', () => {
    open -= 1;
    if (open > 0) return;
    tookMs.sort((a, b) => a - b);
    const result: LoadResult = {
      perSecond: tookMs.length / seconds,
      p50Ms: quantile(tookMs, 0.5),
      p99Ms: quantile(tookMs, 0.99),
      longestMs: quantile(tookMs, 1),
      bodyBytes,
    };
    process.send?.(result, () => process.disconnect());
  });
}

for (let n = 0; n < connections; n += 1) converse();
