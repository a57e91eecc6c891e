/** What operators and REST clients write: addresses of sources, and the configuration file. */
import assert from 'node:assert/strict';
import { parseFile } from '../../../src/config/file.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { maskUri, parseRtmpUrl, parseTcUrl, uriKey } from '../../../src/core/rtmp/url.js';
import { type FuzzTarget, never, orRefused, textOf } from './target.js';

function readUrl(data: Uint8Array): void {
  const text = textOf(data);
  maskUri(text);
  const url = orRefused(() => parseRtmpUrl(text));
  orRefused(() => parseTcUrl(text, 'stream'));
  if (url === null) return;
  uriKey(text);
  assert.ok(url.port >= 1 && url.port <= 65_535 && url.host !== '');
  // What is sent as tcUrl is an address of the same server, without credentials.
  const again = parseTcUrl(url.tcUrl, url.stream);
  assert.deepEqual([again.scheme, again.host, again.port, again.user], [url.scheme, url.host, url.port, null]);
}

function readConfiguration(data: Uint8Array): void {
  const { values, errors, origin } = parseFile(textOf(data), 'sluice.yaml');
  for (const error of errors) assert.equal(typeof error, 'string');
  const parsed = settingsSchema.safeParse(values);
  for (const issue of parsed.error?.issues ?? []) origin(issue.path);
}

export const textTargets = {
  url: {
    run: readUrl,
    words: ['rtmp://', 'rtmps://', '@', ':1935', '[::1]', '%2f', '?', '#', '\\', 'mp4:', '。', '127.1', '\t'],
  },
  config: {
    run: never(readConfiguration),
    // The operator's own file, read once.
    maxMs: 1000,
    words: ['server:', '\n  ', '- ', '&a ', '*a', '<<: ', '!!', '"', '{', '[', '|'],
  },
} satisfies Record<string, FuzzTarget>;
