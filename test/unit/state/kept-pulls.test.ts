import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPulls, inOrder, parsePulls } from '../../../src/state/kept-pulls.js';
import type { PullRequest, WantedPull } from '../../../src/supervisor/pull-info.js';

const request = (name: string, origin: PullRequest['origin'] = 'rest'): PullRequest => ({
  uris: [`rtmp://user:pass@host/live/${name}`, `rtmp://other/live/${name}`],
  localStreamName: name,
  origin,
  record: false,
  hasAudio: true,
  hasVideo: false,
});
const wanted = (name: string, viewers: number, origin: PullRequest['origin'] = 'rest'): WantedPull => ({
  request: request(name, origin),
  client: origin === 'viewer' ? '10.0.0.1' : null,
  viewers,
});

test('what is wanted comes back as it was: sources, names, tracks, and who wants it', () => {
  const nameless = { ...request('x', 'viewer'), localStreamName: undefined };
  const all = [wanted('cam', 0), { request: nameless, client: '10.0.0.1', viewers: 0 }];
  assert.deepEqual(inOrder([], parsePulls(formatPulls(all)).pulls), [
    { request: request('cam'), client: null },
    { request: nameless, client: '10.0.0.1' },
  ]);
});

test('those with viewers start first, those of the configuration among them', () => {
  const kept = parsePulls(
    formatPulls([wanted('a', 0), wanted('b', 3), wanted('c', 7, 'config'), wanted('d', 1)]),
  ).pulls;
  const configured = [request('e', 'config'), request('c', 'config')];
  const names = inOrder(configured, kept).map((start) => start.request.localStreamName);
  assert.deepEqual(names, ['c', 'b', 'd', 'e', 'a']);
});

test('what the configuration wanted, and the demo, are not started for having been wanted', () => {
  assert.deepEqual(
    inOrder([], parsePulls(formatPulls([wanted('c', 1, 'config'), wanted('demo', 1, 'demo')])).pulls),
    [],
  );
});

test('a file that cannot be used is refused with its place, and without its secrets', () => {
  const cases: readonly [text: string, words: RegExp][] = [
    ['', /^it is not JSON$/],
    ['{"version":1,"pulls":[', /^it is not JSON$/],
    ['[]', /^the file is not as expected$/],
    ['{"version":2,"pulls":[]}', /^version is not as expected$/],
    [
      formatPulls([wanted('a', 1)]).replace('"rest"', '"rtmp://user:pass@host"'),
      /^pulls\.0\.wantedBy is not as expected$/,
    ],
  ];
  for (const [text, words] of cases) assert.throws(() => parsePulls(text), { message: words });
});
