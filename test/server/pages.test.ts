import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
});
after(() => stage.end());

const pages = [
  ['/', 'console.html', 'text/html; charset=utf-8'],
  ['/console.js', 'console.js', 'text/javascript; charset=utf-8'],
  ['/console.css', 'console.css', 'text/css; charset=utf-8'],
  ['/player', 'player.html', 'text/html; charset=utf-8'],
  ['/player.js', 'player.js', 'text/javascript; charset=utf-8'],
  ['/player.css', 'player.css', 'text/css; charset=utf-8'],
  ['/embed_player', 'embed.html', 'text/html; charset=utf-8'],
  ['/embed.js', 'embed.js', 'text/javascript; charset=utf-8'],
  ['/embed.css', 'embed.css', 'text/css; charset=utf-8'],
  ['/two_way_streaming', 'two-way.html', 'text/html; charset=utf-8'],
  ['/two-way.js', 'two-way.js', 'text/javascript; charset=utf-8'],
  ['/play/cam', 'play.html', 'text/html; charset=utf-8'],
  ['/embed/cam', 'play.html', 'text/html; charset=utf-8'],
  ['/play.js', 'play.js', 'text/javascript; charset=utf-8'],
  ['/play.css', 'play.css', 'text/css; charset=utf-8'],
  ['/api-docs', 'api-docs.html', 'text/html; charset=utf-8'],
  ['/api-docs.js', 'api-docs.js', 'text/javascript; charset=utf-8'],
  ['/api-docs.css', 'api-docs.css', 'text/css; charset=utf-8'],
  ['/swagger-ui-bundle.js', 'swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['/swagger-ui.css', 'swagger-ui.css', 'text/css; charset=utf-8'],
  ['/sluice-player.js', 'sluice-player.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
  ['/whep-client.js', 'whep-client.js', 'text/javascript; charset=utf-8'],
  ['/mse-client.js', 'mse-client.js', 'text/javascript; charset=utf-8'],
] as const;

for (const [path, file, type] of pages) {
  test(`${path} is ${type}, revalidated by its entity tag, and loads nothing from other hosts`, async () => {
    const answer = await stage.ask(`${path}?name=cam`);
    assert.deepEqual([answer.status, answer.body], [200, `the text of ${file}`]);
    assert.equal(answer.headers['content-type'], type);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.match(
      String(answer.headers['content-security-policy']),
      /default-src 'none'; script-src 'self'.*frame-ancestors ('self'|\*)$/,
    );
    const again = await stage.ask(path, { headers: { 'If-None-Match': String(answer.headers.etag) } });
    assert.deepEqual([again.status, again.body], [304, '']);
    const head = await stage.ask(path, { method: 'HEAD' });
    assert.deepEqual([head.body, head.headers['content-length']], ['', String(answer.body.length)]);
  });
}

const links = [
  ['player/player.html?urlServer=ws://h:8080&streamName=a%20b', '/player?urlServer=ws%3A%2F%2Fh%3A8080&streamName=a+b'],
  ['embed_player/player.html?streamName=cam&autoplay=true', '/embed_player?streamName=cam&autoplay=true'],
  ['two_way_streaming/two_way_streaming.html', '/two_way_streaming'],
] as const;
for (const [link, location] of links) {
  test(`the link of WCS to ${link} leads to ${location}`, async () => {
    const answer = await stage.ask(`/client2/examples/demo/streaming/${link}`);
    assert.deepEqual([answer.status, answer.headers.location], [302, location]);
  });
}

const connectSrcOf = async (one: ServerStage, path: string, headers: Record<string, string> = {}): Promise<unknown> => {
  const answer = await one.ask(path, { headers });
  return /connect-src ([^;]*);/.exec(String(answer.headers['content-security-policy']))?.[1];
};

test('pages connect to their own server alone, and the one that speaks signalling to any port of its host', async () => {
  assert.equal(await connectSrcOf(stage, '/embed_player'), "'self'");
  const Host = 'play.example:8081';
  assert.equal(
    await connectSrcOf(stage, '/two_way_streaming', { Host }),
    "'self' ws://play.example:* wss://play.example:*",
  );
  for (const odd of ["x; script-src 'unsafe-inline'", '[::1]:8081', 'a b']) {
    assert.equal(await connectSrcOf(stage, '/two_way_streaming', { Host: odd }), "'self'");
  }
});

test('server.playerServers lets pages play from other servers too', async (t) => {
  const open = await startStage({ settings: { server: { playerServers: ['wss://other.example:8443'] } } });
  t.after(() => open.end());
  const expected = "'self' wss://other.example:8443 https://other.example:8443";
  assert.equal(await connectSrcOf(open, '/embed_player'), expected);
});

test('pages of server.frameAncestors may hold ours in a frame', async (t) => {
  const framed = await startStage({ settings: { server: { frameAncestors: ['https://www.example.org'] } } });
  t.after(() => framed.end());
  const { headers } = await framed.ask('/player');
  assert.match(String(headers['content-security-policy']), /frame-ancestors 'self' https:\/\/www\.example\.org$/);
  const embedded = await framed.ask('/embed_player');
  assert.match(String(embedded.headers['content-security-policy']), /frame-ancestors \*$/);
});

test('files that are not listed are not served', async () => {
  assert.equal((await stage.ask('/../package.json')).status, 404);
  assert.equal((await stage.ask('/player.js.map')).status, 404);
});

test('the player is one file of less than 25 kB as it is sent, with none beside it but hls.js', () => {
  const script = readFileSync('.build/dist/web/sluice-player.js');
  assert.ok(gzipSync(script).length < 25_000, `${gzipSync(script).length} bytes by gzip`);
  assert.deepEqual(
    [...String(script).matchAll(/\bimport\(?\s*["']([^"']+)/g)].map(([, from]) => from),
    [],
  );
});
